"""The search for an agent as its customer sees it: somebody is asked, does not come, or is lost in the call."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.contacts_world import control, upstream_contacts
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.media import wait_until_seeing

pytestmark = pytest.mark.e2e


@pytest.fixture
def short_ring(stack: Stack) -> Iterator[None]:
    """Let calls ring for 3 s."""
    control(stack.connect, "PATCH", "/_local/settings", {"ring_s": 3})
    yield
    control(stack.connect, "PATCH", "/_local/settings", {"ring_s": 20})


@pytest.mark.usefixtures("short_ring")
def test_missed_ring_keeps_the_place_and_the_next_one_connects(crowd: Crowd) -> None:
    """Should say that somebody is coming, then that somebody else is looked for, in the same place (cases 26, 27)."""
    customer = crowd.customer()
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    agent = crowd.agent()
    customer.wait_for_message("q.connecting")
    customer.wait_for_message("q.noanswer")
    customer.wait_for_message("q.noanswer.body")
    assert customer.state == "queued"
    [contact] = upstream_contacts(crowd.stack.connect)
    assert contact["state"].lower() == "queued"

    agent.press("available")
    customer.wait_for_message("q.connecting")
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    assert not customer.shows("q.connecting")


def test_customer_of_a_lost_desk_is_next(crowd: Crowd) -> None:
    """Should tell the customer of a desk that has vanished that somebody else is looked for, and bring them first."""
    customer, agent = crowd.customer(), crowd.agent()
    customer.open()
    customer.go_on_to("queued", "connected", name="Ana Lima")
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)
    later = crowd.customer()
    later.open()
    later.go_on_to("queued", name="Bo Berg")

    agent.browser.close()
    crowd.browsers.remove(agent.browser)
    customer.wait_for_message("q.noanswer")
    customer.wait_for_message("q.noanswer.body")
    assert customer.state == "connected"

    other = crowd.agent("Cara")
    other.wait_for_button("accept")
    other.press("accept")
    wait_until_seeing(customer.browser)
    eventually(
        customer.page,
        lambda: customer.shows("q.noanswer") or customer.shows("q.connecting"),
        until=lambda searching: not searching,
        what="nobody is looked for any more",
    )
    assert later.state == "queued"


def test_long_wait_is_admitted_and_waited_on(crowd: Crowd) -> None:
    """Should say that it takes longer than was said, offer a callback, and not ask again who waits on (case 24)."""
    agent = crowd.agent()
    first, customer = crowd.customer(), crowd.customer()
    first.open()
    first.go_on_to("queued", name="Bo Berg")
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.open()
    customer.go_on_to("queued", name="Ana Lima")
    customer.wait_for_message("q.position.body", "q.minute")

    customer.page.clock.set_fixed_time((time.time() + 3600) * 1000)
    customer.wait_for_message("q.long")
    assert customer.button("callback").first.is_visible()
    customer.press("keep-waiting")
    customer.wait_for_message("q.held")
    assert not customer.shows("q.long")

    customer.page.on("dialog", lambda dialog: dialog.accept())
    customer.page.reload()
    customer.wait_for("ready")
    customer.press("rejoin")
    customer.wait_for("queued")
    customer.wait_for_message("q.held", "q.minute", "q.position.body")
    assert not customer.shows("q.long")
