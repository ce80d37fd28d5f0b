"""Waiting in the queue, in real browsers: the place is shown, and a closed tab gives it up."""

from __future__ import annotations

import pytest
from playwright.sync_api import WebSocketRoute

from tests.contacts_world import control, upstream_contacts
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd
from tests.e2e.media import wait_until_hearing, wait_until_seeing

pytestmark = pytest.mark.e2e

STOPPED_WITHIN_S = 15


def test_closed_tab_gives_its_place_to_the_next(crowd: Crowd) -> None:
    """Should show both their places, stop the call of the closed tab, and keep the one that is loaded anew (case 23)."""
    first, second = crowd.customer(), crowd.customer()
    first.open_from_the_front()
    first.go_on_to("queued", name="Ana Lima")
    first.wait_for_message("q.next")
    second.open_from_the_front()
    second.go_on_to("queued", name="Bo Berg")
    second.wait_for_message("q.position")
    second.page.on("dialog", lambda dialog: dialog.accept())
    second.page.reload()
    second.wait_for("ready")
    second.press("rejoin")
    second.wait_for("queued")

    first.page.close()
    eventually(
        second.page,
        lambda: [one["state"].lower() for one in upstream_contacts(crowd.stack.connect)],
        until=lambda states: states.count("ended") == 1,
        what="the contact of the closed tab is stopped, and it alone",
        within_s=STOPPED_WITHIN_S,
    )
    second.wait_for_message("q.next")
    assert second.state == "queued"


_NEEDS_A_TAP = """
(() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this instanceof HTMLAudioElement && !window.tapped) {
      return Promise.reject(new DOMException("play() needs a gesture", "NotAllowedError"));
    }
    return play.call(this);
  };
  addEventListener("keydown", () => { window.tapped = true; }, true);
})();
"""


def test_waiting_customer_hears_greeting_and_music(crowd: Crowd) -> None:
    """Should hear something as long as nobody answers, though nobody else is there."""
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    for _ in range(3):
        wait_until_hearing(customer.browser)
    assert customer.state == "queued"


def test_waiting_customer_hears_after_a_key_and_reaches_the_keypad(crowd: Crowd) -> None:
    """Should ask for a tap when the browser refuses to play, and have keys at hand in the queue (cases 35, 46)."""
    customer = crowd.customer()
    customer.page.add_init_script(_NEEDS_A_TAP)
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    customer.wait_for_message("audio.blocked")
    customer.page.keyboard.press("Enter")
    customer.gone("tap-to-hear")

    customer.press("keypad")
    customer.page.locator("dialog[open] [data-digit]").first.wait_for()
    customer.page.keyboard.type("7*")
    customer.press("send-digits")
    customer.wait_for_message("dtmf.sent")
    digits = crowd.agent().state()["contacts"][0]["digits"]
    assert digits == "7*"


_KEEP_STATES = """
(() => {
  window.states = [];
  const note = () => {
    const state = document.querySelector("[data-call-state]")?.dataset.callState;
    if (state && state !== window.states.at(-1)) window.states.push(state);
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributeFilter: ["data-call-state"] });
})();
"""


def test_double_click_starts_one_call(crowd: Crowd) -> None:
    """Should make one contact, and not take the second click for a change of mind (case 22)."""
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("device_check", name="Ana Lima")
    start = customer.button("start").first
    eventually(customer.page, start.is_enabled, until=bool, what="the device check is done")
    start.dblclick()
    customer.wait_for("queued")
    assert len(upstream_contacts(crowd.stack.connect)) == 1


_KEEP_TRACKS = """
(() => {
  window.tracks = [];
  const native = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await native(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
})();
"""


def test_leaving_the_queue_is_asked_about_and_lets_go_of_everything(crowd: Crowd) -> None:
    """Should ask first, then end the contact and turn camera and microphone off (case 25)."""
    customer = crowd.customer()
    customer.page.add_init_script(_KEEP_TRACKS)
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    customer.press("leave")
    customer.press("stay")
    assert customer.state == "queued"

    customer.press("leave")
    customer.press("confirm-leave")
    customer.wait_for("ended")
    customer.wait_for_message("end.abandon")
    states = customer.page.evaluate("window.tracks.map(({ readyState }) => readyState)")
    assert states
    assert set(states) == {"ended"}
    eventually(
        customer.page,
        lambda: [one["state"].lower() for one in upstream_contacts(crowd.stack.connect)],
        until=lambda told: told == ["ended"],
        what="the contact is stopped",
    )


def test_call_goes_on_without_its_status_socket(crowd: Crowd) -> None:
    """Should connect, and show within 10 s how it ended, while no socket can be had (case 44)."""
    customer = crowd.customer()
    customer.page.route_web_socket("**/ws/contacts/**", lambda socket: socket.close())
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)
    agent.press("leave")
    customer.wait_for("ended", within_s=10)
    customer.wait_for_message("end.agent")
    assert customer.pushed_states() == []


def test_frames_out_of_order_and_twice_never_turn_the_call_back(crowd: Crowd) -> None:
    """Should follow the newest of what the socket tells, whatever comes late or again (case 45)."""
    customer = crowd.customer()
    first: list[str | bytes] = []

    def muddle(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            first.append(frame)
            for told in (frame, first[0], frame):
                socket.send(told)

        server.on_message(pass_on)

    customer.page.route_web_socket("**/ws/contacts/**", muddle)
    customer.page.add_init_script(_KEEP_STATES)
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    bo = {"name": "Bo", "auto_answer_s": 0, "media": "none"}
    agent = control(crowd.stack.connect, "POST", "/_local/agents", bo)
    customer.wait_for("connected")
    control(crowd.stack.connect, "POST", f"/_local/agents/{agent['id']}/hang-up")
    customer.wait_for("ended")
    states = customer.page.evaluate("window.states")
    order = ["requesting", "joining", "queued", "connected", "ended"]
    assert [one for one in states if one in order] == order
    assert len(first) > 2
