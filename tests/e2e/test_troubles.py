"""What goes wrong before a call, and what the page makes of it: a plain sentence, and a way on."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Playwright

from tests.e2e.admin_page import AdminPage
from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES, Browser
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.media import wait_for_remote_pictures, wait_until_seeing
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal

pytestmark = pytest.mark.e2e


def test_start_without_localconnect_fails_with_a_way_on_and_is_kept(
    playwright: Playwright,
) -> None:
    """Should say that the call could not be started, keep it with its cause, and work once tried again (case 51)."""
    connect = LocalConnect()
    with fresh_database(os.environ.get("DATABASE_URL")) as database_url:
        portal = Portal(
            connect_url=connect.url,
            database_url=database_url,
            redis_url=os.environ.get("REDIS_URL"),
        )
        with portal.running():
            browser = Browser(playwright)
            try:
                customer = CallPage(browser, portal.url)
                customer.open_from_the_front()
                customer.go_on_to("failed", name="Ana Lima")
                assert customer.shows("start.failed")
                assert customer.button("try-again").is_visible()
                reference = customer.reference
                with connect.running(events_url=portal.events_url, events_key=portal.events_key):
                    customer.press("try-again")
                    customer.wait_for("queued")
                    customer.page.goto("about:blank")
                admin = AdminPage(browser.page, portal.url)
                admin.log_in()
                record = admin.open_contact(reference).lower()
                assert "failed" in record
                assert "upstream_unavailable" in record or "unavailable" in record
                assert "ana lima" in record
            finally:
                browser.close()


@pytest.mark.parametrize(
    ("flags", "permissions", "messages"),
    [
        pytest.param(
            (f"{FAKE_DEVICES}=device-count=0", ALLOW_DEVICES),
            ("camera", "microphone"),
            ("dev.nocam",),
            id="missing",
        ),
        pytest.param(
            (FAKE_DEVICES,), ("microphone",), ("perm.denied", "perm.dismissed"), id="denied"
        ),
    ],
)
def test_call_without_a_camera_goes_on_with_sound(
    crowd: Crowd, flags: tuple[str, ...], permissions: tuple[str, ...], messages: tuple[str, ...]
) -> None:
    """Should say in plain words what is wrong with the camera, and connect all the same (case 15)."""
    customer = CallPage(
        crowd.browser(flags=flags, permissions=permissions), crowd.stack.portal.url
    )
    customer.open()
    customer.press("start")
    customer.go_on_to("device_check")
    customer.press("continue") if customer.button("continue").count() else None
    customer.wait_for_message(*messages)
    customer.go_on_to("queued")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)
    wait_for_remote_pictures(agent.browser, 0)


def test_start_without_a_name_asks_for_it(crowd: Crowd) -> None:
    """Should stay on the form and say what is missing."""
    customer = crowd.customer()
    customer.open()
    customer.press("start")
    customer.wait_for("details")
    customer.press("continue")
    assert customer.state == "details"
    assert customer.page.locator('input[name="name"]').get_attribute("aria-invalid") == "true"
