"""After the call: what the customer is told of it, and what they say of it."""

from __future__ import annotations

import json

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

SURVEYS = """
import json
from contacts.models import Survey
print(json.dumps(list(Survey.objects.values("rating", "technical_problem", "comment"))))
"""


def test_bad_call_is_told_of_once(crowd: Crowd) -> None:
    """Should ask how it was, what went wrong only when it went badly, and keep the answer once (case 50)."""
    connect, portal = crowd.stack.connect, crowd.stack.portal
    control(connect, "POST", "/_local/agents", {"name": "Bo", "auto_answer_s": 0, "media": "none"})
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("connected")
    eventually(
        customer.page,
        lambda: customer.shows("call.connected") or customer.state == "connected",
        until=bool,
        what="the call is up",
    )
    customer.press("leave")
    customer.wait_for("ended")
    customer.wait_for_message("survey.title")
    page = customer.page
    assert not customer.shows("survey.problem")

    page.locator('[name=rating][value="5"]').check()
    assert not customer.shows("survey.problem")
    page.locator('[name=rating][value="1"]').check()
    customer.wait_for_message("survey.problem")
    page.locator("[name=problem][value=no_sound]").check()
    page.locator("#survey-comment").fill("I heard nobody.")
    page.locator(".survey button").first.click()
    customer.wait_for_message("survey.thanks")

    assert page.evaluate("document.activeElement.dataset.msg") == "survey.thanks"
    assert page.locator(".survey form").count() == 0
    said = {"rating": 1, "technical_problem": "no_sound", "comment": "I heard nobody."}
    assert json.loads(
        portal.manage("shell", "--no-imports", "--command", SURVEYS).splitlines()[-1]
    ) == [said]
