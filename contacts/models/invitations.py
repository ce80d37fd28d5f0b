"""Invitations: the places a call has for further people, each for one person with the link or added by the customer.

A place is kept until the invitation is revoked, or has expired unused; whether its guest is in the call just now is the
participants' affair. Of a link's token only the hash is stored.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import InvitationState, ParticipantRole
from contacts.models.contacts import Contact

PLACES = 4  # besides the agent and the first customer: Amazon Connect's calls have room for six


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters that read as adjectives."""

    def holding_places(self) -> InvitationQuerySet:
        """Those that somebody may use, or uses."""
        return self.filter(place__isnull=False)

    def expired_unused(self, *, at: datetime) -> InvitationQuerySet:
        """Those that nobody accepted in time."""
        return self.filter(accepted_at__isnull=True, expires_at__lte=at)

    def of_guest(self, guest_key_hash: str) -> InvitationQuerySet:
        """Those that the holder of a guest key accepted."""
        return self.filter(guest_key_hash=guest_key_hash)


class Invitation(models.Model):
    """One place in a contact, for one more person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("contact")
    )
    # Empty once it is over.
    place = models.PositiveSmallIntegerField(_("place"), null=True, blank=True)
    role = models.CharField(
        _("role"), max_length=16, choices=ParticipantRole, default=ParticipantRole.GUEST
    )
    video = models.BooleanField(_("video"), default=True)
    screen_share = models.BooleanField(_("screen share"), default=False)
    # Empty for somebody the customer added without a link.
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    guest_name = models.CharField(_("guest"), max_length=256, blank=True)
    guest_key_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001
    body_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "place"], name="invitation_place_once"),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(place__gte=1, place__lte=PLACES),
                name="invitation_place_exists",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_revoked_has_no_place",
            ),
            models.CheckConstraint(
                condition=Q(role=ParticipantRole.GUEST), name="invitation_is_for_a_guest"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=False) | Q(guest_key_hash="", guest_name=""),
                name="invitation_guest_has_accepted",
            ),
            models.CheckConstraint(
                condition=Q(token_hash__isnull=False) | Q(accepted_at__isnull=False),
                name="invitation_has_link_or_guest",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_lives"
            ),
            models.UniqueConstraint(
                fields=["contact", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="invitation_once_per_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return self.guest_name or str(self.pk)

    def state(self, *, at: datetime) -> InvitationState:
        """How far it has come; the call's own end is not looked at."""
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        return InvitationState.EXPIRED if self.expires_at <= at else InvitationState.OPEN
