"""Contacts: one row per call, with its place in the order of states and its version.

The row's state changes by one conditional UPDATE that the database decides, here, or under the row's lock, in
`contacts.operations.locked_contacts`; `version` grows by one with each change that somebody may see.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import (
    OVER_STATES,
    WAITING_STATES,
    ContactState,
    EndedBy,
    EndReason,
    QualityBand,
)
from contacts.models.entry_points import EntryPoint
from contacts.models.partners import Partner


class ContactQuerySet(models.QuerySet["Contact"]):
    """Filters that read as adjectives."""

    def active(self) -> ContactQuerySet:
        """Those that are not over."""
        return self.exclude(state__in=OVER_STATES)

    def waiting(self) -> ContactQuerySet:
        """Those that no agent has answered yet and that nobody wants ended."""
        return self.filter(state__in=WAITING_STATES, end_requested_at__isnull=True)

    def left_by_customer(self, *, before: datetime) -> ContactQuerySet:
        """Those that wait though their customer's page has been gone since `before`."""
        return self.waiting().filter(customer_left_at__lte=before)

    def due_for_place(self, *, asked_before: datetime) -> ContactQuerySet:
        """Those whose place in the queue should be asked for, the one asked for longest ago first."""
        asked_long_ago = Q(queue_asked_at__isnull=True) | Q(queue_asked_at__lte=asked_before)
        return (
            self.waiting()
            .filter(asked_long_ago, state=ContactState.QUEUED)
            .order_by(F("queue_asked_at").asc(nulls_first=True), "queued_at", "pk")
        )

    def to_erase(self, *, ended_before: datetime) -> ContactQuerySet:
        """Those that ended so long ago, or whose customer wants it, and that still say who the customer was."""
        due = Q(ended_at__lte=ended_before) | Q(erase_requested_at__isnull=False)
        return self.filter(due, state__in=OVER_STATES, erased_at__isnull=True)

    def of_partner(self, partner: Partner, *, is_test: bool) -> ContactQuerySet:
        """Those that belong to a partner: its tests, or all the others."""
        return self.filter(partner=partner, is_test=is_test)

    def of_customer(self, customer_key_hash: str) -> ContactQuerySet:
        """Those that the holder of a customer key started."""
        return self.filter(customer_key_hash=customer_key_hash)


class Contact(models.Model):
    """One call of a customer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        _("reference"), max_length=9, unique=True, help_text=_("What people quote.")
    )
    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.PROTECT,
        db_index=False,  # contact_of_entry_point
        related_name="contacts",
        verbose_name=_("entry point"),
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # contact_of_partner
        related_name="contacts",
        verbose_name=_("partner"),
        help_text=_("Whose call it is: the partner that started it, or its entry point's."),
    )
    is_test = models.BooleanField(
        _("test"),
        default=False,
        db_default=False,
        help_text=_(
            "Started with a test key: an embedded contact centre has it, and no real one."
        ),
    )
    state = models.CharField(
        _("state"), max_length=16, choices=ContactState, default=ContactState.REQUESTED
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    end_reason = models.CharField(_("end reason"), max_length=24, choices=EndReason, blank=True)
    on_hold = models.BooleanField(_("on hold"), default=False)

    # What the customer asked for.
    name = models.CharField(_("name"), max_length=256, blank=True)
    description = models.TextField(_("description"), max_length=4096, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    identity_subject = models.CharField(
        _("signed identity"),
        max_length=255,
        blank=True,
        help_text=_("Who the company says the customer is. Empty: an anonymous customer."),
    )
    locale = models.CharField(_("locale"), max_length=35, blank=True)
    consent = models.ForeignKey(
        "contacts.Consent",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("consent"),
        help_text=_("The version the caller agreed to when they asked for the call."),
    )
    customer_video = models.BooleanField(_("customer video"), default=False)
    customer_screen_share = models.BooleanField(_("customer screen share"), default=False)
    agent_video = models.BooleanField(_("agent video"), default=False)
    agent_screen_share = models.BooleanField(_("agent screen share"), default=False)
    related_contact = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="later_contacts",
        verbose_name=_("related contact"),
    )

    partner_notes = models.TextField(_("partner's notes"), max_length=4096, blank=True)

    # What its list is narrowed by; of how good it was CallQuality knows more.
    queue_id = models.CharField(
        _("queue"),
        max_length=256,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where it waited first."),
    )
    quality_band = models.CharField(
        _("quality"), max_length=8, choices=QualityBand, blank=True, default="", db_default=""
    )
    had_video = models.BooleanField(_("had video"), default=False, db_default=False)
    had_share = models.BooleanField(_("had a shared screen"), default=False, db_default=False)
    had_guests = models.BooleanField(_("had guests"), default=False, db_default=False)

    # Its place in the queue, the head being 1, as Amazon Connect last told it.
    queue_position = models.PositiveIntegerField(_("position in queue"), null=True, blank=True)
    queue_wait_s = models.PositiveIntegerField(_("estimated wait, s"), null=True, blank=True)
    queue_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The customer's page: when it last showed itself, and since when it is gone. Both empty if there never was one.
    customer_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    customer_left_at = models.DateTimeField(null=True, blank=True, editable=False)

    # When Amazon Connect was last asked about it because nothing had been heard.
    asked_about_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Who asked, and which request it was.
    customer_key_hash = models.CharField(max_length=64, db_index=True, editable=False)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, null=True, blank=True)  # noqa: DJ001
    body_hash = models.CharField(max_length=64, blank=True, editable=False)
    # The same of a partner's request: its idempotency keys are its own, whoever becomes the contact's customer.
    partner_request_hash = models.CharField(
        max_length=64, null=True, blank=True, unique=True, editable=False
    )

    # Amazon Connect's side.
    client_token = models.UUIDField(
        _("client token"), default=uuid.uuid4, unique=True, editable=False
    )
    connect_instance_id = models.CharField(
        _("Amazon Connect instance"), max_length=100, blank=True
    )
    connect_contact_id = models.CharField(
        _("Amazon Connect contact"), max_length=256, null=True, blank=True, unique=True
    )

    requested_at = models.DateTimeField(_("requested at"), db_index=True)
    initiated_at = models.DateTimeField(_("initiated at"), null=True, blank=True)
    queued_at = models.DateTimeField(_("queued at"), null=True, blank=True)
    connected_at = models.DateTimeField(_("connected at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_requested_at = models.DateTimeField(_("end requested at"), null=True, blank=True)
    end_requested_by = models.CharField(
        _("end requested by"), max_length=16, choices=EndedBy, blank=True
    )
    # What says who the customer was and what they wanted is gone since then, or is to go once the call is over.
    erase_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)
    failure_code = models.CharField(_("failure"), max_length=40, blank=True)
    failure_detail = models.CharField(_("cause of the failure"), max_length=1000, blank=True)
    notes = models.TextField(
        _("notes"), max_length=4000, blank=True, help_text=_("What staff note about the call.")
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-requested_at", "id"]
        permissions = [
            ("end_contact", _("Can end a call")),
            ("erase_contact", _("Can erase personal data of a call")),
            ("export_contact", _("Can export calls")),
            ("view_personal_data", _("Can see who customers are and what they said")),
        ]
        indexes = [
            models.Index(
                fields=["state", "requested_at"],
                condition=~Q(state__in=OVER_STATES),
                name="contact_active",
            ),
            # Of staff who were granted some entry points, in the order that they see.
            models.Index(
                fields=["entry_point", "requested_at", "id"], name="contact_of_entry_point"
            ),
            models.Index(
                fields=["identity_subject"],
                condition=~Q(identity_subject=""),
                name="contact_of_identity",
            ),
            models.Index(
                fields=["partner", "-requested_at", "id"],
                condition=Q(partner__isnull=False),
                name="contact_of_partner",
            ),
            models.Index(  # a few among many, which would be searched one by one
                fields=["partner", "-requested_at", "id"],
                condition=Q(is_test=True),
                name="contact_test_of_partner",
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(state__in=OVER_STATES, erased_at__isnull=True),
                name="contact_to_erase",
            ),
            # What staff narrow the list by and few calls are, in the order that they see.
            models.Index(
                fields=["queue_id", "requested_at", "id"],
                condition=~Q(queue_id=""),
                name="contact_of_queue",
            ),
            models.Index(
                fields=["quality_band", "requested_at", "id"],
                condition=~Q(quality_band=""),
                name="contact_of_quality",
            ),
            models.Index(
                fields=["state", "requested_at", "id"],
                condition=Q(connected_at__isnull=True),
                name="contact_unanswered",
            ),
            *(
                models.Index(
                    fields=["requested_at", "id"],
                    condition=Q(**{f"had_{what}": True}),
                    name=f"contact_with_{what}",
                )
                for what in ("video", "share", "guests")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ContactState.values), name="contact_state_known"
            ),
            models.CheckConstraint(
                condition=Q(end_reason__in=["", *EndReason.values]),
                name="contact_end_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(state__in=OVER_STATES),
                name="contact_end_reason_when_over",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OVER_STATES, ended_at__isnull=False)
                | (~Q(state__in=OVER_STATES) & Q(ended_at__isnull=True)),
                name="contact_over_has_end_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ContactState.REQUESTED, ContactState.FAILED])
                | (Q(connect_contact_id__isnull=False) & Q(initiated_at__isnull=False)),
                name="contact_under_way_is_known_to_connect",
            ),
            models.CheckConstraint(
                condition=Q(state=ContactState.FAILED) ^ Q(failure_code=""),
                name="contact_failed_has_cause",
            ),
            models.CheckConstraint(
                condition=Q(end_requested_at__isnull=True, end_requested_by="")
                | (Q(end_requested_at__isnull=False) & ~Q(end_requested_by="")),
                name="contact_end_request_whole",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="contact_version_positive"),
            models.CheckConstraint(
                condition=Q(quality_band__in=["", *QualityBand.values]),
                name="contact_quality_band_known",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    state__in=OVER_STATES,
                    name="",
                    description="",
                    partner_notes="",
                    partner_request_hash__isnull=True,
                    identity_subject="",
                    customer_key_hash="",
                    idempotency_key__isnull=True,
                    body_hash="",
                ),
                name="contact_erased_says_nothing",
            ),
            models.UniqueConstraint(
                fields=["customer_key_hash", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="contact_once_per_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to it."""
        return ContactState(self.state).is_over

    def lock(self) -> Contact:
        """Lock the row until the transaction ends, and return it as it is now.

        Whatever writes a call's other rows does this first: so all locks are taken in one order, nobody waits in a circle,
        and what was read before is looked at again. PostgreSQL locks the row, and lets others point to it meanwhile;
        SQLite's transaction has locked the database.
        """
        return Contact.objects.select_for_update(no_key=True).get(pk=self.pk)

    def advance(self, state: ContactState, **changes: Any) -> bool:
        """Enter `state` unless the contact is already there or beyond. State, version and `changes` are then as in the row.

        So is whether somebody wants it ended. `changes` are further columns to set in the same UPDATE. Returns whether this
        call made the change.
        """
        before = Contact.objects.filter(pk=self.pk, state__in=state.predecessors())
        version = self.version + 1
        as_read = before.filter(version=self.version, end_requested_at=self.end_requested_at)
        if as_read.update(state=state, version=version, **changes) == 1:
            # Nobody has changed what is seen of it since it was read: what it is now need not be read.
            for name, value in (changes | {"state": state.value, "version": version}).items():
                setattr(self, name, value)
            return True
        changed = before.update(state=state, version=F("version") + 1, **changes) == 1
        self.refresh_from_db()
        return changed

    def bump_version(self) -> None:
        """Count a visible change that entered no new state. What is seen of it is then as in the row."""
        row, version = Contact.objects.filter(pk=self.pk), self.version + 1
        if row.filter(version=self.version).update(version=version) == 1:
            self.version = version
            return
        row.update(version=F("version") + 1)
        self.refresh_from_db()

    def request_end(self, *, by: EndedBy, at: datetime) -> bool:
        """Store that somebody wants it ended. Returns whether this call was the first to."""
        first = (
            Contact.objects.filter(
                pk=self.pk,
                end_requested_at__isnull=True,
                state__in=ContactState.ENDED.predecessors(),
            ).update(end_requested_at=at, end_requested_by=by)
            == 1
        )
        self.refresh_from_db()
        return first
