"""The endpoints with which a customer brings further people into their own call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import extend_schema

from contacts import operations
from contacts.api.callers import open_to_partners
from contacts.api.own_contacts import REPEATABLE, UNSEEN, idempotency_key_of, own_contact
from contacts.api.people_shapes import (
    AddedParticipantSerializer,
    AddParticipantSerializer,
    InvitationListSerializer,
    InvitationSerializer,
    InviteSerializer,
    invitation_shown,
)
from contacts.api.serializers import (
    ParticipantListSerializer,
    ParticipantSerializer,
    ProblemSerializer,
)
from contacts.api.throttling import PeopleThrottle
from contacts.choices import Scope
from contacts.models import PLACES, Contact, Invitation, Participant
from contacts.snapshots import participant_snapshot_of, snapshot_of


@open_to_partners(GET=Scope.CONTACTS_READ, POST=Scope.INVITATIONS_WRITE)
class InvitationListView(APIView):
    """The invitations of one contact, for its owner."""

    def get_throttles(self) -> list[Any]:
        """Limit the making of them."""
        return [PeopleThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="list_invitations",
        responses={200: InvitationListSerializer, 404: ProblemSerializer},
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return all invitations of the call, with the links that nobody has used yet."""
        contact = own_contact(request, contact_id)
        at = timezone.now()
        return Response(
            {
                "data": [
                    invitation_shown(request, one, at=at)
                    for one in contact.invitations.prefetch_related("participants")
                ],
                "places": PLACES,
                "places_left": PLACES - _taken(contact),
            },
            headers=dict(UNSEEN),
        )

    @extend_schema(
        operation_id="invite",
        request=InviteSerializer,
        parameters=[REPEATABLE],
        responses={
            201: InvitationSerializer,
            **dict.fromkeys((400, 403, 404, 409, 410, 422, 429), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Make a link with which one more person may join the call."""
        contact = own_contact(request, contact_id)
        serializer = InviteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        life_s = serializer.validated_data.get("expires_in_s")
        made = operations.invite(
            contact=contact,
            clock=timezone.now,
            idempotency_key=idempotency_key_of(request),
            **({} if life_s is None else {"life": timedelta(seconds=life_s)}),
        )
        return _created(
            invitation_shown(request, made.invitation, at=timezone.now()), replayed=made.replayed
        )


@open_to_partners(GET=Scope.CONTACTS_READ, DELETE=Scope.INVITATIONS_WRITE)
class InvitationView(APIView):
    """One invitation, for the owner of its contact."""

    @extend_schema(
        operation_id="read_invitation",
        responses={200: InvitationSerializer, 404: ProblemSerializer},
    )
    def get(self, request: Request, contact_id: UUID, invitation_id: UUID) -> Response:
        """Return what has become of the invitation."""
        invitation = _invitation_of(own_contact(request, contact_id), invitation_id)
        return Response(
            invitation_shown(request, invitation, at=timezone.now()), headers=dict(UNSEEN)
        )

    @extend_schema(
        operation_id="revoke_invitation",
        responses={
            200: InvitationSerializer,
            **dict.fromkeys((403, 404, 502), ProblemSerializer),
        },
    )
    def delete(self, request: Request, contact_id: UUID, invitation_id: UUID) -> Response:
        """Take the place back: its link is void, and its guest is taken out of the call. Repeating it changes nothing."""
        invitation = _invitation_of(own_contact(request, contact_id), invitation_id)
        operations.revoke_invitation(invitation=invitation, clock=timezone.now)
        invitation.refresh_from_db()
        return Response(
            invitation_shown(request, invitation, at=timezone.now()), headers=dict(UNSEEN)
        )


@open_to_partners(GET=Scope.CONTACTS_READ, POST=Scope.CONTACTS_CONNECT)
class ParticipantListView(APIView):
    """The people in one contact, for its owner."""

    def get_throttles(self) -> list[Any]:
        """Limit the adding of them."""
        return [PeopleThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="list_participants",
        responses={200: ParticipantListSerializer, 404: ProblemSerializer},
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """Return everybody who is or was in the call."""
        contact = own_contact(request, contact_id)
        return Response({"data": snapshot_of(contact)["participants"]}, headers=dict(UNSEEN))

    @extend_schema(
        operation_id="add_participant",
        request=AddParticipantSerializer,
        parameters=[REPEATABLE],
        responses={
            201: AddedParticipantSerializer,
            **dict.fromkeys((400, 403, 404, 409, 410, 422, 429, 502, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Add one more person to the call at once, and return what they join it with."""
        contact = own_contact(request, contact_id)
        serializer = AddParticipantSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        added = operations.add_participant(
            contact=contact,
            name=serializer.validated_data.get("name", ""),
            clock=timezone.now,
            idempotency_key=idempotency_key_of(request),
        )
        shown = invitation_shown(request, added.invitation, at=timezone.now())
        return _created({**shown, "connection": added.connection}, replayed=added.replayed)


@open_to_partners(GET=Scope.CONTACTS_READ, DELETE=Scope.INVITATIONS_WRITE)
class ParticipantView(APIView):
    """One person in a contact, for its owner."""

    @extend_schema(
        operation_id="read_participant",
        responses={200: ParticipantSerializer, 404: ProblemSerializer},
    )
    def get(self, request: Request, contact_id: UUID, participant_id: UUID) -> Response:
        """Return who it is, and whether they are in the call."""
        participant = _participant_of(own_contact(request, contact_id), participant_id)
        return Response(participant_snapshot_of(participant), headers=dict(UNSEEN))

    @extend_schema(
        operation_id="remove_participant",
        responses={
            200: ParticipantSerializer,
            **dict.fromkeys((403, 404, 409, 502), ProblemSerializer),
        },
    )
    def delete(self, request: Request, contact_id: UUID, participant_id: UUID) -> Response:
        """Take a guest out of the call, and their place back. Repeating it changes nothing."""
        participant = _participant_of(own_contact(request, contact_id), participant_id)
        operations.remove_participant(participant=participant, clock=timezone.now)
        return Response(participant_snapshot_of(participant), headers=dict(UNSEEN))


def _invitation_of(contact: Contact, invitation_id: UUID) -> Invitation:
    invitation = contact.invitations.filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    return invitation


def _participant_of(contact: Contact, participant_id: UUID) -> Participant:
    people = contact.participants.select_related("invitation__contact")
    participant = people.filter(pk=participant_id).first()
    if participant is None:
        raise Http404
    return participant


def _created(body: dict[str, Any], *, replayed: bool) -> Response:
    response = Response(body, status.HTTP_201_CREATED, headers=dict(UNSEEN))
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _taken(contact: Contact) -> int:
    holding = contact.invitations.holding_places()
    expired = holding.expired_unused(at=timezone.now())
    return holding.count() - expired.count()
