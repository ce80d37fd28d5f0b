"""A partner's customer, who comes into the call that was started for them."""

from __future__ import annotations

import uuid

import pytest
import requests

from tests.e2e.crowd import Crowd, Stack

pytestmark = pytest.mark.e2e


def test_first_join_says_that_the_call_is_ready(crowd: Crowd, stack: Stack) -> None:
    """Should not tell somebody who has never been in the call that they left it."""
    printed = stack.portal.manage("create_api_key", "Example", "--entry-point", "demo")
    started = requests.post(
        f"{stack.portal.url}/api/v1/contacts/",
        json={"entry_point": "demo", "name": "Ana Lima"},
        headers={
            "Authorization": f"Bearer {printed.strip().splitlines()[-1]}",
            "Idempotency-Key": str(uuid.uuid4()),
        },
        timeout=60,
    )
    assert started.status_code == 201, started.text

    customer = crowd.customer()
    customer.page.goto(started.json()["join_url"])
    customer.press("open-call")
    customer.wait_for("ready")
    assert customer.shows("call.ready")
    assert not customer.shows("reload.back")
    customer.press("rejoin")
    customer.wait_for("queued")
