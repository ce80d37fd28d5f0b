"""Fixtures of the contacts domain and of meetings for the tests in this folder."""

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
from tests.realtime.media_world import world

__all__ = [
    "configuration",
    "connect",
    "connect_server",
    "contact",
    "customer",
    "customer_key",
    "entry_point",
    "stranger",
    "world",
]
