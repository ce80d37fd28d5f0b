"""The shop's website, and the call in a page of it, as a person uses them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from playwright.sync_api import Frame

from devtools.host_page import make_server
from tests.e2e.browsers import Browser, eventually
from tests.e2e.call_page import WAYS_ON

WATCH_EVENTS = """
() => {
  window.told = [];
  for (const name of ["ready", "opened", "queued", "connected", "ended", "error", "closed"]) {
    VideoCall.on(name, (detail) => window.told.push([name, detail]));
  }
}
"""


@contextlib.contextmanager
def shop_of(portal_url: str) -> Iterator[str]:
    """Serve the shop from a thread; yield its origin."""
    server = make_server(0, portal_url)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class HostPage:
    """One customer in the shop."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.page = browser.page
        self.origin = origin

    def open(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)

    def watch_events(self) -> None:
        """Note from now on what the script tells the page."""
        eventually(
            self.page,
            lambda: self.page.evaluate("typeof window.VideoCall"),
            until=lambda kind: kind == "object",
            what="the script is there",
        )
        self.page.evaluate(WATCH_EVENTS)

    def told(self) -> list[tuple[str, dict[str, str]]]:
        return [(name, detail) for name, detail in self.page.evaluate("window.told")]

    def wait_for_event(self, name: str) -> dict[str, str]:
        told = eventually(
            self.page,
            self.told,
            until=lambda events: any(event == name for event, _ in events),
            what=f"the page is told {name!r}",
        )
        return next(detail for event, detail in reversed(told) if event == name)

    def frame(self) -> Frame:
        found = eventually(
            self.page,
            lambda: [one for one in self.page.frames if "/embed/" in one.url],
            until=bool,
            what="the call is in its frame",
        )
        return found[-1]

    def state(self) -> str:
        read = "document.querySelector('[data-call-state]')?.dataset.callState ?? ''"
        return str(self.frame().evaluate(read))

    def wait_for(self, *states: str) -> str:
        return eventually(
            self.page, self.state, until=lambda one: one in states, what=f"call state {states}"
        )

    def go_on_to(self, *states: str) -> None:
        """Press whatever leads on, in the frame."""

        def step() -> str:
            frame = self.frame()
            for action in WAYS_ON:
                button = frame.locator(f'[data-action="{action}"]')
                if button.count() and button.first.is_visible() and button.first.is_enabled():
                    button.first.click()
                    break
            return self.state()

        eventually(self.page, step, until=lambda one: one in states, what=f"call state {states}")

    def shows(self, message_id: str) -> bool:
        found = self.frame().locator(f'[data-msg="{message_id}"]')
        return bool(found.count()) and found.first.is_visible()
