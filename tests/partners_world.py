"""A partner's program, as tests of its API meet it: a key, and a client that sends it."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache import cache
from django.test import Client

import pytest

from contacts.choices import Scope
from contacts.models import Contact, EntryPoint, Partner
from partners.models import ApiKey


def make_key(partner: Partner, *scopes: Scope, **fields: Any) -> ApiKey:
    """Store a key of a partner's, with all scopes if none are named; `made_key` is what is sent."""
    key = ApiKey(partner=partner, name="tests", scopes=list(scopes or Scope.values), **fields)
    key.make_key()
    key.full_clean()
    key.save()
    return key


class Program:
    """A program that sends a key with each request."""

    def __init__(self, key: str) -> None:
        self.client = Client(SERVER_NAME="testserver", headers={"Authorization": f"Bearer {key}"})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request below /api/v1/ with a JSON body, or none."""
        data = b"" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, f"/api/v1/{path}", data, content_type="application/json", headers=named
        )

    def get(self, path: str, **headers: str) -> Any:
        """GET a path below /api/v1/."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST a JSON body, or none, to a path below /api/v1/."""
        return self.ask("POST", path, body, **headers)


def make_partner(name: str, *entry_points: EntryPoint) -> Partner:
    """Store a partner that may start calls at these entry points."""
    partner = Partner.objects.create(name=name)
    partner.entry_points.set(entry_points)
    return partner


@pytest.fixture
def partner(entry_point: EntryPoint) -> Partner:
    """A partner that may start calls at the entry point, whose buckets are full."""
    cache.clear()
    return make_partner("Example", entry_point)


@pytest.fixture
def partner_of_contact(contact: Contact) -> Partner:
    """The partner whose contact `contact` is, whose buckets are full."""
    cache.clear()
    partner = make_partner("Example")
    Contact.objects.update(partner=partner)
    contact.refresh_from_db()
    return partner


@pytest.fixture
def program(partner: Partner) -> Program:
    """The partner's program, with a key for everything."""
    return Program(make_key(partner).made_key)


@pytest.fixture
def other(entry_point: EntryPoint) -> Program:
    """Another partner's program, at the same entry point."""
    return Program(make_key(make_partner("Other", entry_point)).made_key)
