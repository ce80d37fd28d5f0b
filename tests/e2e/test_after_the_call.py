"""After the call: what the customer is told of it, and what they say of it."""

from __future__ import annotations

import json

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

ERASED = """
from contacts.models import Contact
print(repr(list(Contact.objects.filter(pk={id!r}).values_list("name", "customer_key_hash"))))
"""
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


def test_customer_reads_what_is_kept_and_has_it_deleted(crowd: Crowd) -> None:
    """Should say what was used and what is kept, ask before deleting, and leave nothing that says whose call it was."""
    connect, portal = crowd.stack.connect, crowd.stack.portal
    control(connect, "POST", "/_local/agents", {"name": "Bo", "auto_answer_s": 0, "media": "none"})
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("connected")
    contact_id = customer.contact_id
    customer.press("leave")
    customer.wait_for("ended")
    customer.wait_for_message("receipt.title")
    customer.wait_for_message("summary.date")  # the portal has it as ended
    used = customer.page.locator('[data-msg="receipt.used"]').inner_text()
    assert "your microphone" in used
    assert "your camera" in used
    assert "your screen" not in used
    kept = customer.page.locator('[data-msg="receipt.kept"]').inner_text()
    assert "{" not in kept

    focused = "document.activeElement.dataset.msg ?? document.activeElement.dataset.action"
    customer.press("erase")
    customer.wait_for_message("receipt.delete.ask")
    assert customer.page.evaluate(focused) == "receipt.delete.ask"
    customer.press("keep")
    assert customer.page.evaluate(focused) == "erase"
    customer.press("erase")
    customer.press("confirm-erase")
    customer.wait_for_message("receipt.deleted")
    assert customer.page.evaluate(focused) == "receipt.deleted"
    assert not customer.shows("receipt.kept")
    assert not customer.shows("survey.title")
    left = portal.manage("shell", "--no-imports", "--command", ERASED.format(id=contact_id))
    assert left.splitlines()[-1] == "[('', '')]"
