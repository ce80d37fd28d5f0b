"""A third person in the call: the customer's guest, in a browser of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.media import wait_for_remote_pictures, wait_until_hearing, wait_until_seeing
from tests.e2e.test_first_call import connect_two

pytestmark = pytest.mark.e2e

_ASK = """
async ({ path, method }) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: method === "GET" ? undefined : "{}" });
  return answer.json();
}
"""


def ask(customer: CallPage, path: str, method: str = "POST") -> dict[str, Any]:
    """Ask the API as the customer's page does."""
    path = f"/api/v1/contacts/{customer.contact_id}/{path}"
    answer: dict[str, Any] = customer.page.evaluate(_ASK, {"path": path, "method": method})
    return answer


def open_link(crowd: Crowd, link: str) -> CallPage:
    """Open an invitation in a browser that was never here."""
    guest = crowd.customer()
    guest.page.goto(link)
    guest.wait_for("ready", "ended")
    return guest


def test_guest_waits_for_the_agent_and_joins_by_themselves(crowd: Crowd) -> None:
    """Should show the guest that the call has not started, and bring them in when it does (case 36)."""
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    link = ask(customer, "invitations/")["link"]
    guest = open_link(crowd, link)
    assert link.rstrip("/").rpartition("/")[2] not in guest.page.url
    guest.wait_for_message("guest.ready")
    guest.go_on_to("guest_waiting", name="Gil")
    guest.wait_for_message("guest.waiting")
    assert "Ana Lima" in guest.text()

    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")

    for one in (customer, guest):
        one.wait_for("connected")
    for browser in (customer.browser, guest.browser, agent.browser):
        wait_until_seeing(browser, pictures=2)
        wait_until_hearing(browser)
    customer.page.locator(".tile-name", has_text="Gil").wait_for()


def test_guest_comes_back_after_a_reload_and_leaves_alone(crowd: Crowd) -> None:
    """Should take one tap to be back as the same person, and leave the others their call."""
    customer, agent = connect_two(crowd)
    guest = open_link(crowd, ask(customer, "invitations/")["link"])
    guest.go_on_to("connected", name="Gil")
    wait_until_seeing(guest.browser, pictures=2)
    guest.browser.page.reload()
    guest.wait_for("ready")
    guest.wait_for_message("reload.back")
    guest.press("rejoin")
    guest.wait_for("connected")
    wait_until_seeing(guest.browser, pictures=2)
    wait_for_remote_pictures(customer.browser, 2)

    guest.press("leave")
    guest.wait_for("ended")
    guest.wait_for_message("end.self")
    wait_for_remote_pictures(customer.browser, 1)
    assert customer.state == "connected"
    guest.press("call-again")
    guest.go_on_to("connected", name="Gil")
    wait_for_remote_pictures(customer.browser, 2)
    agent.press("leave")
    for one in (customer, guest):
        one.wait_for("ended")
        one.wait_for_message("end.agent")


def test_revoked_guest_is_out_and_the_link_is_gone(crowd: Crowd) -> None:
    """Should tell the guest that they were removed, and others with the link that it no longer works (case 38)."""
    customer, _ = connect_two(crowd)
    made = ask(customer, "invitations/")
    guest = open_link(crowd, made["link"])
    guest.browser.watched.expected.add("AudioAttendeeRemoved")
    guest.go_on_to("connected", name="Gil")
    wait_until_seeing(customer.browser, pictures=2)
    late = open_link(crowd, made["link"])
    late.wait_for("ended")
    late.wait_for_message("guest.gone")

    ask(customer, f"invitations/{made['id']}/", "DELETE")

    guest.wait_for("ended")
    guest.wait_for_message("end.removed")
    wait_for_remote_pictures(customer.browser, 1)
    assert customer.state == "connected"
    eventually(
        customer.page,
        lambda: ask(customer, "invitations/", "GET")["places_left"],
        until=lambda left: left == 4,
        what="a free place",
    )


def test_guest_of_a_full_call_is_told_so_and_may_try_again(crowd: Crowd) -> None:
    """Should send away who is too many, leave the others alone, and let in once there is room (case 37)."""
    connect = crowd.stack.connect
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    control(connect, "POST", "/_local/agents", {"name": "Bo", "auto_answer_s": 0, "media": "none"})
    customer.wait_for("connected", within_s=60)
    made = [ask(customer, "invitations/") for _ in range(2)]
    first = open_link(crowd, made[0]["link"])
    first.browser.watched.expected.add("AudioAttendeeRemoved")
    first.go_on_to("connected", name="Gil")
    control(connect, "PATCH", "/_local/settings", {"people_in_call": 3})

    second = open_link(crowd, made[1]["link"])
    second.browser.watched.expected.add("AudioCallAtCapacity")
    second.go_on_to("ended", name="Eve")

    second.wait_for_message("guest.full")
    assert "Ana Lima" in second.text()
    assert (customer.state, first.state) == ("connected", "connected")
    wait_until_seeing(customer.browser)
    ask(customer, f"invitations/{made[0]['id']}/", "DELETE")
    first.wait_for("ended")
    second.press("call-again")
    second.go_on_to("connected", name="Eve")
    wait_until_seeing(second.browser)
