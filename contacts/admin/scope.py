"""What every admin page of the domain shares: staff find only what their entry points are about, and names only if they may."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.access import entry_points_of_staff, sees_personal_data
from contacts.masking import is_personal, masked
from contacts.models import EntryPoint


def staff_of(request: HttpRequest) -> User:
    """Return who is logged in to the admin."""
    return cast(User, request.user)  # admin lets nobody else this far


class Masked:
    """Shows personal data to who may see it, and to nobody else, nor lets rows be found by it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows, masked for who may not see personal data."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows if sees_personal_data(request.user) else masked(rows)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether rows may be found by it; what is hidden could be guessed by finding."""
        if is_personal(self.model, lookup) and not _may_find(request, lookup):  # type: ignore[attr-defined]
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]
        return allowed


class Scoped(Masked):
    """Shows the rows of the entry points that the member of staff was granted."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of their entry points."""
        rows = super().get_queryset(request)
        if staff_of(request).has_perm("contacts.see_every_entrypoint"):
            return rows
        granted = entry_points_of_staff(request.user)
        return rows.filter(entry_point__in=list(granted.values_list("pk", flat=True)))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer only their entry points."""
        if db_field.related_model is EntryPoint:
            kwargs["queryset"] = entry_points_of_staff(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class EntryPointFilter(admin.SimpleListFilter):
    """Narrows a list to one of the entry points that the member of staff was granted."""

    title = _("entry point")
    parameter_name = "entry_point"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        """Name them."""
        return [(one.slug, one.name) for one in entry_points_of_staff(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Narrow the list."""
        return queryset.filter(entry_point__slug=self.value()) if self.value() else queryset


def _may_find(request: HttpRequest, lookup: str) -> bool:
    is_secret = lookup.partition("__")[0].endswith(("_hash", "_key"))
    return not is_secret and sees_personal_data(request.user)
