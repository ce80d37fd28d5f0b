"""The queue of customers who want to be called, for staff."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.models import CallbackRequest
from contacts.read_only_admin import ReadOnly


@admin.register(CallbackRequest)
class CallbackRequestAdmin(ReadOnly, admin.ModelAdmin[CallbackRequest]):
    """Who wants to be called, the longest waiting first."""

    list_display = (
        "requested_at",
        "state",
        "phone",
        "name",
        "preferred_at",
        "entry_point",
        "reference",
        "finished_by",
    )
    list_filter = ("state", "entry_point", "requested_at")
    list_select_related = ("entry_point", "finished_by")
    search_fields = ("reference__iexact", "phone", "name")
    actions = ("mark_done",)
    fields = (
        ("reference", "state"),
        ("name", "phone"),
        "reason",
        ("preferred_at", "locale"),
        ("entry_point", "requested_at"),
        ("finished_at", "finished_by"),
    )

    def has_finish_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may finish them."""
        return request.user.has_perm("contacts.finish_callbackrequest")

    @admin.action(description=_("Done"), permissions=["finish"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[CallbackRequest]) -> None:
        """Note that the chosen customers were called."""
        done = sum(
            operations.finish_callback(
                callback=callback, by_user_id=request.user.pk, at=timezone.now()
            )
            for callback in queryset
        )
        text = ngettext("%(count)d callback done.", "%(count)d callbacks done.", done)
        level = messages.SUCCESS if done else messages.INFO
        self.message_user(request, text % {"count": done}, level)
