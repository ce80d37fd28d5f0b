"""Tables of forms whose fields have names of their own: the table's headings are none to a screen reader."""

from __future__ import annotations

from typing import Any

from django.forms.models import BaseInlineFormSet

from contacts.models import EntryPoint


class LabelledFormSet(BaseInlineFormSet[Any, EntryPoint, Any]):
    """Rows of an entry point's page, each field named as its column is."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each field."""
        super().add_fields(form, index)
        for field in form.fields.values():
            widget = getattr(
                field.widget, "widget", field.widget
            )  # related fields have one around
            widget.attrs["aria-label"] = field.label
