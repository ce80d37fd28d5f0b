"""What the meeting tells a page by the SDK's statuses, each as the server sends it, and the screen that follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import WebSocketRoute

from localconnect.media import frames
from tests.contacts_world import control
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

# AUDIO_STATUS as Chime sends it, the SDK's name for it, and the sentence of the screen.
STATUSES = (
    (301, "AudioJoinedFromAnotherDevice", "end.dup"),
    (409, "AudioCallAtCapacity", "guest.full"),
    (410, "MeetingEnded", "end.agent"),
    (411, "AudioAttendeeRemoved", "end.removed"),
)


def test_each_status_leads_to_its_screen(crowd: Crowd) -> None:
    """Should say why the call is over in the words of what the meeting told (case 52; every name is in the unit tests)."""
    control(
        crowd.stack.connect,
        "POST",
        "/_local/agents",
        {"name": "Bo", "auto_answer_s": 0, "media": "none"},
    )
    customer = crowd.customer()
    told: list[WebSocketRoute] = []

    def relay(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        told.append(socket)

    customer.page.route_web_socket(lambda url: "/control/" in url, relay)
    for status, name, message in STATUSES:
        customer.browser.watched.expected.add(name)
        customer.page.goto("about:blank")
        customer.open()
        customer.go_on_to("connected", name="Ana Lima")
        told[-1].send(frames.audio_status(status))
        customer.wait_for("ended")
        customer.wait_for_message(message)
