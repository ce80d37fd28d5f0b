"""A customer with Firefox and an agent with Chromium: browsers whose offers differ, in one call."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd
from tests.e2e.firefox import FIREFOX, Firefox
from tests.e2e.media import (
    SHARE_A_PICTURE,
    wait_for_remote_pictures,
    wait_for_shared_screens,
    wait_until_hearing,
    wait_until_seeing,
)

pytestmark = pytest.mark.e2e

_STATE = "document.querySelector('[data-call-state]')?.dataset.callState ?? ''"
_LEAD_ON = """
() => {
  const field = document.querySelector('input[name="name"]');
  if (field?.checkVisibility() && !field.value) {
    field.value = "Ana Lima";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const buttons = ["start", "continue"].map((name) => document.querySelector(`[data-action="${name}"]`));
  buttons.find((button) => button?.checkVisibility() && !button.disabled)?.click();
}
"""


@pytest.fixture
def firefox() -> Iterator[Firefox]:
    if FIREFOX is None:
        pytest.skip("no Firefox ESR on this machine")
    with Firefox() as browser:
        yield browser


def _state_of(firefox: Firefox) -> str:
    return str(firefox.page.evaluate(_STATE))


def _wait_for(firefox: Firefox, state: str) -> None:
    eventually(
        firefox.page, lambda: _state_of(firefox), until=lambda now: now == state, what=state
    )


def _press(firefox: Firefox, action: str) -> None:
    selector = json.dumps(f'[data-action="{action}"]')
    firefox.page.evaluate(f"() => document.querySelector({selector}).click()")


def _go_on_to_the_queue(firefox: Firefox) -> None:
    deadline = time.monotonic() + 60
    while (state := _state_of(firefox)) != "queued":
        assert time.monotonic() < deadline, f"stuck in {state}"
        firefox.page.evaluate(_LEAD_ON)
        time.sleep(0.3)


def test_firefox_and_chromium_understand_each_other(crowd: Crowd, firefox: Firefox) -> None:
    """Should carry sound, pictures, a camera's comings and goings, and a shared screen, until one leaves."""
    firefox.page.goto(f"{crowd.stack.portal.url}/call/demo/")
    _wait_for(firefox, "ready")
    _go_on_to_the_queue(firefox)
    browser = crowd.browser()
    browser.page.add_init_script(SHARE_A_PICTURE)
    agent = crowd.agent(browser=browser)
    agent.wait_for_button("accept")
    agent.press("accept")
    _wait_for(firefox, "connected")
    for side in (firefox, browser):
        wait_until_seeing(side)
        wait_until_hearing(side)

    _press(firefox, "camera")
    wait_for_remote_pictures(browser, 0)
    _press(firefox, "camera")
    wait_until_seeing(browser)
    agent.press("camera")
    wait_for_remote_pictures(firefox, 0)
    agent.press("camera")
    wait_until_seeing(firefox)

    agent.press("share")
    wait_for_shared_screens(firefox, 1)
    agent.press("share")
    wait_for_shared_screens(firefox, 0)
    wait_until_seeing(firefox)

    agent.press("leave")
    _wait_for(firefox, "ended")
