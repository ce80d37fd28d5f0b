"""Callers for whom the company signs, in its own page: their name is known, and everybody sees what is vouched for."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from tests.e2e.admin_page import AdminPage
from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.host_page import HostPage, shop_of

pytestmark = pytest.mark.e2e

SECRET = "a-secret-of-the-shop-with-32-bytes-or-more"
ADD_KEY = f"""
from contacts.models import EntryPoint, IdentityKey
from contacts.sealing import seal
IdentityKey.objects.get_or_create(
    entry_point=EntryPoint.objects.get(slug="demo"), key_id="shop-1", defaults={{"sealed_secret": seal("{SECRET}")}}
)
"""


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[str]:
    """The shop's origin, which the demo entry point allows, and whose key it has."""
    with shop_of(stack.portal.url) as origin:
        stack.portal.manage("create_demo", "--website", origin)
        stack.portal.manage("shell", "--no-imports", "--command", ADD_KEY)
        yield origin


def token(**changes: Any) -> str:
    """Return what the shop signs for Zoë, for one call."""
    said = {
        "aud": "demo",
        "exp": int(time.time()) + 300,
        "jti": str(uuid.uuid4()),
        "sub": "customer-17",
        "name": "Zoë Müller",
        "attributes": {"tier": "platinum"},
        **changes,
    }
    return jwt.encode(said, SECRET, algorithm="HS256", headers={"kid": "shop-1"})


def at_the_form(crowd: Crowd, shop: str, tokens: list[str]) -> HostPage:
    """Bring a customer of the shop, who is signed for with these tokens, to the form."""
    customer = HostPage(crowd.browser(), shop)
    customer.open()
    customer.watch_events()
    customer.page.evaluate(
        "tokens => VideoCall.identify(async () => tokens.length > 1 ? tokens.shift() : tokens[0])",
        tokens,
    )
    customer.page.locator("[data-video-call-place] button.call").click()
    customer.wait_for("ready")
    customer.go_on_to("details")
    return customer


def test_signed_name_is_filled_in_and_fixed(crowd: Crowd, stack: Stack, shop: str) -> None:
    """Should fill in and lock the signed name, and show desk and admin what is signed apart from the rest (case 9)."""
    customer = at_the_form(crowd, shop, [token(), token()])
    name = customer.frame().locator('input[name="name"]')
    eventually(customer.page, name.input_value, until="Zoë Müller".__eq__, what="the signed name")
    assert customer.shows("details.name.signed")
    assert name.get_attribute("readonly") is not None
    customer.go_on_to("queued")

    desk = crowd.agent()
    desk.wait_for_text("Zoë Müller", "tier", "platinum", "Said by the page, not verified")
    unsigned = desk.page.locator(".unsigned").inner_text()
    assert "basket" in unsigned
    assert "platinum" not in unsigned
    [contact] = desk.state()["contacts"]

    staff = AdminPage(crowd.browser().page, stack.portal.url)
    staff.log_in()
    staff.open_contact(contact["id"])
    assert "platinum" in staff.page.locator(".said-signed").inner_text()
    assert "3 cameras" in staff.page.locator(".said-unsigned").inner_text()


def test_what_is_badly_signed_is_not_believed(crowd: Crowd, shop: str) -> None:
    """Should ask for the name of whoever was signed for too long ago, and start an anonymous call (case 10)."""
    customer = at_the_form(crowd, shop, [token(exp=int(time.time()) - 3600)])
    name = customer.frame().locator('input[name="name"]')
    assert name.get_attribute("readonly") is None
    assert name.input_value() == "Ana Lima"
    customer.go_on_to("queued")

    desk = crowd.agent()
    desk.wait_for_text("Ana Lima", "Said by the page, not verified")
    assert "platinum" not in desk.text()
    assert "customer-17" not in desk.text()
