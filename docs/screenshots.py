"""Takes the pictures of the documentation from the running product: `python3 dev.py screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from docs import screens
from docs.film import camera_of, take_strip
from docs.portraits import ANA, SAM
from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import wait_until_seeing
from tests.servers import LocalConnect, Portal

PICTURES = Path(__file__).resolve().parent / "img"


def main() -> None:
    """Keep every screen there is, and what a customer and an agent see of their call."""
    connect = LocalConnect()
    portal = Portal(connect_url=connect.url)
    with (
        connect.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as films,
    ):
        crowd = Crowd(Stack(connect, portal), playwright)
        phone_like = crowd.browser(flags=(FAKE_DEVICES, ALLOW_DEVICES, "--hide-scrollbars"))
        screens.take_screens(phone_like.page, portal.url)
        crowd.close()
        take_strip(crowd, films)
        crowd.close()
        customer = CallPage(crowd.browser(flags=camera_of(ANA, films)), portal.url)
        customer.page.set_viewport_size({"width": 1120, "height": 700})
        customer.open_from_the_front()
        customer.go_on_to("queued", name="Ana Lima")
        agent = DeskPage(crowd.browser(flags=camera_of(SAM, films)), connect.url)
        agent.open("Sam")
        agent.wait_for_button("accept")
        agent.press("accept")
        customer.wait_for("connected")
        for side in crowd.browsers:
            wait_until_seeing(side)
        customer.page.wait_for_timeout(3000)
        PICTURES.mkdir(exist_ok=True)
        customer.page.screenshot(path=PICTURES / "call.png")
        agent.page.screenshot(path=PICTURES / "desk.png")
        crowd.close()


if __name__ == "__main__":
    main()
