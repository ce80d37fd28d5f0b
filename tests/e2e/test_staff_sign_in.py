"""Staff signing in, in a real browser: by a provider, with a second factor that they set up because they must."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright

from contacts import one_time_codes
from tests import openid_provider
from tests.e2e import axe
from tests.e2e.browsers import Browser
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.servers import LocalConnect, Portal

pytestmark = pytest.mark.e2e


@pytest.fixture
def provider() -> Iterator[Provider]:
    with openid_provider.running() as provider:
        yield provider


@pytest.fixture
def portal(provider: Provider) -> Iterator[Portal]:
    """A portal that has a provider and requires a second factor of everybody."""
    env = {
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "Example ID",
        "OIDC_GROUPS": "desk=Owner",
        "STAFF_TWO_FACTOR": "required",
    }
    with LocalConnect().running() as connect:
        portal = Portal(connect_url=connect.url, extra_env=env)
        try:
            portal.prepare()
            portal.start_web()
            yield portal
        finally:
            portal.close()


def _code(secret: str, *, steps: int = 0) -> str:
    at = time.time() + 30 * steps
    return one_time_codes._codes_of(secret).generate(at).decode()


def _looked_at(page: Page, name: str) -> None:
    found = axe.findings(page)
    assert not found, f"on {name}:\n" + "\n".join(found)


def test_staff_sign_in_with_a_provider_and_a_second_factor(
    portal: Portal, playwright: Playwright
) -> None:
    """Should lead to the provider, have the factor set up first, and ask for its code at the next login."""
    browser, looker = Browser(playwright), Browser(playwright, bypass_csp=True)
    try:
        secret = _first_time(portal, browser.page, looker.page)
        _again(portal, browser.page, secret)
        assert not browser.watched.problems
    finally:
        browser.close()
        looker.close()


def _first_time(portal: Portal, page: Page, looker: Page) -> str:
    looker.goto(f"{portal.url}/admin/login/")
    _looked_at(looker, "login")
    looker.click("text=Sign in with Example ID")
    looker.wait_for_url("**/admin/second-factor/")
    _looked_at(looker, "set-up")
    page.goto(f"{portal.url}/admin/contacts/contact/")
    page.click("text=Sign in with Example ID")
    page.wait_for_url("**/admin/second-factor/")
    assert page.locator("svg.second-factor-code path").bounding_box()
    page.goto(f"{portal.url}/admin/contacts/contact/")
    page.wait_for_url("**/admin/login/**")
    page.goto(f"{portal.url}/admin/second-factor/")
    secret = page.locator("[data-secret]").inner_text().replace(" ", "")
    page.locator("#id_code").fill(_code(secret, steps=-1))
    page.keyboard.press("Enter")
    codes = page.locator(".recovery-codes li")
    codes.first.wait_for()
    assert codes.count() == 10
    assert re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", codes.first.inner_text())
    page.click("text=I have kept them")
    page.wait_for_url("**/admin/contacts/contact/")
    return secret


def _again(portal: Portal, page: Page, secret: str) -> None:
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{portal.url}/admin/login/?next=/admin/second-factor/")
    page.click("text=Sign in with Example ID")
    page.wait_for_url("**/admin/login/code/")
    page.locator("#id_code").fill(_code(secret, steps=-1))
    page.keyboard.press("Enter")
    page.get_by_text("This code is wrong, or was used before").wait_for()
    page.locator("#id_code").fill(_code(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/second-factor/")
    assert "10 recovery codes are left" in page.locator("#content").inner_text()
