"""The customer's page, as a person uses it: reads what is shown and presses what is there.

Knows the page's published names (`data-call-state`, `data-action`, `data-tile`, `data-msg`) only.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.browsers import PATIENCE_S, Browser, eventually

WAYS_ON = ("start", "continue", "audio-only", "listen-only")
"""Buttons that lead on, the best first."""
PRESS_MS = 3_000


class CallPage:
    """One customer in one browser."""

    def __init__(self, browser: Browser, portal_url: str) -> None:
        self.browser = browser
        self.page = browser.page
        self.portal_url = portal_url

    def open_from_the_front(self) -> None:
        """Come in at `/` and follow the link of the demo entry point."""
        self.page.goto(f"{self.portal_url}/")
        self.page.locator('a[href*="/call/demo/"]').first.click()
        self.wait_for("ready")

    def open(self, path: str = "/call/demo/") -> None:
        self.page.goto(f"{self.portal_url}{path}")
        self.wait_for("ready")

    def in_another_window(self) -> CallPage:
        """Open this very call in a second window of the same browser."""
        other = CallPage(self.browser, self.portal_url)
        other.page = self.browser.another_page()
        other.page.goto(self.page.url)
        other.wait_for("ready")
        return other

    @property
    def state(self) -> str:
        value = self.page.evaluate(
            "document.querySelector('[data-call-state]')?.dataset.callState ?? ''"
        )
        return str(value)

    def wait_for(self, *states: str, within_s: float = PATIENCE_S) -> str:
        return eventually(
            self.page,
            lambda: self.state,
            until=lambda state: state in states,
            what=f"call state {' or '.join(states)}",
            within_s=within_s,
        )

    def go_on_to(self, *states: str, name: str = "Ana", within_s: float = 60.0) -> str:
        """Give the name where it is asked, press whatever leads on, until one of `states` is reached."""
        deadline = time.monotonic() + within_s
        while (state := self.state) not in states:
            assert time.monotonic() < deadline, f"stuck in {state}: {self.text()}"
            self._press_what_leads_on(name)
            self.page.wait_for_timeout(100)
        return state

    def _press_what_leads_on(self, name: str) -> None:
        before = self._screen()
        field = self.page.locator('input[name="name"]')
        if field.count() and field.is_visible() and field.input_value() != name:
            field.fill(name)
        for action in WAYS_ON:
            # What was pressed before may be done only now, and take the button away.
            with suppress(PlaywrightTimeout):
                if self._can_be_pressed(action):
                    self.button(action).first.click(timeout=PRESS_MS)
                    break
        else:
            return
        deadline = time.monotonic() + 5
        while self._screen() == before and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)

    def _can_be_pressed(self, action: str) -> bool:
        button = self.button(action)
        return bool(
            button.count()
            and button.first.is_visible()
            and button.first.is_enabled(timeout=PRESS_MS)
        )

    def _screen(self) -> tuple[str, list[str]]:
        shown = self.page.evaluate(
            "[...document.querySelectorAll('[data-call-state] [data-msg]')].map(e => e.dataset.msg)"
        )
        return self.state, shown

    def button(self, action: str) -> Locator:
        return self.page.locator(f'[data-action="{action}"]')

    def press(self, action: str) -> None:
        self.button(action).first.click()

    def choose(self, action: str) -> None:
        """Press a control, wherever it is: in the bar or behind "More"."""
        if not self.button(action).first.is_visible():
            self.press("more")
        self.press(action)

    def gone(self, *actions: str) -> None:
        """Wait until none of these buttons can be pressed any more."""
        eventually(
            self.page,
            lambda: [one for one in actions if self.button(one).first.is_visible()],
            until=lambda left: not left,
            what=f"no button {actions}",
        )

    def text(self) -> str:
        return self.page.locator("[data-call-state]").inner_text()

    def shows(self, message_id: str) -> bool:
        """Tell whether the sentence with this id is on the page for everyone to see."""
        found = self.page.locator(f'[data-msg="{message_id}"]')
        return any(found.nth(index).is_visible() for index in range(found.count()))

    def wait_for_message(self, *message_ids: str) -> None:
        eventually(
            self.page,
            lambda: [one for one in message_ids if self.shows(one)],
            until=bool,
            what=f"a sentence of {message_ids}",
        )

    @property
    def contact_id(self) -> str:
        found = re.search(r"/calls/([0-9a-f-]{36})/", self.page.url)
        assert found, f"{self.page.url} is no call's address"
        return found.group(1)

    @property
    def reference(self) -> str:
        return self.page.locator("[data-reference]").first.inner_text().strip()

    def pushed_states(self) -> list[str]:
        """Return the contact's states in the order in which the socket told them."""
        frames = self.browser.watched.frames_of(f"/ws/contacts/{self.contact_id}/")
        told = [json.loads(text) for text in frames]
        return [frame["contact"]["state"] for frame in told if frame["type"] == "contact.status"]
