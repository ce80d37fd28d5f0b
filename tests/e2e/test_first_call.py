"""The first call: a customer and an agent, in two browsers, see and hear each other."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest

from tests.contacts_world import control
from tests.e2e.admin_page import AdminPage
from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import (
    wait_for_remote_pictures,
    wait_until_hearing,
    wait_until_seeing,
    wait_until_silent,
)
from tests.servers import LocalConnect

pytestmark = pytest.mark.e2e

_START = """
async (body) => {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  const answer = await fetch("/api/v1/contacts/", { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}
"""


def connect_two(crowd: Crowd) -> tuple[CallPage, DeskPage]:
    """Bring a customer and an agent into one call, by hand."""
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued", name="Ana Lima")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    return customer, agent


def test_call_between_two_browsers_carries_pictures_and_sound_both_ways(crowd: Crowd) -> None:
    """Should let both decode frames and hear sound, and tell the state by the socket (case 26)."""
    customer, agent = connect_two(crowd)
    for side in (customer.browser, agent.browser):
        wait_until_seeing(side)
        wait_until_hearing(side)
    assert "Ana Lima" in agent.text()
    pushed = customer.pushed_states()
    assert pushed[-1] == "connected"
    assert pushed == sorted(pushed, key=["initiated", "queued", "connected"].index)


def test_mute_on_either_side_silences_the_other_until_unmuted(crowd: Crowd) -> None:
    """Should stop and resume what the other side hears."""
    customer, agent = connect_two(crowd)
    for speaker, listener in ((customer, agent), (agent, customer)):
        wait_until_hearing(listener.browser)
        speaker.press("mute")
        wait_until_silent(listener.browser)
        speaker.press("mute")
        wait_until_hearing(listener.browser)


def test_camera_off_on_either_side_takes_the_picture_away_until_it_is_back(crowd: Crowd) -> None:
    """Should remove the other side's picture and bring a moving one back (case 29)."""
    customer, agent = connect_two(crowd)
    for shown, watcher in ((customer, agent), (agent, customer)):
        wait_until_seeing(watcher.browser)
        shown.press("camera")
        wait_for_remote_pictures(watcher.browser, 0)
        shown.press("camera")
        wait_until_seeing(watcher.browser)


def test_hang_up_by_the_customer_ends_the_call_for_both(crowd: Crowd) -> None:
    """Should say how it ended, with a reference, and leave every state in admin."""
    customer, agent = connect_two(crowd)
    wait_until_seeing(customer.browser)
    wait_until_seeing(agent.browser)
    customer.press("leave")
    customer.wait_for("ended")
    customer.wait_for_message("end.self")
    wait_for_remote_pictures(agent.browser, 0)
    reference = customer.reference
    assert len(reference) == 9
    admin = AdminPage(crowd.browser().page, crowd.stack.portal.url)
    admin.log_in()
    record = eventually(
        admin.page,
        lambda: admin.open_contact(reference),
        until=lambda text: "The customer left" in text,
        what="the end in admin",
    ).lower()
    for state in ("requested", "initiated", "queued", "connected", "ended"):
        assert state in record
    assert "ana lima" in record
    assert "/call/demo/" in record or crowd.stack.portal.url in record


def test_hang_up_by_the_agent_ends_the_call_for_both(crowd: Crowd) -> None:
    """Should tell the customer that the agent ended it, with a reference (case 49)."""
    customer, agent = connect_two(crowd)
    wait_until_seeing(customer.browser)
    agent.press("leave")
    customer.wait_for("ended")
    customer.wait_for_message("end.agent")
    assert len(customer.reference) == 9
    wait_for_remote_pictures(agent.browser, 0)


def test_desk_shows_what_the_customer_and_the_site_told(crowd: Crowd) -> None:
    """Should show name, description, attributes and references before the call is accepted."""
    customer = crowd.customer()
    customer.open()
    started = customer.page.evaluate(
        _START,
        {
            "entry_point": "demo",
            "name": "Bo Berg",
            "description": "The parcel came open.",
            "attributes": {"basket": "cameras"},
            "references": {"Order": {"type": "URL", "value": "https://shop.example/orders/17"}},
        },
    )
    assert started["status"] == 201, started
    customer.open(f"/calls/{started['body']['id']}/")
    customer.press("rejoin")
    customer.wait_for("queued")
    agent = crowd.agent()
    agent.wait_for_text(
        *(
            "Bo Berg",
            "The parcel came open.",
            "basket",
            "cameras",
            "Order",
            "shop.example/orders/17",
        )
    )
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)


def test_reloaded_page_comes_back_into_the_call(crowd: Crowd) -> None:
    """Should offer to rejoin after a reload, and bring pictures back (case 41)."""
    customer, agent = connect_two(crowd)
    wait_until_seeing(agent.browser)
    customer.page.on("dialog", lambda dialog: dialog.accept())
    customer.page.reload()
    customer.wait_for("ready")
    customer.press("rejoin")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)
    wait_until_seeing(agent.browser)


def test_page_loaded_too_late_offers_a_new_call(crowd: Crowd) -> None:
    """Should say that the call is over, and begin another one only when asked (case 42)."""
    customer, agent = connect_two(crowd)
    customer.page.on("dialog", lambda dialog: dialog.accept())
    address = customer.page.url
    control(crowd.stack.connect, "PATCH", "/_local/settings", {"rejoin_window_s": 1})
    try:
        customer.page.goto("about:blank")
        agent.wait_for_button("ready")
    finally:
        control(crowd.stack.connect, "PATCH", "/_local/settings", {"rejoin_window_s": 60})
    customer.page.goto(address)
    customer.wait_for("ended")
    customer.press("call-again")
    customer.wait_for("details")
    assert len(agent.state()["contacts"]) == 1


def test_call_leaves_no_token_in_any_log_or_frame(crowd: Crowd) -> None:
    """Should keep join and participant tokens out of logs, addresses, pushed frames and admin."""
    replies: list[dict[str, Any]] = []
    customer = crowd.customer()
    customer.page.on(
        "response",
        lambda reply: (
            replies.append(reply.json()) if reply.url.endswith("/api/v1/contacts/") else None
        ),
    )
    customer.open_from_the_front()
    customer.go_on_to("queued")
    customer.page.wait_for_timeout(500)
    join_token = replies[0]["connection"]["Attendee"]["JoinToken"]
    admin = AdminPage(crowd.browser().page, crowd.stack.portal.url)
    admin.log_in()
    record = admin.open_contact(replies[0]["reference"])
    participant_token = participant_token_of(crowd, record)
    pushed = "".join(customer.browser.watched.frames_of("/ws/contacts/"))
    told = crowd.stack.connect.logs() + crowd.stack.portal.logs() + pushed + record
    for secret in (join_token, participant_token):
        assert len(secret) > 20
        assert secret not in told + customer.page.url


def participant_token_of(crowd: Crowd, record: str) -> str:
    """Return the token that only the portal was given: a repeated request is answered with it again."""
    found = re.search(r"Client token:\s*(\S+)", record)
    assert found, record
    connect = boto3.client(
        "connect",
        endpoint_url=crowd.stack.connect.url,
        region_name=LocalConnect.region,
        aws_access_key_id=LocalConnect.access_key,
        aws_secret_access_key=LocalConnect.secret_key,
    )
    reply = connect.start_web_rtc_contact(
        InstanceId=LocalConnect.instance_id,
        ContactFlowId=LocalConnect.contact_flow_id,
        ParticipantDetails={"DisplayName": "Ana"},
        ClientToken=found.group(1),
    )
    connect.close()
    return str(reply["ParticipantToken"])
