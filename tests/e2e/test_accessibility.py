"""Whether everybody can call: what axe-core finds on each screen, and the whole call without a pointer."""

from __future__ import annotations

import pytest

from tests.contacts_world import control
from tests.e2e import axe
from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.media import wait_until_hearing

pytestmark = pytest.mark.e2e


def _looked_at(customer: CallPage, screen: str) -> None:
    found = axe.findings(customer.page)
    assert not found, f"on {screen}:\n" + "\n".join(found)


def _dialog(customer: CallPage, action: str) -> None:
    """Open a control's dialog, look at it, and close it by Escape: which never ends the call."""
    state = customer.state
    customer.choose(action)
    customer.page.locator("dialog[open]").first.wait_for()
    _looked_at(customer, f"the dialog of {action}")
    customer.page.keyboard.press("Escape")
    customer.page.locator("dialog[open]").first.wait_for(state="detached")
    assert customer.state == state


def test_every_screen_of_a_call_can_be_read_by_everybody(crowd: Crowd) -> None:
    """Should have no serious finding of axe's on any screen, in light, dark and forced colours (case 54)."""
    customer = crowd.customer()
    customer.page.goto(f"{customer.portal_url}/")
    _looked_at(customer, "the list of entry points")
    customer.open()
    _looked_at(customer, "ready")
    customer.press("start")
    customer.wait_for("details")
    _looked_at(customer, "details")
    customer.press("continue")
    _looked_at(customer, "details with a mistake")
    customer.go_on_to("device_check")
    eventually(
        customer.page,
        lambda: customer.button("start").is_enabled(),
        until=bool,
        what="the device check is done",
    )
    _looked_at(customer, "the device check")
    customer.go_on_to("queued")
    _looked_at(customer, "the queue")
    _dialog(customer, "leave")
    _dialog(customer, "devices")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    _looked_at(customer, "the call")
    for action in ("keypad", "invite", "devices"):
        _dialog(customer, action)
    agent.press("chat")
    agent.page.locator("#chat-text").fill("Good morning")
    agent.page.keyboard.press("Enter")
    customer.wait_for_message("chat.new")
    _looked_at(customer, "the news of a message")
    customer.choose("chat")
    customer.page.locator("#chat-text").wait_for()
    _looked_at(customer, "the chat")
    customer.press("close-chat")
    customer.press("more")
    _looked_at(customer, "the sheet of controls")
    customer.page.keyboard.press("Escape")
    agent.press("hold")
    customer.wait_for_message("call.hold")
    _looked_at(customer, "the call on hold")
    agent.press("hold")
    agent.press("ask-screen")
    customer.wait_for_message("share.offer")
    _looked_at(customer, "the offer to share a screen")
    customer.press("leave")
    customer.wait_for("ended")
    customer.wait_for_message("survey.title")
    _looked_at(customer, "the end")
    reference = customer.reference
    customer.page.goto(f"{customer.portal_url}/help/call/{reference}/")
    _looked_at(customer, "what happened")


def test_failures_can_be_read_by_everybody(crowd: Crowd) -> None:
    """Should have no serious finding where the call cannot be had either (case 54)."""
    connect = crowd.stack.connect
    control(
        connect,
        "POST",
        "/_local/faults",
        {"operation": "StartWebRTCContact", "error": "LimitExceededException", "status": 429},
    )
    customer = crowd.customer()
    customer.browser.watched.expected.add("503")
    customer.open()
    customer.go_on_to("failed")
    _looked_at(customer, "the failure")


def _tab_to(customer: CallPage, action: str) -> None:
    """Press Tab until the control has the focus, as somebody without a pointer does."""
    page = customer.page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.action") == action:
            break
    else:
        raise AssertionError(f"Tab never reaches {action} in {customer.state}")
    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
    )
    assert outline, f"nothing shows that {action} has the focus"


def test_whole_call_goes_without_a_pointer(crowd: Crowd) -> None:
    """Should reach every control by Tab with a visible focus; Escape closes dialogs, not the call (case 53)."""
    customer = crowd.customer()
    page = customer.page
    customer.open()
    _tab_to(customer, "start")
    page.keyboard.press("Enter")
    customer.wait_for("details")
    page.locator('input[name="name"]').focus()
    page.keyboard.type("Ana Lima")
    page.keyboard.press("Enter")
    customer.wait_for("device_check")
    eventually(
        page,
        lambda: customer.button("start").is_enabled(),
        until=bool,
        what="the device check is done",
    )
    _tab_to(customer, "start")
    page.keyboard.press("Enter")
    customer.wait_for("queued")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_hearing(agent.browser)

    _tab_to(customer, "mute")
    page.keyboard.press("Space")
    eventually(
        page,
        lambda: customer.button("mute").first.get_attribute("aria-pressed"),
        until=lambda pressed: pressed == "true",
        what="the microphone is off",
    )
    _tab_to(customer, "camera")
    _tab_to(customer, "invite")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").first.wait_for()
    inside = page.evaluate("document.activeElement.closest('dialog') !== null")
    assert inside, "the dialog takes the focus"
    page.keyboard.press("Escape")
    page.locator("dialog[open]").first.wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.action") == "invite"
    page.keyboard.press("Escape")
    assert customer.state == "connected"

    _tab_to(customer, "leave")
    page.keyboard.press("Enter")
    customer.wait_for("ended")
    _tab_to(customer, "call-again")
