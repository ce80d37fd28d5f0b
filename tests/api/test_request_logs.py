"""What is logged of every request."""

from __future__ import annotations

from typing import Any

from django.test import Client

import pytest
from pytest_django.fixtures import Settings


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_caller_is_named_as_our_own_proxies_saw_them(
    caplog: pytest.LogCaptureFixture, settings: Settings, proxies: int, address: str
) -> None:
    """Should believe no more of X-Forwarded-For than is ours."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    Client().get("/api/v1/contacts/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    told: list[Any] = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    asked = [line for line in told if line["event"].startswith("request_")]
    assert len(asked) == 2
    assert {line["ip"] for line in asked} == {address}
