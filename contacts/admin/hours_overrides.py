"""Hours overrides in Django admin: every entry point's days with other hours, those to come first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import operations
from contacts.admin.audit_log import Audited
from contacts.admin.scope import EntryPointFilter, Scoped
from contacts.models import HoursOverride


class WhenFilter(admin.SimpleListFilter):
    """Shows what is to come, unless asked for all."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Name the other choice."""
        return [("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """Name what is shown without a choice."""
        first, *others = super().choices(changelist)
        return [{**first, "display": _("To come")}, *others]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HoursOverride]
    ) -> QuerySet[HoursOverride]:
        """Narrow the list."""
        if self.value() == "all":
            return queryset
        return queryset.filter(date__gte=timezone.localdate())


@admin.register(HoursOverride)
class HoursOverrideAdmin(Audited, Scoped, admin.ModelAdmin[HoursOverride]):
    """Days on which entry points keep other hours. Open pages are told at once."""

    list_display = ("date", "entry_point", "opens_at", "closes_at", "reason")
    list_filter = (WhenFilter, EntryPointFilter)
    list_select_related = ("entry_point",)
    search_fields = ("reason",)
    date_hierarchy = "date"
    fields = ("entry_point", "date", ("opens_at", "closes_at"), "reason")

    def save_model(
        self,
        request: HttpRequest,
        obj: HoursOverride,
        form: forms.ModelForm[HoursOverride],
        change: bool,
    ) -> None:
        """Save it, and have whoever looks at the entry point told."""
        super().save_model(request, obj, form, change)
        operations.ask_anew(entry_point=obj.entry_point, at=timezone.now())
