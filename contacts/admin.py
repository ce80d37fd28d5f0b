"""The contact centre's record in Django admin: entry points can be edited, contacts only read and ended, dead letters redriven."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.call_references import normal_reference
from contacts.callback_admin import CallbackRequestAdmin
from contacts.choices import EndedBy
from contacts.contact_inlines import CONTACT_INLINES
from contacts.entry_point_form import EntryPointForm
from contacts.errors import ConnectError
from contacts.identity_key_admin import IdentityKeyAdmin
from contacts.models import (
    Consent,
    Contact,
    DeadLetter,
    EntryPoint,
    Invitation,
)
from contacts.read_only_admin import ReadOnly

__all__ = ["CallbackRequestAdmin", "IdentityKeyAdmin"]  # registered where they are written

logger = logging.getLogger(__name__)

ENDED_AT_ONCE = (
    5  # calls that one request may have Amazon Connect end; more are left to the worker
)

admin.site.site_header = _("Connect Video Portal")
admin.site.site_title = _("Connect Video Portal")
admin.site.index_title = _("Video calls")


@admin.register(EntryPoint)
class EntryPointAdmin(admin.ModelAdmin[EntryPoint]):
    """Where customers call from."""

    list_display = ("name", "slug", "company", "is_open", "name_required")
    list_filter = ("is_open",)
    search_fields = ("name", "slug", "company")
    form = EntryPointForm
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "company", "name_required")}),
        (
            _("When it is open"),
            {
                "fields": (("is_open", "ignores_hours"), "busy_wait_s"),
                "description": _("Within the hours of operation of its queue, holidays included."),
            },
        ),
        (
            _("What a call may have besides sound"),
            {
                "fields": (
                    ("customer_video", "customer_screen_share"),
                    ("agent_video", "agent_screen_share"),
                )
            },
        ),
        (
            _("Before a call"),
            {"fields": ("custom_fields", "recording_notice", "consent_text")},
        ),
        (
            _("How it looks"),
            {
                "fields": (
                    "logo_upload",
                    "shows_company",
                    ("accent", "accent_dark", "corner_radius"),
                )
            },
        ),
        (_("In other websites"), {"fields": ("allowed_origins", "identity_rule")}),
        (
            _("Amazon Connect"),
            {"fields": ("connect_instance_id", "connect_contact_flow_id", "connect_queue_id")},
        ),
    )

    def save_model(self, request: HttpRequest, obj: EntryPoint, form: Any, change: bool) -> None:
        """Save, with the logo, publish a new wording of the consent, and have hours and figures asked for again."""
        super().save_model(request, obj, form, change)
        form.put_logo(at=timezone.now())
        Consent.objects.published(obj)
        operations.ask_anew(entry_point=obj, at=timezone.now())


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
    actions = ("end_calls", "revoke_invitations", "erase_data")
    inlines = CONTACT_INLINES
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
                    "consent",
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

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may erase personal data."""
        return request.user.has_perm("contacts.erase_contact")

    @admin.action(description=_("Erase personal data"), permissions=["erase"])
    def erase_data(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """Erase what says who the customers were; of calls under way, as soon as they are over."""
        erased = later = 0
        for contact in queryset:
            if operations.erase_contact(contact=contact, at=timezone.now()):
                erased += 1
            else:
                later += 1
        text = _("Erased: %(erased)d. To be erased once the call is over: %(later)d.")
        self.message_user(request, text % {"erased": erased, "later": later}, messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may end calls."""
        return request.user.has_perm("contacts.end_contact")

    @admin.action(description=_("Revoke invitations"), permissions=["end"])
    def revoke_invitations(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """Take back all invitations of the calls chosen; guests who are in one of them are taken out."""
        revoked = 0
        for invitation in Invitation.objects.holding_places().filter(contact__in=queryset):
            operations.revoke_invitation(invitation=invitation, clock=timezone.now, later=True)
            revoked += 1
        summary = ngettext(
            "%(count)d invitation revoked.", "%(count)d invitations revoked.", revoked
        )
        self.message_user(
            request, summary % {"count": revoked}, messages.SUCCESS if revoked else messages.INFO
        )

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


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnly, admin.ModelAdmin[DeadLetter]):
    """What was refused as a contact event, and why. What it says is shown to nobody, as nobody knows what it holds."""

    list_display = ("last_received_at", "reason", "route", "times", "size", "redriven_at")
    list_filter = ("route", "last_received_at")
    search_fields = ("reason",)
    actions = ("redrive",)
    fields = (
        "reason",
        ("route", "size", "times"),
        ("first_received_at", "last_received_at", "redriven_at"),
    )

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether the member of staff may give them up."""
        return request.user.has_perm("contacts.delete_deadletter")

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may have them taken in again."""
        return request.user.has_perm("contacts.redrive_deadletter")

    @admin.action(description=_("Redrive"), permissions=["redrive"])
    def redrive(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Take the chosen in again, and tell how many can still not be."""
        taken = refused = 0
        for letter in queryset.order_by("first_received_at"):
            if self._is_taken(letter):
                taken += 1
            else:
                refused += 1
        if taken:
            text = ngettext("%(count)d event taken in.", "%(count)d events taken in.", taken)
            self.message_user(request, text % {"count": taken}, messages.SUCCESS)
        if refused:
            text = ngettext(
                "%(count)d letter is still refused.",
                "%(count)d letters are still refused.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, messages.ERROR)

    def _is_taken(self, letter: DeadLetter) -> bool:
        try:
            return operations.redrive_dead_letter(letter=letter, at=timezone.now())
        except DatabaseError:  # it can be read, and cannot be applied
            logger.warning("redrive_failed", exc_info=True)
            return False
