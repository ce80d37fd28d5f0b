"""The contact centre's record in Django admin: entry points can be edited, contacts only read and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.call_references import normal_reference
from contacts.choices import EndedBy
from contacts.errors import ConnectError
from contacts.models import Contact, ContactEvent, EntryPoint, Participant, Reference

ENDED_AT_ONCE = (
    5  # calls that one request may have Amazon Connect end; more are left to the worker
)

admin.site.site_header = _("Connect Video Portal")
admin.site.site_title = _("Connect Video Portal")
admin.site.index_title = _("Video calls")


class ReadOnly:
    """What happened cannot be edited, added to or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody deletes."""
        return False


class TimelineInline(ReadOnly, admin.TabularInline[ContactEvent, Contact]):
    """Everything that happened to the contact, with its time and who said so."""

    model = ContactEvent
    verbose_name_plural = _("timeline")
    fields = ("occurred_at", "type", "source", "state", "version", "received_at", "detail")
    ordering = ("occurred_at", "id")
    extra = 0


class ParticipantInline(ReadOnly, admin.TabularInline[Participant, Contact]):
    """Who was in the contact. The sealed secrets are no fields of it."""

    model = Participant
    fields = ("role", "display_name", "connect_id", "joined_at", "left_at")
    extra = 0


class ReferenceInline(ReadOnly, admin.TabularInline[Reference, Contact]):
    """What the agent was shown with the contact."""

    model = Reference
    fields = ("key", "type", "value")
    extra = 0


@admin.register(EntryPoint)
class EntryPointAdmin(admin.ModelAdmin[EntryPoint]):
    """Where customers call from."""

    list_display = ("name", "slug", "company", "is_open", "name_required")
    list_filter = ("is_open",)
    search_fields = ("name", "slug", "company")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "company", "is_open", "name_required")}),
        (
            _("What a call may have besides sound"),
            {
                "fields": (
                    ("customer_video", "customer_screen_share"),
                    ("agent_video", "agent_screen_share"),
                )
            },
        ),
        (_("Amazon Connect"), {"fields": ("connect_instance_id", "connect_contact_flow_id")}),
    )


@admin.register(Contact)
class ContactAdmin(ReadOnly, admin.ModelAdmin[Contact]):
    """Every call, newest first, with all that happened to it."""

    list_display = (
        "reference",
        "state",
        "name",
        "entry_point",
        "requested_at",
        "connected_at",
        "ended_at",
        "end_reason",
    )
    list_filter = ("state", "end_reason", "failure_code", "entry_point", "requested_at")
    list_select_related = ("entry_point",)
    search_fields = ("reference__iexact", "id__iexact", "connect_contact_id__iexact", "name")
    date_hierarchy = "requested_at"
    show_full_result_count = False
    list_per_page = 50
    actions = ("end_calls",)
    inlines = (TimelineInline, ParticipantInline, ReferenceInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reference", "state", "version"),
                    ("entry_point", "name"),
                    ("end_reason", "failure_code"),
                    "failure_detail",
                )
            },
        ),
        (
            _("Times"),
            {
                "fields": (
                    "requested_at",
                    "initiated_at",
                    "queued_at",
                    "connected_at",
                    "ended_at",
                    ("end_requested_at", "end_requested_by"),
                )
            },
        ),
        (
            _("What the customer asked for"),
            {
                "fields": (
                    "description",
                    "attributes",
                    "locale",
                    ("customer_video", "customer_screen_share"),
                    ("agent_video", "agent_screen_share"),
                    "related_contact",
                )
            },
        ),
        (
            _("Amazon Connect"),
            {"fields": ("connect_instance_id", "connect_contact_id", "client_token")},
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """Search; a reference is found however it is typed."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return found | queryset.filter(reference=normal_reference(search_term)), duplicates

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may end calls."""
        return request.user.has_perm("contacts.end_contact")

    @admin.action(description=_("End call"), permissions=["end"])
    def end_calls(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """End the calls chosen that are not over, and tell which could not be."""
        ended = 0
        chosen = list(queryset.select_related("entry_point").active())  # type: ignore[attr-defined]
        later = len(chosen) > ENDED_AT_ONCE
        for contact in chosen:
            try:
                operations.end_call(
                    contact=contact, by=EndedBy.STAFF, clock=timezone.now, later=later
                )
            except ConnectError as error:
                text = _("%(reference)s could not be ended: %(code)s")
                values = {"reference": contact.reference, "code": error.code}
                self.message_user(request, text % values, messages.ERROR)
            else:
                ended += 1
        summary = ngettext(
            "%(count)d call ended or being ended.", "%(count)d calls ended or being ended.", ended
        )
        self.message_user(
            request, summary % {"count": ended}, messages.SUCCESS if ended else messages.INFO
        )
