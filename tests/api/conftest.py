"""Fixtures of the contacts domain for the tests in this folder."""

from __future__ import annotations

from tests.contacts_world import (
    configuration,
    connect,
    connect_server,
    contact,
    customer,
    customer_key,
    entry_point,
    stranger,
)
from tests.partners_world import other, partner, program
from tests.webhook_world import clock, receiver, worker

__all__ = [
    "clock",
    "configuration",
    "connect",
    "connect_server",
    "contact",
    "customer",
    "customer_key",
    "entry_point",
    "other",
    "partner",
    "program",
    "receiver",
    "stranger",
    "worker",
]
