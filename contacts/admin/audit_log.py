"""The audit log in Django admin, and what writes it for whatever is edited there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import staff_of
from contacts.audit import note_deed
from contacts.choices import AuditAction
from contacts.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin[AuditEntry]):
    """What staff looked at and did, newest first. Nobody edits it, not even a superuser."""

    list_display = ("at", "actor", "action", "kind", "object_name", "changes")
    list_filter = ("action", "at")
    search_fields = ("actor__iexact", "object_name__iexact", "object_id__exact")
    search_help_text = _("A member of staff, or the reference, name or id of what it was done to.")
    show_full_result_count = False
    list_per_page = 50
    fields = (
        ("at", "actor", "actor_id"),
        ("action", "kind"),
        ("object_name", "object_id"),
        "before",
        "after",
    )

    @admin.display(description=_("changes"))
    def changes(self, entry: AuditEntry) -> str:
        """Name the fields that changed."""
        return ", ".join(entry.after or entry.before)


class Audited:
    """Keeps what is added, changed and deleted in an admin, with the values before and after."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Keep that it was added, in the audit log too."""
        self._note(request, AuditAction.ADDED, obj, after=_values(obj))
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool
    ) -> None:
        """Save it, and keep what it was before."""
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        if change and form.changed_data:
            self._note(
                request,
                AuditAction.CHANGED,
                obj,
                before={name: _plain(form.initial.get(name)) for name in form.changed_data},
                after={name: _plain(form.cleaned_data.get(name)) for name in form.changed_data},
            )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete it, and keep what it was."""
        self._note(request, AuditAction.DELETED, obj, before=_values(obj))
        super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete them, and keep what each was."""
        for one in queryset:
            self._note(request, AuditAction.DELETED, one, before=_values(one))
        super().delete_queryset(request, queryset)  # type: ignore[misc]

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[Any], formsets: Any, change: bool
    ) -> None:
        """Save what belongs to it, and keep what was added and taken away."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        for formset in formsets:
            added, gone = map(str, formset.new_objects), map(str, formset.deleted_objects)
            name = str(formset.model._meta.verbose_name_plural)
            before: list[Any] = [*gone, *(_given(one.initial, one) for one in _edited(formset))]
            after: list[Any] = [
                *added,
                *(_given(one.cleaned_data, one) for one in _edited(formset)),
            ]
            if before or after:
                values = {"before": {name: before}, "after": {name: after}}
                self._note(request, AuditAction.CHANGED, form.instance, **values)

    def _note(self, request: HttpRequest, action: AuditAction, obj: Model, **values: Any) -> None:
        note_deed(by=staff_of(request), action=action, of=obj, at=timezone.now(), **values)


def _edited(formset: Any) -> list[Any]:
    """Return the forms of rows that were there before and hold something else now."""
    deleted = {obj.pk for obj in formset.deleted_objects}
    return [
        one
        for one in formset.initial_forms
        if one.has_changed() and one.instance.pk not in deleted
    ]


def _given(values: Mapping[str, Any], form: Any) -> dict[str, Any]:
    return {name: _plain(values.get(name)) for name in form.changed_data} | {
        "id": form.instance.pk
    }


def _values(obj: Model) -> dict[str, Any]:
    """Return the fields that are edited; secrets are not."""
    return {
        field.name: _plain(field.value_from_object(obj))
        for field in obj._meta.concrete_fields
        if field.editable and not field.primary_key
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, Model):
        return value.pk
    return (
        value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
    )
