"""What Amazon Connect is asked about the people in a contact: to admit one more, and what each may do with their token.

The second half is a service of its own, whose callers are known by tokens alone: it refuses one whose participant is gone.
Amazon Connect's "access denied" means that there, and never our credentials.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts import errors
from contacts.connect import Capabilities, capability_member, joinable
from contacts.connect_client import PARTICIPANTS, ask
from contacts.facts import moment_or_none

DTMF = "audio/dtmf"


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """What CreateParticipant is asked. Only a contact that an agent has answered takes one more."""

    instance_id: str
    contact_id: str
    client_token: str
    display_name: str
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class AdmittedParticipant:
    """What CreateParticipant answered."""

    participant_id: str
    participant_token: str


@dataclass(frozen=True, slots=True)
class ConnectionToken:
    """What a participant sends messages with, until it expires or they are gone."""

    token: str
    expires_at: datetime | None


def create_participant(request: AdmissionRequest) -> AdmittedParticipant:
    """Let one more person into a contact. The same client token never lets in a second one.

    :raises ContactNotConnected: no agent has answered yet. Other input that Amazon Connect refuses looks the same.
    :raises ConnectConflict: the call is full, or something else is being done to it.
    :raises ConnectContactGone: the contact is over.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    parameters: dict[str, Any] = {
        "InstanceId": request.instance_id,
        "ContactId": request.contact_id,
        "ClientToken": request.client_token,
        "ParticipantDetails": {
            "ParticipantRole": "CUSTOMER",
            "DisplayName": request.display_name,
        },
    }
    if capabilities := capability_member(request.capabilities):
        parameters["ParticipantDetails"]["ParticipantCapabilities"] = capabilities
    try:
        reply = ask("create_participant", parameters)
    except errors.ConnectCapacity as error:
        raise errors.ConnectConflict(*error.args) from error
    except errors.ConnectMisconfigured as error:
        if error.args[0] == "InvalidRequestException":
            raise errors.ContactNotConnected(*error.args) from error
        if error.args[0] == "ResourceNotFoundException":
            raise errors.ConnectContactGone(*error.args) from error
        raise
    token = (reply.get("ParticipantCredentials") or {}).get("ParticipantToken")
    if not reply.get("ParticipantId") or not token:
        raise errors.ConnectUnanswered("CreateParticipant answered without a participant")
    return AdmittedParticipant(participant_id=reply["ParticipantId"], participant_token=token)


def meeting_connection(*, participant_token: str) -> dict[str, Any]:
    """Return Meeting and Attendee with which a participant joins.

    :raises ConnectContactGone: the participant is gone.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    reply = _connection(participant_token, "WEBRTC_CONNECTION")
    connection = joinable(reply.get("WebRTCConnection"))
    if connection is None:
        raise errors.ConnectUnanswered("CreateParticipantConnection answered without a meeting")
    return connection


def connection_token(*, participant_token: str) -> ConnectionToken:
    """Return what a participant sends messages and leaves with.

    :raises ConnectContactGone: the participant is gone.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    credentials = _connection(participant_token, "CONNECTION_CREDENTIALS").get(
        "ConnectionCredentials"
    )
    if not credentials or not credentials.get("ConnectionToken"):
        raise errors.ConnectUnanswered("CreateParticipantConnection answered without credentials")
    return ConnectionToken(
        token=credentials["ConnectionToken"], expires_at=moment_or_none(credentials.get("Expiry"))
    )


def send_digits(*, connection_token: str, digits: str, client_token: str) -> None:
    """Key digits in, as if on a telephone. The same client token never does so twice.

    :raises ConnectContactGone: the participant is gone, or the connection token has expired.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    with _known_by_token():
        ask(
            "send_message",
            {
                "ContentType": DTMF,
                "Content": digits,
                "ClientToken": client_token,
                "ConnectionToken": connection_token,
            },
            service=PARTICIPANTS,
        )


def disconnect_participant(*, connection_token: str) -> None:
    """Take a participant out of the call.

    :raises ConnectContactGone: they are gone.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    with _known_by_token():
        ask("disconnect_participant", {"ConnectionToken": connection_token}, service=PARTICIPANTS)


def _connection(participant_token: str, kind: str) -> dict[str, Any]:
    with _known_by_token():
        return ask(
            "create_participant_connection",
            {"ParticipantToken": participant_token, "Type": [kind]},
            service=PARTICIPANTS,
        )


@contextmanager
def _known_by_token() -> Iterator[None]:
    try:
        yield
    except errors.ConnectForbidden as error:
        if error.args[0] == "AccessDeniedException":
            raise errors.ConnectContactGone(*error.args) from error
        raise
