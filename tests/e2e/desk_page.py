"""The agent's desk, as an agent uses it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from playwright.sync_api import Locator

from tests.e2e.browsers import PATIENCE_S, Browser, eventually


class DeskPage:
    """One agent in one browser."""

    def __init__(self, browser: Browser, connect_url: str) -> None:
        self.browser = browser
        self.page = browser.page
        self.connect_url = connect_url

    def open(self, agent: str = "Sam") -> None:
        """Take a seat under a name and be available."""
        self.page.goto(f"{self.connect_url}/agent/?name={agent}")

    def button(self, action: str) -> Locator:
        return self.page.locator(f'[data-action="{action}"]:visible')

    def press(self, action: str) -> None:
        self.button(action).first.click()

    def wait_for_button(self, action: str, *, within_s: float = PATIENCE_S) -> None:
        eventually(
            self.page,
            lambda: self.button(action).count(),
            until=bool,
            what=f"the desk's button {action}",
            within_s=within_s,
        )

    def choose(self, name: str) -> None:
        """Pick one of the choices a dialog offers."""
        self.page.locator("[data-choice]:visible", has_text=name).click()

    def state(self) -> dict[str, Any]:
        """What the contact centre says of itself."""
        with urllib.request.urlopen(f"{self.connect_url}/_local/state", timeout=10) as reply:
            state: dict[str, Any] = json.load(reply)
        return state

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def wait_for_text(self, *wanted: str) -> None:
        eventually(
            self.page,
            lambda: [text for text in wanted if text not in self.text()],
            until=lambda missing: not missing,
            what=f"the desk shows {wanted}",
        )
