"""Call after call in one window, which must not fill up with what former calls have left."""

from __future__ import annotations

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

CALLS = 3
WATCH = """
(() => {
  window.left = { sockets: new Set(), tracks: [] };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) { super(...args); window.left.sockets.add(this); }
  };
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    window.left.tracks.push(...stream.getTracks());
    return stream;
  };
})();
"""
LEFT = """
() => ({
  peers: window.__peers.filter((one) => one.connectionState !== "closed").length,
  tracks: window.left.tracks.filter((one) => one.readyState === "live").length,
  contactSockets: [...window.left.sockets].filter((one) => one.readyState < 2 && one.url.includes("/ws/contacts/")).length,
})
"""


def test_calls_one_after_the_other_leave_nothing_behind(crowd: Crowd) -> None:
    """Should have no peer, track or socket of a former call open (case 60; `dev.py bench soak` makes the fifty of it)."""
    control(
        crowd.stack.connect,
        "POST",
        "/_local/agents",
        {"name": "Bo", "auto_answer_s": 0, "media": "none"},
    )
    customer = crowd.customer()
    customer.page.add_init_script(WATCH)
    customer.open()
    for number in range(CALLS):
        customer.go_on_to("connected", name="Ana Lima")
        customer.press("leave")
        customer.wait_for("ended")
        eventually(
            customer.page,
            lambda: customer.page.evaluate(LEFT),
            until=lambda left: left == {"peers": 0, "tracks": 0, "contactSockets": 0},
            what=f"nothing is left of call {number + 1}",
            within_s=40,
        )
        customer.press("call-again")
