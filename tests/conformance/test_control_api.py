"""`/_local/`: what it shows and changes, and whom it refuses."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.conformance.conftest import ControlApi, RawClient, start, start_request
from tests.servers import LocalConnect


def test_state_shows_contacts_without_secrets(connect: Any, control: ControlApi) -> None:
    """Should list contacts, people, meetings and agents, but no token."""
    control.add_agent()
    reply = connect.start_web_rtc_contact(**start_request())
    control.wait_for_state(reply["ContactId"], "connected")

    state = control.call("GET", "state")

    [contact] = state["contacts"]
    assert contact["id"] == reply["ContactId"]
    assert contact["digits"] == ""
    assert [person["role"] for person in contact["participants"]] == ["customer", "agent"]
    assert state["meetings"][0]["id"] == reply["ConnectionData"]["Meeting"]["MeetingId"]
    assert state["agents"][0]["contact_id"] == reply["ContactId"]
    written = json.dumps(state)
    assert reply["ParticipantToken"] not in written
    assert reply["ConnectionData"]["Attendee"]["JoinToken"] not in written


def test_reset_forgets_everything(connect: Any, control: ControlApi) -> None:
    """Should end contacts, dismiss scripted agents, and restore settings, clock and faults."""
    control.add_agent()
    connect.start_web_rtc_contact(**start_request())
    control.call("PATCH", "settings", {"concurrent_calls": 1})
    control.call("POST", "clock", {"advance_s": 86_400})
    control.call(
        "POST", "faults", {"operation": "*", "error": "ThrottlingException", "times": None}
    )

    control.call("POST", "reset")

    state = control.call("GET", "state")
    assert (state["contacts"], state["meetings"], state["agents"], state["faults"]) == (
        [],
        [],
        [],
        [],
    )
    assert control.call("GET", "settings")["concurrent_calls"] == 10
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert state["now"].startswith(today)


def test_settings_are_listed_and_changed(control: ControlApi) -> None:
    """Should list the documented settings, and mask the keys of event targets."""
    changed = control.call(
        "PATCH",
        "settings",
        {"ring_s": 5, "events_targets": [{"url": "http://127.0.0.1:1/", "key": "k"}]},
    )

    assert changed == control.call("GET", "settings")
    assert changed["ring_s"] == 5
    assert changed["events_targets"] == [{"url": "http://127.0.0.1:1/", "key": "***"}]
    assert changed.keys() >= {
        "rate_limits",
        "concurrent_calls",
        "never_arrived_s",
        "rejoin_window_s",
        "replay",
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "settings", {"no_such": 1}),
        ("PATCH", "settings", {"ring_s": -1}),
        ("PATCH", "settings", {"ring_s": "5"}),
        ("PATCH", "settings", {"concurrent_calls": 1.5}),
        ("PATCH", "settings", {"flow_waits_for_media": 1}),
        ("PATCH", "settings", {"replay": "half"}),
        ("PATCH", "settings", {"rate_limits": {"StopContact": {"rate": 1}}}),
        ("PATCH", "settings", {"events_targets": ["ftp://x"]}),
        ("PATCH", "settings", [1]),
        ("POST", "clock", {"advance_s": -1}),
        ("POST", "clock", {}),
        ("POST", "faults", {"operation": "StopContact"}),
        ("POST", "faults", {"operation": "StopContcat", "error": "ThrottlingException"}),
        ("POST", "faults", {"operation": "ReceiveMessage", "error": "ThrottlingException"}),
        ("POST", "faults", {"operation": "StopContact", "drop": "sometimes"}),
        ("POST", "faults", {"operation": "StopContact", "error": "x", "status": 200}),
        ("PATCH", "events", {"delay_ms": "1"}),
        ("PATCH", "events", {"explode": True}),
        ("POST", "agents", {"media": "film"}),
        ("POST", "agents", {"auto_answer_s": -1}),
        ("POST", "agents", {"name": ""}),
    ],
)
def test_impossible_wish_is_refused(
    control: ControlApi, method: str, path: str, body: Any
) -> None:
    """Should answer 400 and change nothing."""
    before = control.call("GET", "settings")

    assert control.refusal(method, path, body) == 400
    assert control.call("GET", "settings") == before


def test_scripted_agent_commands_are_checked(control: ControlApi) -> None:
    """Should answer 404 for what does not exist and 409 for what is not possible."""
    agent_id = control.add_agent(auto_answer_s=None)

    assert control.refusal("POST", "agents/nobody/answer") == 404
    assert control.refusal("POST", f"agents/{agent_id}/dance") == 404
    for command in ("answer", "hang-up", "hold", "resume", "ask-screen", "end-screen"):
        assert control.refusal("POST", f"agents/{agent_id}/{command}") == 409
    control.call("POST", f"agents/{agent_id}/remove")
    assert control.call("GET", "state")["agents"] == []


def test_removed_agent_ends_its_call(connect: Any, control: ControlApi) -> None:
    """Should hang up and go."""
    agent_id = control.add_agent()
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]
    control.wait_for_state(contact_id, "connected")

    control.call("POST", f"agents/{agent_id}/remove")

    assert control.contact(contact_id)["disconnect_reason"] == "AGENT_DISCONNECT"


def test_ordered_fault_is_inflicted_as_often_as_ordered(connect: Any, control: ControlApi) -> None:
    """Should fail the named operation only, with the modelled status unless another is asked for."""
    control.call(
        "POST", "faults", {"operation": "StartWebRTCContact", "error": "InternalServiceException"}
    )
    control.call(
        "POST", "faults", {"operation": "StartWebRTCContact", "error": "Odd", "status": 418}
    )

    with pytest.raises(connect.exceptions.InternalServiceException) as failed:
        connect.start_web_rtc_contact(**start_request())
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    with pytest.raises(ClientError, match="Odd") as failed:
        connect.start_web_rtc_contact(**start_request())
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 418
    assert connect.start_web_rtc_contact(**start_request())["ContactId"]


def test_dropped_request_is_not_executed(connect: Any, control: ControlApi) -> None:
    """Should cut the connection before or after the operation, as ordered."""
    for drop, contacts in (("before", 0), ("after", 1)):
        control.call("POST", "faults", {"operation": "*", "drop": drop})
        with pytest.raises(ConnectionClosedError):
            connect.start_web_rtc_contact(**start_request())
        assert len(control.call("GET", "state")["contacts"]) == contacts


def test_delayed_request_is_executed_late(connect: Any, control: ControlApi) -> None:
    """Should take the time that was ordered, then go on as usual."""
    control.call("POST", "faults", {"operation": "StartWebRTCContact", "delay_ms": 300})
    before = time.monotonic()

    assert connect.start_web_rtc_contact(**start_request())["ContactId"]
    assert time.monotonic() - before >= 0.3


def test_delayed_request_of_before_a_reset_comes_to_nothing(
    connect: Any, control: ControlApi
) -> None:
    """Should begin no contact in what another test has for itself."""
    control.call("POST", "faults", {"operation": "StartWebRTCContact", "delay_ms": 500})
    with ThreadPoolExecutor(1) as elsewhere:
        late = elsewhere.submit(connect.start_web_rtc_contact, **start_request())
        while control.call("GET", "state")["faults"]:
            time.sleep(0.01)

        control.call("POST", "reset")

        with pytest.raises(ConnectionClosedError):
            late.result()
    assert control.call("GET", "state")["contacts"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "192.0.2.1:8100"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::ffff:192.0.2.1]"},
        {"Origin": "http://["},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_stranger_is_refused(control: ControlApi, headers: dict[str, str]) -> None:
    """Should answer neither pages of another origin, nor names that merely point here, nor a proxy's guests."""
    assert control.refusal("GET", "state", **headers) == 403
    assert control.refusal("POST", "reset", **headers) == 403


def test_own_origin_is_served(control: ControlApi) -> None:
    """Should answer a page of this very server."""
    assert "contacts" in control.call(
        "GET", "state", **{"Origin": control.url, "Sec-Fetch-Site": "same-origin"}
    )


def test_health_is_open(raw: RawClient, running_connect: LocalConnect) -> None:
    """Should say that the server is up, to anybody."""
    assert raw.send("GET", "/healthz").json == {"status": "ok"}


@pytest.mark.parametrize("path", ["/v1/client-events", "/v2/turn_sessions"])
def test_chime_side_addresses_answer_any_page(raw: RawClient, path: str) -> None:
    """Should be open to every origin, as Chime's are."""
    for method in ("OPTIONS", "POST"):
        reply = raw.send(method, path, b"[]", {"Origin": "https://any.example"})
        assert reply.status == 200
        assert reply.headers["access-control-allow-origin"] == "*"


def test_api_is_closed_to_other_origins(raw: RawClient) -> None:
    """Should give no page leave to call Amazon Connect's own operations."""
    reply = raw.send("OPTIONS", "/contact/webrtc", b"", {"Origin": "https://any.example"})

    assert "access-control-allow-origin" not in reply.headers


def test_scripted_agent_holds_and_asks_for_the_screen(connect: Any, control: ControlApi) -> None:
    """Should do to the call what a desk does, once each, and say 409 to what is not possible."""
    agent_id = control.add_agent()
    capabilities = {"Customer": {"ScreenShare": "SEND"}}
    contact_id = start(connect, AllowedCapabilities=capabilities)
    control.wait_for_state(contact_id, "connected")

    for command, member, value in (
        ("hold", "on_hold", True),
        ("resume", "on_hold", False),
        ("ask-screen", "screen_sharing", True),
        ("end-screen", "screen_sharing", False),
    ):
        control.call("POST", f"agents/{agent_id}/{command}")
        assert control.contact(contact_id)[member] is value
    assert control.refusal("POST", f"agents/{agent_id}/resume") == 409
    control.call("POST", f"agents/{agent_id}/hang-up")
    assert control.refusal("POST", f"agents/{agent_id}/hold") == 409
