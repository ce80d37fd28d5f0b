"""What Django admin shows below a contact: its timeline, its people and their places, its references and its survey."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactEvent, Invitation, Participant, Reference, Survey
from contacts.read_only_admin import ReadOnly


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


class InvitationInline(ReadOnly, admin.TabularInline[Invitation, Contact]):
    """Whom the customer invited. The links' hashes are no fields of it."""

    model = Invitation
    fields = ("place", "guest_name", "created_at", "expires_at", "accepted_at", "revoked_at")
    extra = 0


class SurveyInline(ReadOnly, admin.StackedInline[Survey, Contact]):
    """What the customer thought of the call."""

    model = Survey
    fields = ("rating", "technical_problem", "comment", "submitted_at")
    extra = 0


CONTACT_INLINES = (
    TimelineInline,
    ParticipantInline,
    InvitationInline,
    ReferenceInline,
    SurveyInline,
)
