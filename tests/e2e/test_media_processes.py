"""A call whose media is in a process of its own, which dies: the browsers find back to each other by themselves."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright

from tests.conformance.conftest import ControlApi
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.media import settled, wait_until_hearing, wait_until_live, wait_until_seeing
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal

pytestmark = pytest.mark.e2e
logger = logging.getLogger(__name__)


@pytest.fixture
def crowd(playwright: Playwright) -> Iterator[Crowd]:
    """People of servers of their own. Pages may complain: they lose their connections."""
    connect = LocalConnect(options=("--media-processes", "2"))
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


def test_browsers_in_a_call_outlive_its_media_process(crowd: Crowd) -> None:
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
        wait_until_hearing(side)
    contact_id = customer.contact_id

    os.kill(_process_of_the_call(crowd.stack.connect), signal.SIGKILL)
    before = [settled(side) for side in sides]
    killed_at = time.monotonic()
    for side, media in zip(sides, before, strict=True):
        wait_until_live(side, media)
    logger.info("talking again after %.1f s", time.monotonic() - killed_at)

    for side in sides:
        wait_until_seeing(side)
        wait_until_hearing(side)
    assert customer.state == "connected"
    assert customer.contact_id == contact_id
    agent.press("leave")
    customer.wait_for("ended")


def _process_of_the_call(server: LocalConnect) -> int:
    processes = ControlApi(server.url).call("GET", "state")["media_processes"]
    [pid] = [process["pid"] for process in processes if process["meetings"]]
    return int(pid)
