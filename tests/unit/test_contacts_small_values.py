"""References, customer keys and origins: values that must not be guessed, mistaken or forged."""

from __future__ import annotations

import re

import pytest

from contacts.call_references import new_reference, normal_reference
from contacts.customers import (
    customer_key_from,
    hash_customer_key,
    new_customer_key,
    well_formed_key,
)
from contacts.origins import is_foreign_request, is_same_origin


def test_reference_can_be_read_out() -> None:
    """Should have two groups of four, without characters that are mistaken for others."""
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    assert all(
        re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", one) for one in references
    )


def test_reference_is_found_however_it_is_typed() -> None:
    """Should ignore case, spaces and hyphens."""
    assert normal_reference(" k7qx 2m4p ") == "K7QX-2M4P"


def test_customer_key_is_recognised_and_stored_as_a_hash() -> None:
    """Should accept what it makes, refuse anything else, and not store the key."""
    key = new_customer_key()
    assert well_formed_key(key) == key
    assert well_formed_key("short") is None
    assert well_formed_key(None) is None
    assert key not in hash_customer_key(key)


def test_customer_key_without_cookie_depends_on_the_idempotency_key() -> None:
    """Should be the same for a repeat, another for another request, and a well-formed key."""
    key = customer_key_from("0123456789abcdef")
    assert key == customer_key_from("0123456789abcdef")
    assert key != customer_key_from("0123456789abcdeg")
    assert well_formed_key(key) == key


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://portal.example:8000", "portal.example:8000", True),
        ("https://portal.example", "portal.example", True),
        ("https://portal.example", "portal.example:443", True),
        ("https://PORTAL.example", "portal.example", True),
        ("http://portal.example:8001", "portal.example:8000", False),
        ("https://portal.example.evil", "portal.example", False),
        ("null", "portal.example", False),
        ("", "", False),
        ("file://", "", False),
    ],
)
def test_origin_is_ours_only_if_it_is_the_host(origin: str, host: str, same: bool) -> None:
    """Should compare name and port, and trust nothing opaque."""
    assert is_same_origin(origin, host) is same


@pytest.mark.parametrize(
    ("origin", "fetch_site", "foreign"),
    [
        (None, "", False),
        (None, "same-origin", False),
        (None, "cross-site", True),
        (None, "same-site", True),
        ("https://portal.example", "", False),
        ("https://evil.example", "", True),
        ("null", "", True),
    ],
)
def test_request_is_foreign_if_its_browser_says_so(
    origin: str | None, fetch_site: str, foreign: bool
) -> None:
    """Should let programs without a browser's headers through."""
    assert (
        is_foreign_request(origin=origin, fetch_site=fetch_site, host="portal.example") is foreign
    )
