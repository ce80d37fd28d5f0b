"""Participants: who is in a contact, and, while they may come back, the sealed secrets with which they do."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import ParticipantRole
from contacts.models.contacts import Contact
from contacts.models.invitations import Invitation

# What whoever is gone holds.
NO_SECRETS = {
    "sealed_token": "",
    "sealed_connection": "",
    "sealed_connection_token": "",
    "connection_token_until": None,
}


class Participant(models.Model):
    """One person in a contact."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="participants", verbose_name=_("contact")
    )
    role = models.CharField(_("role"), max_length=16, choices=ParticipantRole)
    display_name = models.CharField(_("display name"), max_length=256, blank=True)
    # Amazon Connect's id of the participant; for an agent, the agent's ARN.
    connect_id = models.CharField(_("Amazon Connect id"), max_length=256, blank=True)
    # A guest's: the place they came on, the token Amazon Connect was asked with, and the contact it made for them.
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="participants",
        verbose_name=_("invitation"),
    )
    client_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    connect_contact_id = models.CharField(_("Amazon Connect contact"), max_length=256, blank=True)
    # Sealed by contacts.sealing; emptied when they are gone.
    sealed_token = models.TextField(blank=True, editable=False)
    sealed_connection = models.TextField(blank=True, editable=False)
    sealed_connection_token = models.TextField(blank=True, editable=False)
    connection_token_until = models.DateTimeField(null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=ParticipantRole.values), name="participant_role_known"
            ),
            models.UniqueConstraint(
                fields=["contact", "connect_id"],
                condition=~models.Q(connect_id=""),
                name="participant_unique_in_contact",
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(role=ParticipantRole.CUSTOMER),
                name="participant_one_customer_a_contact",
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True)
                | models.Q(
                    sealed_token="",
                    sealed_connection="",
                    sealed_connection_token="",
                    connection_token_until__isnull=True,
                ),
                name="participant_gone_has_no_secrets",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    role=ParticipantRole.GUEST,
                    invitation__isnull=False,
                    client_token__isnull=False,
                )
                | (~models.Q(role=ParticipantRole.GUEST) & models.Q(invitation__isnull=True)),
                name="participant_guest_has_a_place",
            ),
            models.UniqueConstraint(
                fields=["invitation"],
                condition=models.Q(left_at__isnull=True),
                name="participant_one_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.get_role_display()
