"""The servers and the people of one test, together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Playwright

from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES, Browser
from tests.e2e.call_page import CallPage
from tests.e2e.desk_page import DeskPage
from tests.servers import LocalConnect, Portal


@dataclass(frozen=True, slots=True)
class Stack:
    """The two servers, running."""

    connect: LocalConnect
    portal: Portal

    def log_tails(self) -> str:
        processes = [*self.connect.processes, *self.portal.processes]
        return "\n".join(process.log_tail() for process in processes)


@dataclass(slots=True)
class Crowd:
    """Whoever takes part, each in a browser of their own."""

    stack: Stack
    playwright: Playwright
    browsers: list[Browser] = field(default_factory=list)

    def browser(
        self,
        *,
        flags: Iterable[str] = (FAKE_DEVICES, ALLOW_DEVICES),
        permissions: Iterable[str] = ("camera", "microphone"),
        bypass_csp: bool = False,
    ) -> Browser:
        browser = Browser(
            self.playwright, flags=flags, permissions=permissions, bypass_csp=bypass_csp
        )
        self.browsers.append(browser)
        return browser

    def customer(self) -> CallPage:
        return CallPage(self.browser(), self.stack.portal.url)

    def agent(self, name: str = "Sam", *, browser: Browser | None = None) -> DeskPage:
        """Somebody at the desk, available."""
        desk = DeskPage(browser or self.browser(), self.stack.connect.url)
        desk.open(name)
        return desk

    def problems(self) -> list[str]:
        """Everything the pages complained of."""
        return [problem for browser in self.browsers for problem in browser.watched.problems]

    def keep_pictures(self, folder: Path, name: str) -> None:
        """Leave screenshots for whoever looks into a failure."""
        folder.mkdir(exist_ok=True)
        for number, browser in enumerate(self.browsers):
            browser.page.screenshot(path=folder / f"{name}-{number}.png")

    def close(self) -> None:
        for browser in self.browsers:
            browser.close()
        self.browsers.clear()
