"""A customer who lets the page have neither camera nor microphone: the browser then hides its addresses behind mDNS names."""

from __future__ import annotations

import pytest

from tests.e2e.browsers import DENY_DEVICES, FAKE_DEVICES, LOCAL_CANDIDATES
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.media import wait_for_remote_pictures, wait_until_hearing, wait_until_seeing

pytestmark = pytest.mark.e2e


def test_customer_without_permissions_sees_and_hears_the_agent(crowd: Crowd) -> None:
    """Should connect though no address of the browser can be resolved."""
    browser = crowd.browser(flags=(FAKE_DEVICES, DENY_DEVICES), permissions=())
    customer = CallPage(browser, crowd.stack.portal.url)
    customer.open()
    customer.go_on_to("queued")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_seeing(browser)
    wait_until_hearing(browser)
    wait_for_remote_pictures(agent.browser, 0)

    candidates = browser.page.evaluate(LOCAL_CANDIDATES)
    assert candidates
    assert all(".local " in line for line in candidates)
