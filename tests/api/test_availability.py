"""The public endpoint that tells whether one can call now."""

from __future__ import annotations

import json

from django.test import Client

import pytest

from contacts.models import Availability, EntryPoint

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/availability/"


def test_availability_is_public_and_may_be_cached(entry_point: EntryPoint, client: Client) -> None:
    """Should tell everybody the same, leave no cookie, and let caches keep it for as long as it holds."""
    reply = client.get(
        PATH, {"entry_point": "support"}, headers={"Origin": "https://shop.example"}
    )

    assert reply.status_code == 200
    assert reply["Cache-Control"] == "public, max-age=15"
    assert not reply.cookies
    assert reply.json() == {
        "entry_point": "support",
        "state": "open",
        "estimated_wait_s": None,
        "closes_at": None,
        "opens_at": None,
        "time_zone": None,
        "holiday_name": None,
        "agents_online": None,
        "version": 1,
    }
    assert Availability.objects.get().watched_at is not None


@pytest.mark.parametrize("query", [{}, {"entry_point": "elsewhere"}, {"entry_point": "a\x00b"}])
def test_availability_of_nothing_is_not_found(
    entry_point: EntryPoint, client: Client, query: dict[str, str]
) -> None:
    """Should answer 404 as a problem document, which no cache keeps."""
    reply = client.get(PATH, query)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    assert not Availability.objects.exists()


def test_reading_the_page_writes_nothing(entry_point: EntryPoint, client: Client) -> None:
    """Should show what is known without noting that somebody looked."""
    reply = client.get("/call/support/")
    data = reply.context["call_data"]
    assert data["entry_point"]["availability"]["state"] == "open"
    assert data["urls"]["availability_socket"] == "/ws/entry-points/support/"
    assert json.dumps(data["entry_point"]["availability"])
    assert not Availability.objects.exists()


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://shop.example", True),
        ("https://shop.example.evil", False),
        ("https://shop.exampl", False),
        ("null", False),
        (None, False),
    ],
)
def test_scripts_of_allowed_websites_may_read_it(
    entry_point: EntryPoint, client: Client, origin: str | None, may: bool
) -> None:
    """Should name the asking website if the entry point allows it, and tell caches that this depends on who asks."""
    EntryPoint.objects.update(allowed_origins=["https://shop.example"])
    reply = client.get(
        PATH, {"entry_point": "support"}, headers={"Origin": origin} if origin else {}
    )
    assert reply.status_code == 200
    assert reply.get("Access-Control-Allow-Origin") == (origin if may else None)
    assert "Origin" in reply["Vary"]
    assert "Access-Control-Allow-Credentials" not in reply
