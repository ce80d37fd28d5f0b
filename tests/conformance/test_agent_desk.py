"""The agent's desk over its socket: snapshots out, wishes in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_websocket

from tests.conformance.conftest import ControlApi, RawClient, start_request, wait_for
from tests.servers import LocalConnect

INSTANCE = start_request()["InstanceId"]


class Desk:
    """One desk, as its page would use it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.view: dict[str, Any] = {}
        self._receive()

    def wish(self, kind: str, **details: Any) -> None:
        self._socket.send(json.dumps({"type": kind, **details}))

    def wait(self, condition: Any) -> dict[str, Any]:
        """The first snapshot, from the last one on, that fits."""
        while not condition(self.view):
            self._receive()
        return self.view

    def wait_for_status(self, status: str) -> dict[str, Any]:
        return self.wait(lambda view: view["agent"]["status"] == status)

    def wait_for_end(self) -> int:
        """The code the server closes with."""
        with pytest.raises(ConnectionClosed) as closed:
            self.wait(lambda _: False)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code

    def _receive(self) -> None:
        self.view = json.loads(self._socket.recv(timeout=30))

    def send_text(self, text: str) -> None:
        self._socket.send(text)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def desks(running_connect: LocalConnect, control: ControlApi) -> Iterator[Any]:
    """Opens desks, and closes them at the end."""
    address = f"ws{running_connect.url.removeprefix('http')}/agent/socket"
    with ExitStack() as stack:

        def open_desk(name: str = "Ben") -> Desk:
            url = f"{address}?name={name}"
            return Desk(stack.enter_context(open_websocket(url, origin=running_connect.url)))

        yield open_desk
    control.call("POST", "reset")


def test_desk_takes_a_call_from_ring_to_wrap_up(
    desks: Any, connect: Any, control: ControlApi
) -> None:
    """Should show the call with all that the customer gave, and the agent's own connection once accepted."""
    desk = desks()
    assert desk.view["agent"]["name"] == "Ben"
    assert desk.view["agent"]["status"] == "offline"
    desk.wish("status", status="available")
    desk.wait_for_status("available")

    references = {"Order": {"Type": "URL", "Value": "https://example.com/1"}}
    asked = start_request(Description="Help", Attributes={"plan": "gold"}, References=references)
    contact_id = connect.start_web_rtc_contact(**asked)["ContactId"]

    view = desk.wait_for_status("ringing")
    assert view["offer"] == view["queue"][0]
    assert view["ring_ends_at"].endswith("Z")
    assert view["offer"]["id"] == contact_id
    assert view["offer"]["name"] == "Ana"
    assert view["offer"]["description"] == "Help"
    assert view["offer"]["attributes"] == {"plan": "gold"}
    assert view["offer"]["references"] == {
        "Order": {"type": "URL", "value": "https://example.com/1"}
    }
    assert view["call"] is None

    desk.wish("accept", contact_id=contact_id)
    view = desk.wait_for_status("busy")
    connection = view["call"]["connection"]
    assert (
        connection["Meeting"]["MeetingId"]
        in connection["Meeting"]["MediaPlacement"]["SignalingUrl"]
    )
    assert connection["Attendee"]["JoinToken"]
    assert (view["offer"], view["queue"]) == (None, [])

    desk.wish("hang_up", contact_id=contact_id)
    view = desk.wait(lambda view: view["call"] is None)
    assert control.contact(contact_id)["disconnect_reason"] == "AGENT_DISCONNECT"
    assert (
        view["agent"]["status"] == "available"
    )  # never connected, so there is nothing to wrap up


def test_declined_call_goes_to_another_agent(desks: Any, connect: Any) -> None:
    """Should ring elsewhere, and leave who declined alone until they are available again."""
    ben, cara = desks("Ben"), desks("Cara")
    ben.wish("status", status="available")
    ben.wait_for_status("available")
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]
    ben.wait_for_status("ringing")

    ben.wish("decline", contact_id=contact_id)
    ben.wait_for_status("missed")
    cara.wish("status", status="available")

    assert cara.wait_for_status("ringing")["offer"]["id"] == contact_id


def test_agent_whose_media_never_joins_loses_the_call(
    desks: Any, connect: Any, control: ControlApi
) -> None:
    """Should put the contact back at the front of the queue."""
    desk = desks()
    desk.wish("status", status="available")
    first, second = (
        connect.start_web_rtc_contact(**start_request())["ContactId"] for _ in range(2)
    )
    desk.wait_for_status("ringing")
    desk.wish("accept", contact_id=first)
    desk.wait_for_status("busy")

    control.call("POST", "clock", {"advance_s": 21})

    view = desk.wait_for_status("missed")
    assert [contact["id"] for contact in view["queue"]] == [first, second]
    assert view["call"] is None


def test_customer_who_gives_up_stops_the_ring(desks: Any, connect: Any) -> None:
    """Should make the agent available again."""
    desk = desks()
    desk.wish("status", status="available")
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]
    desk.wait_for_status("ringing")

    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)

    assert desk.wait_for_status("available")["queue"] == []


def test_second_desk_takes_over(desks: Any) -> None:
    """Should tell the first one so, and go on where it stood."""
    first = desks("Ben")
    first.wish("status", status="break")
    first.wait_for_status("break")

    second = desks("Ben")

    assert first.wait_for_end() == 4409
    assert first.view["taken_over"] is True
    assert second.view["agent"] == first.view["agent"]


def test_desk_that_vanishes_goes_offline_after_a_moment(desks: Any, control: ControlApi) -> None:
    """Should outlive a reload, but not the end of the browser."""
    desk = desks()
    desk.wish("status", status="available")
    desk.wait_for_status("available")
    desk.close()
    assert desks("Ben").view["agent"]["status"] == "available"
    desks("Ben").close()

    def status() -> str:
        control.call("POST", "clock", {"advance_s": 6})
        agents: list[dict[str, str]] = control.call("GET", "state")["agents"]
        return agents[0]["status"]

    wait_for(lambda: status() == "offline")


def test_impossible_wish_changes_nothing(desks: Any) -> None:
    """Should leave the desk open when what it wants cannot be."""
    desk = desks()
    desk.wish("accept", contact_id="nothing")
    desk.wish("ready")
    desk.wish("status", status="busy")
    desk.wish("status", status="break")

    desk.wait_for_status("break")


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"type":"dance"}', '{"type":"status","status":7}', "[" * 60_000]
)
def test_senseless_wish_closes_the_desk(desks: Any, text: str) -> None:
    """Should end a socket that does not speak the desk's language."""
    desk = desks()
    desk.send_text(text)

    assert desk.wait_for_end() == 4400


def test_desk_without_name_is_refused(running_connect: LocalConnect, desks: Any) -> None:
    """Should say so with the close code."""
    with pytest.raises(ConnectionClosed, match="4400"):
        desks("")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_desk_of_another_origin_is_refused(running_connect: LocalConnect, origin: Any) -> None:
    """Should open desks to pages of this server only."""
    url = f"ws{running_connect.url.removeprefix('http')}/agent/socket?name=Ben"

    with pytest.raises(InvalidStatus) as refused, open_websocket(url, origin=origin):
        pass

    assert refused.value.response.status_code == 403


def test_scripted_agent_with_test_picture_connects(connect: Any, control: ControlApi) -> None:
    """Should connect the contact once its picture and tone are in the meeting."""
    control.add_agent(media="pattern")
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]

    contact = control.wait_for_state(contact_id, "connected")

    assert contact["participants"][1]["joined_at"]


def test_desk_page_has_a_content_security_policy(raw: RawClient) -> None:
    """Should allow its own files, the signalling socket and the SDK's workers, and nothing inline."""
    assert raw.send("GET", "/agent").headers["location"] == "/agent/"
    reply = raw.send("GET", "/agent/")

    if reply.status == 503:
        pytest.skip("the agent desk is not built")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "worker-src 'self' blob:" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/agent/static/socket.py",
        "/agent/static/dist/../socket.py",
        "/agent/static/dist/%2e%2e/views.py",
    ],
)
def test_desk_serves_no_source(raw: RawClient, path: str) -> None:
    """Should keep to its assets."""
    assert raw.send("GET", path).status == 404


def taken_call(desk: Desk, connect: Any, **changes: Any) -> str:
    """The id of a call that the desk has accepted."""
    desk.wish("status", status="available")
    desk.wait_for_status("available")
    contact_id = str(connect.start_web_rtc_contact(**start_request(**changes))["ContactId"])
    desk.wait_for_status("ringing")
    desk.wish("accept", contact_id=contact_id)
    desk.wait_for_status("busy")
    return contact_id


def test_desk_shows_who_and_what_can_be_reached(desks: Any, connect: Any) -> None:
    """Should list queues to transfer to, colleagues to invite, and the keys the customer pressed."""
    ben, cara = desks("Ben"), desks("Cara")
    contact_id = taken_call(ben, connect)
    cara.wish("status", status="available")

    view = ben.wait(lambda view: view["colleagues"])

    assert [(other["name"], other["status"]) for other in view["colleagues"]] == [
        ("Cara", "available")
    ]
    assert [(queue["name"], queue["waiting"]) for queue in view["queues"]] == [("Demo queue", 0)]
    assert view["call"]["contact"]["id"] == contact_id
    assert (view["call"]["role"], view["call"]["on_hold"], view["call"]["digits"]) == (
        "agent",
        False,
        "",
    )


@pytest.mark.parametrize(
    "wish",
    [
        {"type": "hold"},
        {"type": "resume"},
        {"type": "ask_screen"},
        {"type": "end_screen"},
        {"type": "transfer", "queue_id": "33333333-3333-4333-8333-333333333333"},
        {"type": "transfer", "queue_id": "nowhere"},
        {"type": "invite", "agent_id": "nobody"},
    ],
)
def test_desk_survives_what_is_not_possible(
    desks: Any, connect: Any, wish: dict[str, str]
) -> None:
    """Should leave the call as it is: nobody's media is there, so nothing can be done to it yet."""
    desk = desks()
    contact_id = taken_call(desk, connect)

    desk.wish(wish["type"], **{"contact_id": contact_id, **wish})
    desk.wish("status", status="break")

    assert desk.view["call"]["contact"]["id"] == contact_id
    desk.wish("hang_up", contact_id=contact_id)
    assert desk.wait_for_status("break")["call"] is None


def test_desk_shows_the_earlier_calls_of_a_known_customer(desks: Any, connect: Any) -> None:
    """Should tell when they were and how they went, the latest first, and nothing of people nobody vouches for."""
    desk = desks()
    for outcome in ("refunded", "solved"):
        attributes = {"customer_id": "c-17", "outcome": outcome}
        contact_id = taken_call(desk, connect, Attributes=attributes)
        desk.wish("hang_up", contact_id=contact_id)
        desk.wait(lambda view: view["call"] is None)

    contact_id = taken_call(desk, connect, Attributes={"customer_id": "c-17"})
    assert [one["outcome"] for one in desk.view["earlier"]] == ["solved", "refunded"]
    assert all(one["ended_at"].endswith("Z") for one in desk.view["earlier"])

    desk.wish("hang_up", contact_id=contact_id)
    desk.wait(lambda view: view["call"] is None)
    taken_call(desk, connect, Attributes={"web_customer_id": "c-17"})
    assert desk.view["earlier"] == []
