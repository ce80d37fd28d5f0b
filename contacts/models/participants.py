"""Participants: who is in a contact, and, while they may come back, the sealed secrets with which they do."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import ParticipantRole
from contacts.models.contacts import Contact


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
    # Sealed by contacts.sealing; emptied when the contact is over.
    sealed_token = models.TextField(blank=True, editable=False)
    sealed_connection = models.TextField(blank=True, editable=False)
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
                | (models.Q(sealed_token="") & models.Q(sealed_connection="")),
                name="participant_gone_has_no_secrets",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.get_role_display()
