"""Identifiers made from random bytes fetched in batches."""

from __future__ import annotations

import uuid

from localconnect.random_ids import new_id


def test_ids_are_random_uuids() -> None:
    """Should be version 4 of RFC 9562 in its usual form, over several batches."""
    for _ in range(1000):
        text = new_id()
        value = uuid.UUID(text)
        assert str(value) == text
        assert (value.version, value.variant) == (4, uuid.RFC_4122)


def test_no_id_comes_twice() -> None:
    """Should never repeat, neither within a batch nor from one to the next."""
    assert len({new_id() for _ in range(10_000)}) == 10_000
