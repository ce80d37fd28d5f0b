"""A call goes on when localconnect is ended and started again with the same data, without anybody touching a page."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright

from tests.e2e.crowd import Crowd, Stack
from tests.e2e.media import settled, wait_until_hearing, wait_until_live, wait_until_seeing
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal

pytestmark = pytest.mark.e2e
logger = logging.getLogger(__name__)


@pytest.fixture
def crowd(playwright: Playwright) -> Iterator[Crowd]:
    """People of servers of their own. Pages may complain: they lose their connections."""
    connect = LocalConnect(keeps_data=True)
    with fresh_database(os.environ.get("DATABASE_URL")) as database_url:
        portal = Portal(
            connect_url=connect.url,
            database_url=database_url,
            redis_url=os.environ.get("REDIS_URL"),
        )
        with (
            connect.running(events_url=portal.events_url, events_key=portal.events_key),
            portal.running(),
        ):
            people = Crowd(Stack(connect, portal), playwright)
            yield people
            people.close()


@pytest.mark.parametrize(("how", "down_s"), [(signal.SIGKILL, 8), (signal.SIGTERM, 0)])
def test_browsers_in_a_call_outlive_a_restart(
    crowd: Crowd, how: signal.Signals, down_s: int
) -> None:
    """Should let both see and hear each other again, in the same call, and end it as ever."""
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    sides = (customer.browser, agent.browser)
    for side in sides:
        wait_until_seeing(side)
    contact_id = customer.contact_id

    crowd.stack.connect.end(how)
    before = [settled(side) for side in sides]
    customer.page.wait_for_timeout(1000 * down_s)  # the pauses between attempts grow meanwhile
    crowd.stack.connect.start(
        events_url=crowd.stack.portal.events_url, events_key=crowd.stack.portal.events_key
    )
    started = time.monotonic()
    for side, media in zip(sides, before, strict=True):
        wait_until_live(side, media)
    logger.info("%s: talking again after %.1f s", how.name, time.monotonic() - started)

    for side in sides:
        wait_until_seeing(side)
        wait_until_hearing(side)
    assert customer.state == "connected"
    assert customer.contact_id == contact_id
    assert agent.page.locator("[data-desk-state]").get_attribute("data-desk-state") == "connected"
    agent.press("leave")
    customer.wait_for("ended")
