"""Fixtures of the contacts domain for the tests in this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from contacts.models import EntryPoint
from tests.contacts_world import (
    configuration,
    connect,
    connect_server,
    contact,
    customer_key,
    entry_point,
)
from tests.faults.fault_world import FaultWorld
from tests.servers import LocalConnect
from tests.webhook_world import clock, receiver, worker

__all__ = [
    "clock",
    "configuration",
    "connect",
    "connect_server",
    "contact",
    "customer_key",
    "entry_point",
    "receiver",
    "worker",
]

# Those that stop and start services bring their own, which only who runs on services is sure to have; and what is the
# same on every database is looked at once.
_ON_SERVICES = [
    "test_postgresql_away.py",
    "test_redis_away.py",
    "test_units_killed.py",
    "test_backup.py",
]
_ON_ANY = [
    "test_connect_fails.py",
    "test_credentials.py",
    "test_hard_times.py",
    "test_killed_anywhere.py",
    "test_late_repeats.py",
]
collect_ignore = _ON_ANY if os.environ.get("DATABASE_URL") else _ON_SERVICES


@pytest.fixture
def world(
    transactional_db: None, connect: LocalConnect, entry_point: EntryPoint, customer_key: str
) -> Iterator[FaultWorld]:
    """A customer of a portal; at the end of the test, all invariants are looked at."""
    with FaultWorld(connect, customer_key).watched() as world:
        yield world
