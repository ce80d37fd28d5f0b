"""CreateParticipant and the service connectparticipant: who gets in when, and what their tokens are good for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import (
    ControlApi,
    RawClient,
    start,
    start_connected,
    start_request,
)

INSTANCE = start_request()["InstanceId"]
UNKNOWN = "99999999-9999-4999-8999-999999999999"
WITH_VIDEO = {"AllowedCapabilities": {"Customer": {"Video": "SEND"}}}


def invite(connect: Any, contact_id: str, **changes: Any) -> dict[str, Any]:
    details = {"ParticipantRole": "CUSTOMER", "DisplayName": "Bea", **changes}
    reply: dict[str, Any] = connect.create_participant(
        InstanceId=INSTANCE, ContactId=contact_id, ParticipantDetails=details
    )
    return reply


def token_of(reply: dict[str, Any]) -> str:
    token: str = reply["ParticipantCredentials"]["ParticipantToken"]
    return token


def connection_token(participant: Any, participant_token: str) -> str:
    reply = participant.create_participant_connection(
        ParticipantToken=participant_token, Type=["CONNECTION_CREDENTIALS"]
    )
    token: str = reply["ConnectionCredentials"]["ConnectionToken"]
    return token


def first_token(connect: Any, **changes: Any) -> tuple[str, str]:
    """A new contact's id, and its customer's participant token."""
    reply = connect.start_web_rtc_contact(**start_request(**changes))
    return reply["ContactId"], reply["ParticipantToken"]


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    response = refused.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def test_create_participant_makes_a_contact_of_its_own(connect: Any, control: ControlApi) -> None:
    """Should begin a contact that follows the first one, in the same meeting, without agent or queue."""
    host = start_connected(connect, control, **WITH_VIDEO)

    reply = invite(connect, host, ParticipantCapabilities={"Video": "SEND"})

    expiry = datetime.fromisoformat(reply["ParticipantCredentials"]["Expiry"])
    assert expiry.tzinfo is not None
    contacts = control.call("GET", "state")["contacts"]
    guest = next(contact for contact in contacts if contact["id"] != host)
    assert guest["meeting_id"] == control.contact(host)["meeting_id"]
    assert guest["participants"][0]["id"] == reply["ParticipantId"]
    described = connect.describe_contact(InstanceId=INSTANCE, ContactId=guest["id"])["Contact"]
    assert described["PreviousContactId"] == described["InitialContactId"] == host
    assert described["InitiationMethod"] == "WEBRTC_API"
    assert described["Name"] == "Bea"
    assert not described.keys() & {"AgentInfo", "QueueInfo"}


def test_create_participant_before_an_agent_answers_is_refused(
    connect: Any, control: ControlApi
) -> None:
    """Should be InvalidRequest in the flow and in the queue."""
    queued = start(connect)
    control.call("PATCH", "settings", {"flow_waits_for_media": True})
    initiated = start(connect)

    for contact_id in (queued, initiated):
        with pytest.raises(ClientError) as refused:
            invite(connect, contact_id)
        assert code_of(refused) == (400, "InvalidRequestException")


def test_create_participant_elsewhere_is_refused(connect: Any, control: ControlApi) -> None:
    """Should be 404 for no contact, 400 for an invited person's contact, 409 for an ended one."""
    host = start_connected(connect, control)
    invite(connect, host)
    guest = next(c["id"] for c in control.call("GET", "state")["contacts"] if c["id"] != host)

    with pytest.raises(ClientError) as unknown:
        invite(connect, UNKNOWN)
    with pytest.raises(ClientError) as not_initial:
        invite(connect, guest)
    connect.stop_contact(InstanceId=INSTANCE, ContactId=host)
    with pytest.raises(ClientError) as ended:
        invite(connect, host)

    assert code_of(unknown) == (404, "ResourceNotFoundException")
    assert code_of(not_initial) == (400, "InvalidRequestException")
    assert code_of(ended) == (409, "ConflictException")


@pytest.mark.parametrize(
    "changes",
    [
        {"ParticipantRole": "AGENT"},
        {"ParticipantRole": "CUSTOM_BOT"},
        {"ParticipantRole": "SUPERVISOR"},
        {"ParticipantRole": "SYSTEM"},
        {"ParticipantRole": "NOBODY"},
        {"DisplayName": "n" * 257},
        {"ParticipantCapabilities": {"Video": "SEND"}},
        {"ParticipantCapabilities": {"ScreenShare": "NONE"}},
    ],
)
def test_create_participant_with_impossible_details_is_refused(
    connect: Any, control: ControlApi, changes: dict[str, Any]
) -> None:
    """Should be InvalidRequest for every role but CUSTOMER, and for video the contact was started without."""
    host = start_connected(connect, control)

    with pytest.raises(ClientError) as refused:
        invite(connect, host, **changes)

    assert code_of(refused) == (400, "InvalidRequestException")


def test_create_participant_repeated_makes_one(connect: Any, control: ControlApi) -> None:
    """Should answer a repeated ClientToken with the same person."""
    host = start_connected(connect, control)
    request = {
        "InstanceId": INSTANCE,
        "ContactId": host,
        "ClientToken": "one-invitation",
        "ParticipantDetails": {"ParticipantRole": "CUSTOMER", "DisplayName": "Bea"},
    }

    first, second = (connect.create_participant(**request) for _ in range(2))

    assert first["ParticipantId"] == second["ParticipantId"]
    assert token_of(first) == token_of(second)
    assert len(control.call("GET", "state")["contacts"]) == 2


def test_create_participant_beyond_the_quota_is_refused(connect: Any, control: ControlApi) -> None:
    """Should be 402, and count neither those who left nor the quota of calls."""
    control.call("PATCH", "settings", {"invitations_per_call": 1, "concurrent_calls": 1})
    host = start_connected(connect, control)
    invite(connect, host)

    with pytest.raises(ClientError) as refused:
        invite(connect, host)
    guest = next(c["id"] for c in control.call("GET", "state")["contacts"] if c["id"] != host)
    connect.stop_contact(InstanceId=INSTANCE, ContactId=guest)

    assert code_of(refused) == (402, "ServiceQuotaExceededException")
    assert invite(connect, host)["ParticipantId"]


def test_stopping_an_invited_contact_leaves_the_call_alone(
    connect: Any, control: ControlApi
) -> None:
    """Should end that person's part only; stopping the first contact ends everybody's."""
    host = start_connected(connect, control)
    for _ in range(2):
        invite(connect, host)
    first, second = (c["id"] for c in control.call("GET", "state")["contacts"] if c["id"] != host)

    connect.stop_contact(InstanceId=INSTANCE, ContactId=first)
    states = {c["id"]: c["state"] for c in control.call("GET", "state")["contacts"]}
    assert states == {host: "connected", first: "ended", second: "initiated"}
    connect.stop_contact(InstanceId=INSTANCE, ContactId=host)

    states = {c["id"]: c["state"] for c in control.call("GET", "state")["contacts"]}
    assert set(states.values()) == {"ended"}
    assert control.call("GET", "state")["meetings"] == []


def test_connection_of_an_invited_person_has_the_participant_shape(
    connect: Any, control: ControlApi, participant: Any, raw: RawClient
) -> None:
    """Should lead into the call's meeting, without the two members StartWebRTCContact has on top."""
    host = start_connected(connect, control)
    token = token_of(invite(connect, host))

    joined = participant.create_participant_connection(
        ParticipantToken=token, Type=["WEBRTC_CONNECTION", "CONNECTION_CREDENTIALS", "WEBSOCKET"]
    )
    bare = raw.send(
        "POST",
        "/participant/connection",
        b'{"Type":["WEBRTC_CONNECTION"]}',
        {"X-Amz-Bearer": token, "Authorization": "AWS4-HMAC-SHA256 nonsense"},
    ).json

    meeting = joined["WebRTCConnection"]["Meeting"]
    assert meeting["MeetingId"] == control.contact(host)["meeting_id"]
    assert bare.keys() == {"WebRTCConnection"}
    assert bare["WebRTCConnection"]["Meeting"].keys() == {
        "MeetingId",
        "MediaPlacement",
        "MeetingFeatures",
    }
    assert "TurnControlUrl" not in bare["WebRTCConnection"]["Meeting"]["MediaPlacement"]
    assert joined["ConnectionCredentials"]["Expiry"].endswith("Z")
    assert joined["Websocket"]["Url"].startswith("ws://127.0.0.1:")


def test_first_customer_may_come_back_by_their_token(
    connect: Any, control: ControlApi, participant: Any
) -> None:
    """Should yield the very connection of the start, unless the setting forbids it."""
    reply = connect.start_web_rtc_contact(**start_request())
    request = {"ParticipantToken": reply["ParticipantToken"], "Type": ["WEBRTC_CONNECTION"]}

    again = participant.create_participant_connection(**request)["WebRTCConnection"]
    control.call("PATCH", "settings", {"first_customer_may_reconnect": False})
    with pytest.raises(participant.exceptions.AccessDeniedException):
        participant.create_participant_connection(**request)

    assert again["Attendee"] == reply["ConnectionData"]["Attendee"]


def test_participant_token_of_nobody_is_denied(connect: Any, participant: Any) -> None:
    """Should be 403 for a token never given out, and for one whose contact has ended."""
    contact_id, token = first_token(connect)
    connection = connection_token(participant, token)
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)

    for bad in ("nonsense", token):
        with pytest.raises(participant.exceptions.AccessDeniedException):
            participant.create_participant_connection(ParticipantToken=bad, Type=["WEBSOCKET"])
    for bad in ("nonsense", "a.1.b", "é.².", f"{connection}x", connection, token):
        with pytest.raises(ClientError) as refused:
            participant.disconnect_participant(
                ConnectionToken=bad.encode("ascii", "ignore").decode() or "-"
            )
        assert code_of(refused) == (403, "AccessDeniedException")


@pytest.mark.parametrize(
    "body", [{}, {"Type": []}, {"Type": ["FAX"]}, {"Type": "WEBSOCKET"}, {"ConnectParticipant": 1}]
)
def test_connection_of_no_known_type_is_refused(
    connect: Any, raw: RawClient, body: dict[str, Any]
) -> None:
    """Should be a ValidationException."""
    _, token = first_token(connect)

    reply = raw.send(
        "POST", "/participant/connection", json.dumps(body).encode(), {"X-Amz-Bearer": token}
    )

    assert (reply.status, reply.error) == (400, "ValidationException")
    assert reply.json["Message"]


def test_connection_token_expires(connect: Any, control: ControlApi, participant: Any) -> None:
    """Should be good for a day, and be replaced by asking again."""
    _, token = first_token(connect)
    control.call("PATCH", "settings", {"connection_token_s": 60})
    connection = connection_token(participant, token)
    message = {"ContentType": "audio/dtmf", "Content": "1"}
    participant.send_message(ConnectionToken=connection, **message)

    control.call("POST", "clock", {"advance_s": 61})

    with pytest.raises(participant.exceptions.AccessDeniedException):
        participant.send_message(ConnectionToken=connection, **message)
    participant.send_message(ConnectionToken=connection_token(participant, token), **message)


def test_digits_reach_the_state(connect: Any, control: ControlApi, participant: Any) -> None:
    """Should be strung together per contact; a repeated ClientToken counts once."""
    contact_id, token = first_token(connect)
    connection = connection_token(participant, token)

    def key_in(digits: str, **options: str) -> dict[str, Any]:
        return participant.send_message(
            ConnectionToken=connection, ContentType="audio/dtmf", Content=digits, **options
        )

    key_in("12#", ClientToken="once")
    first, again = key_in("*", ClientToken="twice"), key_in("*", ClientToken="twice")

    assert control.contact(contact_id)["digits"] == "12#*"
    assert (first["Id"], first["AbsoluteTime"]) == (again["Id"], again["AbsoluteTime"])
    assert first["AbsoluteTime"].endswith("Z")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("audio/dtmf", "abc"),
        ("audio/dtmf", "1" * 21),
        ("audio/dtmf", "\uff11"),
        ("text/plain", "Hello"),
    ],
)
def test_message_that_is_no_digits_is_refused(
    connect: Any, control: ControlApi, participant: Any, kind: str, content: str
) -> None:
    """Should be a ValidationException, and leave no digit."""
    contact_id, token = first_token(connect)

    with pytest.raises(participant.exceptions.ValidationException):
        participant.send_message(
            ConnectionToken=connection_token(participant, token), ContentType=kind, Content=content
        )

    assert control.contact(contact_id)["digits"] == ""


def test_send_event_takes_the_known_types(connect: Any, participant: Any) -> None:
    """Should give a receipt for typing, and refuse what is no event."""
    _, token = first_token(connect)
    connection = connection_token(participant, token)

    receipt = participant.send_event(
        ConnectionToken=connection,
        ContentType="application/vnd.amazonaws.connect.event.typing",
    )
    with pytest.raises(participant.exceptions.ValidationException):
        participant.send_event(ConnectionToken=connection, ContentType="text/plain")

    assert receipt["Id"]
    assert receipt["AbsoluteTime"]


def test_disconnecting_ends_that_persons_part(
    connect: Any, control: ControlApi, participant: Any
) -> None:
    """Should end an invited person's contact alone, and the call when it is its first customer."""
    control.add_agent()
    host, host_token = first_token(connect)
    control.wait_for_state(host, "connected")
    guest_token = token_of(invite(connect, host))

    participant.disconnect_participant(ConnectionToken=connection_token(participant, guest_token))
    assert control.contact(host)["state"] == "connected"
    with pytest.raises(participant.exceptions.AccessDeniedException):
        connection_token(participant, guest_token)
    participant.disconnect_participant(ConnectionToken=connection_token(participant, host_token))

    contact = connect.describe_contact(InstanceId=INSTANCE, ContactId=host)["Contact"]
    assert contact["DisconnectReason"] == "CUSTOMER_DISCONNECT"
