"""The queue of customers who want to be called, for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.access import sees_personal_data
from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import EntryPointFilter, Scoped, staff_of
from contacts.audit import note_deed, note_viewing
from contacts.choices import AuditAction
from contacts.models import CallbackRequest


@admin.register(CallbackRequest)
class CallbackRequestAdmin(Scoped, ReadOnly, admin.ModelAdmin[CallbackRequest]):
    """Who wants to be called, the longest waiting first."""

    list_display = (
        "requested_at",
        "state",
        "number",
        "caller",
        "preferred_at",
        "entry_point",
        "reference",
        "finished_by",
    )
    list_filter = ("state", EntryPointFilter, "requested_at")
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

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Let people be found by number and name by who may see these."""
        return self.search_fields if sees_personal_data(request.user) else ("reference__iexact",)

    @admin.display(description=_("phone number"))
    def number(self, callback: CallbackRequest) -> str:
        """Show the number. No column to sort by: the order would tell who may not know."""
        return callback.phone

    @admin.display(description=_("name"))
    def caller(self, callback: CallbackRequest) -> str:
        """Show the name, as the number."""
        return callback.name

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show it, and keep who looked."""
        response = super().change_view(request, object_id, form_url, extra_context)
        shown = CallbackRequest.objects.filter(pk=unquote(object_id)).first()
        if response.status_code == 200 and shown and sees_personal_data(request.user):
            note_viewing(by=staff_of(request), of=shown, at=timezone.now())
        return response

    def has_finish_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may finish them."""
        return request.user.has_perm("contacts.finish_callbackrequest")

    @admin.action(description=_("Done"), permissions=["finish"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[CallbackRequest]) -> None:
        """Note that the chosen customers were called."""
        staff, done = staff_of(request), 0
        for callback in queryset:
            if operations.finish_callback(
                callback=callback, by_user_id=staff.pk, at=timezone.now()
            ):
                note_deed(by=staff, action=AuditAction.FINISHED, of=callback, at=timezone.now())
                done += 1
        text = ngettext("%(count)d callback done.", "%(count)d callbacks done.", done)
        level = messages.SUCCESS if done else messages.INFO
        self.message_user(request, text % {"count": done}, level)
