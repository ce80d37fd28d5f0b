"""What a customer does in a call: everything here happens in one call of one customer and one agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Playwright

from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import (
    SHARE_A_PICTURE,
    wait_for_shared_screens,
    wait_until_hearing,
    wait_until_seeing,
)

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True)
class Talk:
    """A customer and an agent who are connected."""

    customer: CallPage
    agent: DeskPage


@pytest.fixture(scope="module")
def talk(stack: Stack, playwright: Playwright) -> Iterator[Talk]:
    """Connect two, once for all tests; each leaves the call as it found it."""
    crowd = Crowd(stack, playwright)
    customer = crowd.customer()
    customer.page.add_init_script(SHARE_A_PICTURE)
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(agent.browser)
    yield Talk(customer, agent)
    problems = crowd.problems()
    crowd.close()
    assert not problems


def test_screen_is_shared_only_while_the_agent_asks(talk: Talk) -> None:
    """Should offer it when asked, show it to the agent, let either side stop it (case 32)."""
    customer, agent = talk.customer, talk.agent
    assert customer.button("share").count() == 0

    agent.press("ask-screen")
    customer.wait_for_message("share.offer")
    customer.press("share")
    wait_for_shared_screens(agent.browser, 1)
    customer.wait_for_message("share.live")
    assert agent.page.locator(".stage[data-content] video[data-tile=remote]").count() == 1
    assert customer.page.locator('video[data-tile="content"]').count() == 0

    customer.press("stop-share")
    wait_for_shared_screens(agent.browser, 0)
    customer.press("share")
    wait_for_shared_screens(agent.browser, 1)

    agent.press("ask-screen")
    wait_for_shared_screens(agent.browser, 0)
    customer.wait_for_message("share.stopped")
    customer.gone("share", "stop-share")


def test_screen_picker_cancelled_changes_nothing(talk: Talk) -> None:
    """Should say nothing of what the person chose not to do, and what to do when the system refused (case 33)."""
    customer, agent = talk.customer, talk.agent
    agent.press("ask-screen")
    customer.wait_for_message("share.offer")

    customer.page.evaluate("window.refusal = 'Permission denied by user'")
    customer.press("share")
    customer.page.wait_for_timeout(300)
    assert customer.shows("share.offer")
    assert not customer.shows("share.system")

    customer.page.evaluate("window.refusal = 'Permission denied by system'")
    customer.press("share")
    customer.wait_for_message("share.system")
    assert customer.page.locator('video[data-tile="content"]').count() == 0

    agent.press("ask-screen")
    customer.gone("share")
    customer.page.evaluate("window.refusal = ''")


def test_keys_reach_the_contact_centre_in_order(talk: Talk) -> None:
    """Should send what was pressed and typed, and say so (case 35)."""
    customer, agent = talk.customer, talk.agent
    customer.choose("keypad")
    customer.page.locator('[data-digit="1"]').click()
    customer.page.locator('[data-digit="2"]').click()
    customer.page.keyboard.press("#")
    customer.press("send-digits")
    customer.wait_for_message("dtmf.sent")
    assert digits_of(agent) == "12#"

    customer.page.keyboard.press("Escape")
    assert customer.state == "connected"


def digits_of(agent: DeskPage) -> str:
    return "".join(contact["digits"] for contact in agent.state()["contacts"])


def test_invitation_link_is_made_copied_and_cancelled(talk: Talk) -> None:
    """Should show four places, take one for the link, and give it back (feature 27)."""
    customer = talk.customer
    customer.choose("invite")
    link = customer.page.locator("[data-place] input")
    link.wait_for()
    assert "/join/" in link.input_value()
    assert customer.page.locator('[data-msg="invite.free"]').count() == 3
    customer.press("copy-invite")
    customer.wait_for_message("invite.copied")

    customer.press("cancel-invite")
    eventually(
        customer.page,
        lambda: customer.page.locator('[data-msg="invite.free"]').count(),
        until=lambda free: free == 4,
        what="four free places",
    )
    customer.page.keyboard.press("Escape")


def test_people_are_listed_with_microphone_and_camera(talk: Talk) -> None:
    """Should say in words who is muted, as it changes (feature 28)."""
    customer, agent = talk.customer, talk.agent
    customer.choose("people")
    rows = customer.page.locator(".people li")
    eventually(customer.page, rows.count, until=lambda n: n == 2, what="two people")
    agent.press("mute")
    customer.wait_for_message("people.mic.off")
    agent.press("mute")
    eventually(
        customer.page,
        lambda: customer.shows("people.mic.off"),
        until=lambda shown: not shown,
        what="the microphone is on again",
    )
    customer.page.keyboard.press("Escape")


def test_chat_carries_text_both_ways(talk: Talk) -> None:
    """Should be offered by the desk, count what is unread, and show text as text (feature 29)."""
    customer, agent = talk.customer, talk.agent
    agent.press("chat")
    agent.page.locator("#chat-text").fill("Hello <b>Ana</b>")
    agent.page.keyboard.press("Enter")
    customer.wait_for_message("chat.new")
    badge = customer.page.locator('[data-action="more"] .control-badge')
    eventually(customer.page, badge.inner_text, until=lambda text: "1" in text, what="one unread")

    customer.choose("chat")
    customer.page.locator("#chat-text").fill("Good morning")
    customer.page.keyboard.press("Enter")
    assert customer.page.locator(".chat-line p").all_inner_texts() == [
        "Hello <b>Ana</b>",
        "Good morning",
    ]
    agent.wait_for_text("Good morning")
    customer.page.keyboard.press("Escape")
    assert not customer.page.locator(".chat").is_visible()
    assert customer.state == "connected"
    agent.press("chat")


def test_shortcuts_press_the_buttons_until_they_are_switched_off(talk: Talk) -> None:
    """Should mute and unmute by keys, tell of it, and obey the switch (case 28)."""
    customer = talk.customer
    page, mute = customer.page, customer.button("mute")
    page.keyboard.press("Control+d")
    eventually(
        page, lambda: mute.get_attribute("aria-pressed"), until=lambda v: v == "true", what="muted"
    )
    customer.wait_for_message("call.self.mic.off")
    page.keyboard.press("Control+d")
    eventually(
        page, lambda: mute.get_attribute("aria-pressed"), until=lambda v: v == "false", what="on"
    )

    page.keyboard.press("Control+/")
    page.locator("#shortcuts-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+d")
    assert mute.get_attribute("aria-pressed") == "false"


def test_pictures_go_into_a_small_window_and_come_back(talk: Talk) -> None:
    """Should keep the pictures moving in a window of their own until it is closed (feature 33)."""
    customer = talk.customer
    stage = customer.page.locator("[data-part=stage]")
    customer.choose("pip")
    eventually(customer.page, stage.count, until=lambda n: n == 0, what="the pictures are gone")
    customer.wait_for_message("pip.away")
    customer.choose("pip")
    eventually(customer.page, stage.count, until=lambda n: n == 1, what="the pictures are back")
    wait_until_seeing(customer.browser)


def test_call_fills_the_screen_and_comes_back(talk: Talk) -> None:
    """Should show the whole call over the screen until the same control is pressed (feature 34)."""
    customer = talk.customer
    for shown in (True, False):
        customer.choose("fullscreen")
        eventually(
            customer.page,
            lambda: customer.page.evaluate("document.fullscreenElement !== null"),
            until=lambda full, shown=shown: full is shown,  # type: ignore[misc]
            what="full screen" if shown else "the page again",
        )


def test_unplugged_microphone_gives_way_to_another(talk: Talk) -> None:
    """Should say which one is gone and be heard all the same (case 31)."""
    customer, agent = talk.customer, talk.agent
    _unplug_the_microphone(customer)
    customer.wait_for_message("dev.lost")
    wait_until_hearing(agent.browser)
    customer.press("dismiss")


def test_microphone_is_changed_without_a_break(talk: Talk) -> None:
    """Should send from the other device, with the call going on (case 30)."""
    customer, agent = talk.customer, talk.agent
    customer.choose("devices")
    picker = customer.page.locator('dialog[open] [data-picker="microphone"]')
    before = picker.input_value()
    others = picker.locator("option").evaluate_all("all => all.map(({ value }) => value)")
    other = next(value for value in others if value != before)
    picker.select_option(other)
    eventually(
        customer.page,
        lambda: customer.page.evaluate(_SENT_FROM),
        until=lambda device: device == other,
        what="sound is sent from the other microphone",
    )
    customer.page.keyboard.press("Escape")
    wait_until_hearing(agent.browser)
    assert customer.state == "connected"


_SENT_FROM = """
() => window.__peers
  .flatMap((peer) => peer.getSenders())
  .find(({ track }) => track?.kind === "audio" && track.readyState === "live")
  ?.track.getSettings().deviceId
"""

_UNPLUG = """
() => {
  const { mediaDevices } = navigator;
  const devices = mediaDevices.enumerateDevices.bind(mediaDevices);
  let gone = null;
  mediaDevices.enumerateDevices = async () => {
    const all = await devices();
    gone ??= all.find(({ kind }) => kind === "audioinput")?.deviceId;
    return all.filter(({ deviceId }) => deviceId !== gone);
  };
  mediaDevices.dispatchEvent(new Event("devicechange"));
}
"""


def _unplug_the_microphone(customer: CallPage) -> None:
    customer.page.evaluate(_UNPLUG)


def test_controls_fit_a_phone(talk: Talk) -> None:
    """Should keep what does not fit behind one button, and never scroll sideways (case 34)."""
    page = talk.customer.page
    page.set_viewport_size({"width": 320, "height": 640})
    talk.customer.press("more")
    eventually(
        page,
        lambda: talk.customer.button("devices").is_visible(),
        until=bool,
        what="the sheet of controls",
    )
    page.keyboard.press("Escape")
    assert talk.customer.state == "connected"
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.set_viewport_size({"width": 1280, "height": 800})


def test_call_moves_to_another_window_and_back_only_when_asked(talk: Talk) -> None:
    """Should tell the first window, and let it take the call back once, without a fight (case 43)."""
    customer, agent = talk.customer, talk.agent
    # The SDK's own, of a session that is stopped while it still connects.
    customer.browser.watched.expected.add("reading 'currentState'")
    second = customer.in_another_window()
    second.press("rejoin")
    second.wait_for("connected")
    customer.wait_for("ended")
    customer.wait_for_message("end.dup")

    customer.press("rejoin")
    customer.wait_for("connected")
    second.wait_for("ended")
    second.wait_for_message("end.dup")
    wait_until_seeing(agent.browser)
    customer.page.wait_for_timeout(1500)
    assert (customer.state, second.state) == ("connected", "ended")
    second.page.close()
