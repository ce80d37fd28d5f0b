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
        "claimed_by",
        "finished_by",
    )
    list_filter = ("state", EntryPointFilter, "requested_at")
    list_select_related = ("entry_point", "claimed_by", "finished_by")
    search_fields = ("reference__iexact", "phone", "name")
    actions = ("claim", "release", "mark_done")
    fields = (
        ("reference", "state"),
        ("name", "phone"),
        "reason",
        ("preferred_at", "locale"),
        ("entry_point", "requested_at"),
        ("claimed_at", "claimed_by"),
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

    @admin.action(description=_("Claim: I call them"), permissions=["finish"])
    def claim(self, request: HttpRequest, queryset: QuerySet[CallbackRequest]) -> None:
        """Note that the chosen customers are called by this member of staff; what another has claimed stays theirs."""
        staff, at = staff_of(request), timezone.now()
        claimed = [
            one
            for one in queryset
            if operations.claim_callback(callback=one, by_user_id=staff.pk, at=at)
        ]
        for one in claimed:
            after = {"claimed_by": staff.get_username()}
            note_deed(by=staff, action=AuditAction.CHANGED, of=one, at=at, after=after)
        text = ngettext(
            "%(count)d callback is yours.", "%(count)d callbacks are yours.", len(claimed)
        )
        level = messages.SUCCESS if claimed else messages.INFO
        self.message_user(request, text % {"count": len(claimed)}, level)

    @admin.action(description=_("Release: somebody else calls them"), permissions=["finish"])
    def release(self, request: HttpRequest, queryset: QuerySet[CallbackRequest]) -> None:
        """Leave those of the chosen customers to the others whom this member of staff had claimed."""
        staff, released = staff_of(request), 0
        for one in queryset:
            if operations.release_callback(callback=one, by_user_id=staff.pk):
                before = {"claimed_by": staff.get_username()}
                at = timezone.now()
                note_deed(by=staff, action=AuditAction.CHANGED, of=one, at=at, before=before)
                released += 1
        text = ngettext("%(count)d callback released.", "%(count)d callbacks released.", released)
        self.message_user(request, text % {"count": released}, messages.INFO)

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
