"""Second factors in Django admin: who has one, and the way back in for who lost it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.admin.audit_log import Audited
from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import staff_of
from contacts.models import SecondFactor


@admin.register(SecondFactor)
class SecondFactorAdmin(Audited, ReadOnly, admin.ModelAdmin[SecondFactor]):
    """Deleting one resets it: its owner logs in by the first step alone, and sets another up if they must."""

    list_display = ("user", "created_at", "codes_left")
    search_fields = ("user__username__istartswith",)
    fields = ("user", "created_at", "codes_left")
    readonly_fields = ("codes_left",)

    @admin.display(description=_("recovery codes left"))
    def codes_left(self, factor: SecondFactor) -> int:
        """Count the recovery codes that were not used."""
        return factor.recovery_codes.count()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out one's own, which needs a code; superusers' are reset by superusers."""
        rows = super().get_queryset(request).select_related("user")
        staff = staff_of(request)
        others = rows.exclude(user=staff)
        return others if staff.is_superuser else others.filter(user__is_superuser=False)

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Owners may."""
        return staff_of(request).has_perm("contacts.delete_secondfactor")
