"""Further people in a call, and what they do with their tokens, as each client asks for it."""

from __future__ import annotations

from typing import Any

from tests.conformance.clients.client import Client
from tests.conformance.conftest import ControlApi, start_request

INSTANCE = start_request()["InstanceId"]
EVERY_TYPE = ["WEBSOCKET", "CONNECTION_CREDENTIALS", "WEBRTC_CONNECTION"]


def invited(client: Client, control: ControlApi) -> tuple[str, dict[str, Any]]:
    """A call in conversation with an agent, and one more person in it: its id, the reply."""
    control.add_agent()
    allowed = {"Customer": {"Video": "SEND"}}
    started = client.call("StartWebRTCContact", **start_request(AllowedCapabilities=allowed))
    control.wait_for_state(started["ContactId"], "connected")
    details = {
        "ParticipantRole": "CUSTOMER",
        "DisplayName": "Bea",
        "ParticipantCapabilities": {"Video": "SEND"},
    }
    wanted = {
        "InstanceId": INSTANCE,
        "ContactId": started["ContactId"],
        "ClientToken": "one-invitation",
        "ParticipantDetails": details,
    }
    request = client.model.fitted("CreateParticipant", wanted)
    first, second = (client.call("CreateParticipant", **request) for _ in range(2))
    assert first == second  # the ClientToken is the same, and so is the person
    return started["ContactId"], first


def test_invited_person_joins_keys_in_digits_and_leaves(
    client: Client, control: ControlApi
) -> None:
    """Should get all three ways in, be heard, and be let out; then their token is of no more use."""
    host, invitation = invited(client, control)
    token = invitation["ParticipantCredentials"]["ParticipantToken"]
    joined = client.call("CreateParticipantConnection", ParticipantToken=token, Type=EVERY_TYPE)
    bearer = {"ConnectionToken": joined["ConnectionCredentials"]["ConnectionToken"]}

    message = client.call("SendMessage", **bearer, ContentType="audio/dtmf", Content="12*#")
    typing = "application/vnd.amazonaws.connect.event.typing"
    event = client.call("SendEvent", **bearer, ContentType=typing)
    guest = next(c for c in control.call("GET", "state")["contacts"] if c["id"] != host)
    assert client.call("DisconnectParticipant", **bearer) == {}
    late = client.refusal("SendMessage", **bearer, ContentType="audio/dtmf", Content="1")

    assert joined["Websocket"]["Url"].startswith(client.setup.url.replace("http", "ws"))
    if client.model.gives("CreateParticipantConnection", "WebRTCConnection"):
        meeting = joined["WebRTCConnection"]["Meeting"]
        assert meeting["MeetingId"] == guest["meeting_id"]
        assert joined["WebRTCConnection"]["Attendee"].keys() == {"AttendeeId", "JoinToken"}
    assert (guest["id"] != host, guest["digits"]) == (True, "12*#")
    assert message["Id"] != event["Id"]
    assert message["AbsoluteTime"] <= event["AbsoluteTime"]
    assert late.code == "AccessDeniedException"
    assert control.contact(guest["id"])["state"] == "ended"
    assert control.contact(host)["state"] == "connected"


def test_participants_need_no_credentials(client: Client) -> None:
    """Should be known by their token alone: what is signed, or that nothing is, makes no difference."""
    token = client.call("StartWebRTCContact", **start_request())["ParticipantToken"]
    request = {"ParticipantToken": token, "Type": ["CONNECTION_CREDENTIALS"]}

    for stranger in (client.having(access_key=None), client.having(access_key="nobody")):
        reply = stranger.call("CreateParticipantConnection", **request)
        assert reply["ConnectionCredentials"]["ConnectionToken"]
    denied = client.refusal("CreateParticipantConnection", **{**request, "ParticipantToken": "x"})
    assert denied.code == "AccessDeniedException"
