"""What Django admin shows below a contact: its people and their places, its references and its survey."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import Masked, staff_of
from contacts.models import Contact, Invitation, Participant, Reference, Survey


class PartOfContact(Masked, ReadOnly):
    """Whoever may see a contact may see what belongs to it."""

    def has_view_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether they may see contacts."""
        return staff_of(request).has_perm("contacts.view_contact")


class ParticipantInline(PartOfContact, admin.TabularInline[Participant, Contact]):
    """Who was in the contact. The sealed secrets are no fields of it."""

    model = Participant
    fields = ("role", "display_name", "connect_id", "joined_at", "left_at")
    extra = 0


class ReferenceInline(PartOfContact, admin.TabularInline[Reference, Contact]):
    """What the agent was shown with the contact."""

    model = Reference
    fields = ("key", "type", "value")
    extra = 0


class InvitationInline(PartOfContact, admin.TabularInline[Invitation, Contact]):
    """Whom the customer invited. The links' hashes are no fields of it."""

    model = Invitation
    fields = ("place", "guest_name", "created_at", "expires_at", "accepted_at", "revoked_at")
    extra = 0


class SurveyInline(PartOfContact, admin.StackedInline[Survey, Contact]):
    """What the customer thought of the call."""

    model = Survey
    fields = ("rating", "technical_problem", "comment", "submitted_at")
    extra = 0


CONTACT_INLINES = (
    ParticipantInline,
    InvitationInline,
    ReferenceInline,
    SurveyInline,
)
