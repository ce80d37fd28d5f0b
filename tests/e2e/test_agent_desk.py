"""What agents do at their desks during and after a call, in real browsers."""

from __future__ import annotations

import boto3
import pytest

from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import wait_until_hearing, wait_until_seeing, wait_until_silent
from tests.e2e.test_first_call import connect_two
from tests.servers import LocalConnect

pytestmark = pytest.mark.e2e


def attributes_of_the_call(connect: LocalConnect, desk: DeskPage) -> dict[str, str]:
    """The attributes of the only contact there was."""
    client = boto3.client(
        "connect",
        endpoint_url=connect.url,
        region_name=connect.region,
        aws_access_key_id=connect.access_key,
        aws_secret_access_key=connect.secret_key,
    )
    [contact] = [
        contact
        for contact in desk.state()["contacts"]
        if contact["initiation_method"] == "WEBRTC_API"
    ]
    reply = client.get_contact_attributes(
        InstanceId=connect.instance_id, InitialContactId=contact["id"]
    )
    attributes: dict[str, str] = reply["Attributes"]
    return attributes


def test_colleague_joins_the_call_and_the_agent_notes_how_it_went(crowd: Crowd) -> None:
    """Should ring at the colleague alone, show everybody to everybody, and keep what is said afterwards."""
    customer, desk = connect_two(crowd)
    colleague = crowd.agent("Cara")
    desk.press("invite")
    desk.choose("Cara")
    colleague.wait_for_button("accept")
    colleague.press("accept")

    for side, others in ((colleague, 2), (desk, 2), (customer, 2)):
        wait_until_seeing(side.browser, pictures=others)
    wait_until_hearing(colleague.browser)
    assert colleague.button("transfer").count() == 0
    colleague.press("leave")
    wait_until_seeing(desk.browser, pictures=1)

    desk.press("hold")
    desk.wait_for_text("On hold", "Resume")
    desk.press("hold")
    desk.press("leave")
    desk.wait_for_text("The call has ended", "Back in the queue of agents in")
    desk.page.select_option("[name=outcome]", "solved")
    desk.page.fill("[name=note]", "Wants the blue one.")
    desk.press("ready")

    eventually(
        desk.page,
        lambda: attributes_of_the_call(crowd.stack.connect, desk),
        until=lambda said: (
            said.get("outcome") == "solved" and said.get("note") == "Wants the blue one."
        ),
        what="the note is kept as attributes of the contact",
    )
    desk.wait_for_text("Ready for the next call")


def test_hold_parts_customer_and_agent_until_resumed(crowd: Crowd) -> None:
    """Should play music to the customer, say so on their page, and let the agent hear nothing of them (case 48)."""
    customer, desk = connect_two(crowd)
    wait_until_hearing(desk.browser)

    desk.press("hold")
    customer.wait_for_message("call.hold")
    assert "Your microphone is off meanwhile" in customer.text()
    wait_until_silent(desk.browser)
    wait_until_hearing(customer.browser)

    desk.press("hold")
    wait_until_hearing(desk.browser)
    assert "You are on hold" not in customer.text()


def test_keys_answer_and_end_as_buttons_do(crowd: Crowd) -> None:
    """Should take a call, mute and put it on hold without a pointer."""
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued", name="Ana Lima")
    desk = crowd.agent()
    desk.wait_for_button("accept")

    desk.page.keyboard.press("Alt+a")
    customer.wait_for("connected")
    desk.wait_for_button("mute")
    desk.page.keyboard.press("Alt+m")
    desk.wait_for_text("Turn on microphone")
    desk.wait_for_button("hold")
    desk.page.keyboard.press("Alt+h")

    desk.wait_for_text("On hold. Ana Lima hears music")


def test_call_is_sent_on_to_the_next_agent(crowd: Crowd) -> None:
    """Should give the call back to the queue by the desk's button, tell its customer, and bring another agent."""
    customer, desk = connect_two(crowd)
    desk.press("transfer")
    desk.page.locator("[data-choice]:visible").first.click()
    customer.wait_for_message("q.noanswer", "q.connecting")
    colleague = crowd.agent("Cara")
    colleague.wait_for_button("accept")
    colleague.press("accept")
    wait_until_seeing(customer.browser)
    wait_until_hearing(colleague.browser)
    assert customer.state == "connected"
    assert not customer.shows("q.noanswer")
