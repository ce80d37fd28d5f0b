"""Takes the film strip of a whole call from the running product: what a customer sees on a phone, step by step.

`python -m docs.film` takes it alone; `python3 dev.py screenshots` takes it with the other pictures.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from docs.portraits import ANA, SAM, Portrait, write_portrait
from tests.both_servers import both_servers
from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import wait_until_seeing

STRIP = Path(__file__).resolve().parent / "img" / "a-whole-call.webp"
PHONE = {"width": 360, "height": 720}
GAP = 20
GROUND = (204, 208, 214)


def take_strip(crowd: Crowd, films: str) -> None:
    """Make a call between two who are nobody, and keep what the customer saw."""
    customer = CallPage(crowd.browser(flags=camera_of(ANA, films)), crowd.stack.portal.url)
    customer.page.set_viewport_size(PHONE)
    customer.open()
    steps = [customer.page.screenshot()]
    for state in ("device_check", "queued"):
        customer.go_on_to(state, name="Ana Lima")
        customer.page.wait_for_timeout(2500)
        steps.append(customer.page.screenshot())
    agent = DeskPage(crowd.browser(flags=camera_of(SAM, films)), crowd.stack.connect.url)
    agent.open("Sam")
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(customer.browser)
    customer.page.wait_for_timeout(4000)
    steps.append(customer.page.screenshot())
    customer.press("leave")
    customer.wait_for("ended")
    customer.page.wait_for_timeout(1500)
    steps.append(customer.page.screenshot())
    STRIP.parent.mkdir(exist_ok=True)
    _beside(steps).save(STRIP, "WEBP", quality=70, method=6)


def camera_of(portrait: Portrait, films: str) -> tuple[str, ...]:
    """Return the flags of a browser whose camera shows this person."""
    film = Path(tempfile.mkstemp(suffix=".y4m", dir=films)[1])
    write_portrait(portrait, film)
    return (
        *(FAKE_DEVICES, ALLOW_DEVICES, "--hide-scrollbars"),
        f"--use-file-for-fake-video-capture={film}",
    )


def _beside(pictures: list[bytes]) -> Image.Image:
    images = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    width = sum(one.width for one in images) + GAP * (len(images) + 1)
    strip = Image.new("RGB", (width, max(one.height for one in images) + 2 * GAP), GROUND)
    at = GAP
    for one in images:
        strip.paste(one, (at, GAP))
        at += one.width + GAP
    return strip


def main() -> None:
    """Take the strip."""
    with (
        both_servers() as (connect, portal),
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as films,
    ):
        crowd = Crowd(Stack(connect, portal), playwright)
        take_strip(crowd, films)
        crowd.close()


if __name__ == "__main__":
    main()
