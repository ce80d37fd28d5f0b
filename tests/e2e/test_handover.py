"""A call goes on on the customer's phone, and comes back."""

from __future__ import annotations

import json

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e


def test_call_goes_on_on_the_phone_and_comes_back(crowd: Crowd) -> None:
    """Should show a code, let the phone in with one tap, say on the desktop where the call went, and never have two of them in it."""
    stack = crowd.stack
    agent = {"name": "Bo", "auto_answer_s": 0, "media": "none"}
    control(stack.connect, "POST", "/_local/agents", agent)
    desktop = crowd.customer()
    desktop.browser.watched.expected.add("AudioJoinedFromAnotherDevice")
    desktop.open()
    desktop.go_on_to("connected")
    with desktop.page.expect_response("**/handover/") as answered:
        desktop.choose("handover")
    link = json.loads(answered.value.text())["link"]
    code = desktop.page.locator(".handover-code svg")
    code.wait_for()
    assert desktop.shows("handover.left")
    assert code.locator("path").get_attribute("d")

    phone = CallPage(crowd.browser(), stack.portal.url)
    phone.browser.watched.expected.add("AudioJoinedFromAnotherDevice")
    phone.page.goto(link)
    phone.wait_for("ready")
    assert phone.shows("handover.here")
    assert link.split("/")[-2] not in phone.page.url
    phone.press("rejoin")
    phone.wait_for("connected")
    desktop.wait_for("ended")
    desktop.wait_for_message("handover.went")
    assert present(crowd) == 1

    desktop.press("rejoin")
    desktop.wait_for("connected")
    phone.wait_for("ended")
    phone.wait_for_message("end.dup")
    assert present(crowd) == 1
    assert link.split("/")[-2] not in stack.log_tails()


def present(crowd: Crowd) -> int:
    """Return how many are in the meeting, once it has settled; the agent, who has no media, is not."""
    return eventually(
        crowd.browsers[0].page,
        lambda: sum(
            not one["lost"]
            for meeting in control(crowd.stack.connect, "GET", "/_local/state")["meetings"]
            for one in meeting["present"]
        ),
        until=lambda count: count == 1,
        what="one customer in the meeting",
    )
