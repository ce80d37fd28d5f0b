"""A call on a bad network: the customer's page with the unmodified SDK comes back by itself, or is told that it is over."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Route

from tests.e2e.admin_page import AdminPage
from tests.e2e.browsers import Browser, eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import wait_for_remote_pictures, wait_until_hearing, wait_until_seeing
from tests.network import Network, NetworkThread
from tests.servers import LocalConnect

pytestmark = pytest.mark.e2e

_OUTAGE_S = 4
_GIVEN_UP_WITHIN_S = 70  # by a page, which tries for 55
"""Less than the SDK and ICE endure; what comes of longer ones is tested with the SDK alone, which can be told to endure less."""


@pytest.fixture
def network() -> Iterator[NetworkThread]:
    with NetworkThread().running() as running:
        yield running


def _connect_two(
    crowd: Crowd, network: NetworkThread, page: str = "/call/demo/"
) -> tuple[CallPage, DeskPage]:
    """A call whose customer is behind the network."""
    browser = crowd.browser(bypass_csp=True)  # the page's own policy names the server's port
    customer = CallPage(browser, crowd.stack.portal.url)

    def by_way_of_the_network(route: Route) -> None:
        reply = route.fetch()
        body = reply.json()
        placement = body["connection"]["Meeting"]["MediaPlacement"]
        placement["SignalingUrl"] = network.lead(placement["SignalingUrl"])
        route.fulfill(response=reply, json=body)

    browser.page.route("**/api/v1/contacts/", by_way_of_the_network)
    customer.open(page)
    customer.go_on_to("queued", name="Ana Lima")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    return customer, agent


def _call_is_well(customer: CallPage, agent: DeskPage) -> None:
    for browser in (customer.browser, agent.browser):
        wait_until_seeing(browser)
        wait_until_hearing(browser)
    assert customer.state == "connected"


def _pause(browser: Browser, seconds: float) -> None:
    browser.page.wait_for_timeout(seconds * 1000)


def test_call_survives_what_a_network_does(crowd: Crowd, network: NetworkThread) -> None:
    """Should bring pictures and sound back after each trouble, without the contact ending."""
    customer, agent = _connect_two(crowd, network)
    _call_is_well(customer, agent)
    assert network.sockets == 1

    network.do(Network.move)
    _pause(customer.browser, 1)
    _call_is_well(customer, agent)
    assert network.sockets == 1, "an address change needs no new connection"

    network.do(Network.cut)
    eventually(customer.page, lambda: network.sockets, until=lambda n: n == 2, what="comes back")
    _call_is_well(customer, agent)

    network.close_sockets(4500)
    eventually(customer.page, lambda: network.sockets, until=lambda n: n == 3, what="comes back")
    _call_is_well(customer, agent)

    network.do(Network.block)
    _pause(customer.browser, _OUTAGE_S)
    network.do(Network.unblock)
    _call_is_well(customer, agent)

    process = crowd.stack.connect.pid
    os.kill(process, signal.SIGSTOP)
    try:
        _pause(customer.browser, _OUTAGE_S)
    finally:
        os.kill(process, signal.SIGCONT)
    _call_is_well(customer, agent)


def test_customer_who_comes_back_too_late_is_told_that_the_call_is_over(
    crowd: Crowd, network: NetworkThread
) -> None:
    """Should end the contact when the rejoin window is over, and offer another call to the customer on return."""
    customer, agent = _connect_two(crowd, network)
    _call_is_well(customer, agent)
    _settings(crowd.stack.connect, rejoin_window_s=2)
    try:
        network.do(Network.block)
        network.do(lambda it: it.cut(upwards_only=True))
        eventually(
            agent.page,
            lambda: agent.state()["contacts"][0]["state"],
            until=lambda state: state == "ended",
            what="the contact ends",
        )
        agent.wait_for_button("ready")
        network.do(Network.unblock)
        customer.wait_for("ended", within_s=30)
        assert customer.button("call-again").first.is_visible()
    finally:
        _settings(crowd.stack.connect, rejoin_window_s=60)


def test_customer_who_calls_again_comes_back_into_the_call_that_goes_on(
    crowd: Crowd, network: NetworkThread
) -> None:
    """Should lead back to the agent, who still is there, after the page has given the connection up (case 40)."""
    customer, agent = _connect_two(crowd, network)
    _call_is_well(customer, agent)
    _settings(crowd.stack.connect, rejoin_window_s=300)
    try:
        network.do(Network.block)
        customer.wait_for("ended", within_s=_GIVEN_UP_WITHIN_S)
        customer.wait_for_message("end.lost")
        network.do(Network.cut)  # a goodbye to a network that is gone arrives nowhere
        network.do(Network.unblock)
        customer.button("call-again").first.click()
        customer.wait_for("connected", within_s=30)
        _call_is_well(customer, agent)
        assert len(agent.state()["contacts"]) == 1
    finally:
        _settings(crowd.stack.connect, rejoin_window_s=60)


def _settings(connect: LocalConnect, **changes: Any) -> None:
    request = urllib.request.Request(
        f"{connect.url}/_local/settings", method="PATCH", data=json.dumps(changes).encode()
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def test_customer_is_told_of_the_network_and_of_coming_back(
    crowd: Crowd, network: NetworkThread
) -> None:
    """Should ask once whether to turn the video off, and count down while the call is away (cases 39, 47)."""
    customer, agent = _connect_two(crowd, network)
    _call_is_well(customer, agent)

    network.do(lambda it: it.lose(0.4))
    customer.wait_for_message("net.stopvideo")
    customer.press("stop-video")
    wait_for_remote_pictures(agent.browser, 0)
    network.do(lambda it: it.lose(0.0))
    wait_until_hearing(agent.browser)

    network.do(Network.block)
    customer.wait_for("reconnecting")
    customer.wait_for_message("net.reconnect")
    left = customer.page.locator('[data-msg="net.reconnect.left"]').inner_text()
    assert 30 < int(left.split()[0]) <= 55
    network.do(Network.unblock)
    customer.wait_for("connected")
    customer.wait_for_message("net.back")
    wait_until_hearing(agent.browser)
    assert len(agent.state()["contacts"]) == 1


def test_staff_and_partner_learn_of_a_bad_network(crowd: Crowd, network: NetworkThread) -> None:
    """Should show what the customer's browser and Connect measured of the call, and tell the partner while it lasts."""
    portal = crowd.stack.portal
    key = portal.manage("create_api_key", "Example", "--entry-point", "demo").split()[-1]

    def told(path: str) -> Any:
        answer = requests.get(
            f"{portal.url}/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        assert answer.ok, answer.text
        return answer.json()

    own = {"slug": "weak-lines", "name": "Weak lines", "company": "Example", "ignores_hours": True}
    made = requests.post(
        f"{portal.url}/api/v1/entry-points/",
        json=own,
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert made.status_code == 201, made.text
    customer, agent = _connect_two(crowd, network, "/call/weak-lines/")
    _call_is_well(customer, agent)
    contact = customer.contact_id
    network.do(lambda it: it.lose(0.4))
    customer.wait_for_message("net.stopvideo")

    def degraded() -> list[dict[str, Any]]:
        events = told("events/?type=quality.degraded")["data"]
        return [
            one["data"]["quality"] for one in events if one["data"]["contact"]["id"] == contact
        ]

    [spell] = eventually(
        customer.page, degraded, until=bool, what="the partner is told", within_s=40
    )
    assert (spell["kind"], spell["by"], spell["ended_at"]) == ("network_poor", "customer", None)
    network.do(lambda it: it.lose(0.0))
    wait_until_hearing(agent.browser)
    agent.press("leave")
    customer.wait_for("ended")

    def quality() -> dict[str, Any]:
        return dict(told(f"contacts/{contact}/?expand=quality")["quality"] or {})

    known = eventually(
        agent.page,
        quality,
        until=lambda it: bool(it.get("customer") and it.get("agent")),
        what="Connect's scores are read",
        within_s=40,
    )
    assert known["band"] == "poor"
    assert "HighPacketLoss" in known["customer"]["issues"]
    assert known["setup_ms"] > 0
    kinds = {one["kind"] for one in known["spells"]}
    assert {"network_poor", "camera"} <= kinds

    admin = AdminPage(crowd.browser().page, portal.url)
    admin.log_in()
    admin.page.goto(f"{portal.url}/admin/contacts/contact/{contact}/change/")
    page = admin.page.locator("#content").inner_text()
    assert "Customer: Poor network" in page
    assert "HighPacketLoss" in page
    assert admin.page.locator(".piece-network-poor").count() >= 1
