"""Why a call failed, as its customer reads it and passes it on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contacts_world import control
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd
from tests.e2e.host_page import HostPage, shop_of

pytestmark = pytest.mark.e2e

REFUSED = {"operation": "StartWebRTCContact", "error": "AccessDeniedException", "times": 1}


def test_failed_call_is_explained_and_its_report_passed_on(crowd: Crowd) -> None:
    """Should lead from the failing screen to what happened, copy the report and save it as text and JSON."""
    control(crowd.stack.connect, "POST", "/_local/faults", REFUSED)
    customer = crowd.customer()
    customer.browser.watched.expected.add("502")
    customer.open()
    customer.go_on_to("failed")
    reference = customer.reference

    page = customer.page
    page.locator('[data-msg="action.what_happened"]').click()
    page.locator('[data-msg="help.verdict.failed"]').wait_for()
    assert page.locator('[data-msg="help.advice.failed"]').is_visible()
    assert page.locator("[data-reference]").inner_text() == reference
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator('[data-action="copy-report"]').click()
    page.locator('[data-msg="help.report.copied"]').wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "REQUESTED: You asked for the call" in copied
    assert "failure_code: upstream_permission" in copied
    assert "Ana" not in copied
    saved = {}
    for action, ending in (("save-report-text", "txt"), ("save-report-json", "json")):
        with page.expect_download() as download:
            page.locator(f'[data-action="{action}"]').click()
        assert download.value.suggested_filename == f"call-{reference}.{ending}"
        saved[ending] = Path(download.value.path()).read_text()
    assert saved["txt"].strip() == copied.strip()
    assert json.loads(saved["json"])["reference"] == reference


def test_page_in_a_frame_explains_in_a_tab_of_its_own(crowd: Crowd) -> None:
    """Should show itself to be the customer's without a cookie and without a key in the address."""
    stack = crowd.stack
    control(stack.connect, "POST", "/_local/faults", REFUSED)
    browser = crowd.browser(
        flags=(
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--test-third-party-cookie-phaseout",
        )
    )
    browser.watched.expected.add("502")
    with shop_of(stack.portal.url) as origin:
        stack.portal.manage("create_demo", "--website", origin)
        customer = HostPage(browser, origin)
        customer.open()
        customer.page.locator("[data-video-call-place] button.call").click()
        customer.wait_for("ready")
        customer.go_on_to("failed")
        with customer.page.context.expect_page() as opened:
            customer.frame().locator('[data-action="what-happened"]').click()
        tab = opened.value
        tab.locator('[data-msg="help.verdict.failed"]').wait_for()
        assert tab.url.startswith(f"{stack.portal.url}/help/call/")
        assert "?" not in tab.url
        seen = eventually(
            tab,
            lambda: tab.locator('[data-part="report-actions"]').is_visible(),
            until=bool,
            what="the report can be copied",
        )
        assert seen
