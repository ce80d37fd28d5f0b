"""Shapes of requests and answers about the people of a call: invitations, participants, guests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from contacts.api.serializers import ContactSerializer, TextField
from contacts.choices import InvitationState, ParticipantRole
from contacts.models import Invitation
from contacts.operations import token_of
from contacts.snapshots import timestamp


class InviteSerializer(serializers.Serializer[Any]):
    """A wish to invite somebody."""

    expires_in_s = serializers.IntegerField(
        required=False, help_text="After which the link, if nobody used it, is void; 60 to 86,400."
    )


class AddParticipantSerializer(serializers.Serializer[Any]):
    """A wish to add somebody at once."""

    name = TextField(required=False, allow_blank=True, help_text="At most 256 characters.")


class AcceptSerializer(serializers.Serializer[Any]):
    """A guest who takes the place a link offers."""

    token = TextField(help_text="The last part of the link.")
    name = TextField(required=False, allow_blank=True, help_text="At most 256 characters.")


class AdmitSerializer(serializers.Serializer[Any]):
    """A guest who wants in."""

    renew = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Give up the connection there is, which Amazon Connect has let expire, for another.",
    )


class InvitationSerializer(serializers.Serializer[Any]):
    """One of the call's places. Documents the answer; `invitation_shown` makes it."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(ParticipantRole.choices)
    state = serializers.ChoiceField(InvitationState.choices)
    name = serializers.CharField(help_text="The guest's, once there is one.")
    link = serializers.URLField(allow_null=True, help_text="While nobody has used it.")
    in_call = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class InvitationListSerializer(serializers.Serializer[Any]):
    """The call's invitations, oldest first, and how many places are left."""

    data = InvitationSerializer(many=True)  # type: ignore[assignment]
    places = serializers.IntegerField()
    places_left = serializers.IntegerField()


class AddedParticipantSerializer(InvitationSerializer):
    """Somebody added, with what they join with."""

    connection = serializers.DictField(
        help_text="Meeting and Attendee, as the Chime SDK takes them."
    )


class GuestSerializer(ContactSerializer):
    """What a guest sees of the call; its id is their invitation's."""


def invitation_shown(request: Request, invitation: Invitation, *, at: datetime) -> dict[str, Any]:
    """Return an invitation as the customer who made it sees it. Reads its participants."""
    token = token_of(invitation=invitation, at=at)
    path = None if token is None else reverse("join", args=[token])
    return {
        "id": str(invitation.pk),
        "role": invitation.role,
        "state": invitation.state(at=at),
        "name": invitation.guest_name,
        "link": None if path is None else request.build_absolute_uri(path),
        "in_call": any(one.left_at is None for one in invitation.participants.all()),
        "created_at": timestamp(invitation.created_at),
        "expires_at": timestamp(invitation.expires_at),
        "accepted_at": timestamp(invitation.accepted_at),
        "revoked_at": timestamp(invitation.revoked_at),
    }
