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

__all__ = [
    "configuration",
    "connect",
    "connect_server",
    "contact",
    "customer",
    "customer_key",
    "entry_point",
    "stranger",
]
