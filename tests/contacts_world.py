"""The people and things that tests of the contacts domain share: an entry point, contacts, an embedded Connect.

Import what a test module needs into the conftest.py beside it.
"""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

import pytest
from pytest_django.fixtures import Settings

from contacts import customers
from contacts.choices import ContactState, ParticipantRole
from contacts.models import Contact, EntryPoint, Participant
from contacts.sealing import seal
from tests.servers import DEMO_CONNECT, LocalConnect

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
OPERATIONS = (
    "StartWebRTCContact",
    "StopContact",
    "DescribeContact",
    "CreateParticipant",
    "CreateParticipantConnection",
    "DisconnectParticipant",
    "SendMessage",
)
EVENTS_KEY = "events-key-of-the-tests"
CONNECTION = {
    "Meeting": {"MeetingId": "m"},
    "Attendee": {"AttendeeId": "a", "JoinToken": "canary"},
}


def after(seconds: float) -> datetime:
    """The time that many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def entry_point(db: None) -> EntryPoint:
    """An open entry point that wants a name and allows video."""
    return EntryPoint.objects.create(slug="support", name="Support", company="Example")


@pytest.fixture
def customer_key() -> str:
    """The key of the customer whose contact `contact` is."""
    return customers.new_customer_key()


@pytest.fixture
def contact(entry_point: EntryPoint, customer_key: str) -> Contact:
    """A contact that Amazon Connect has accepted."""
    return make_contact(entry_point, customer_key)


def make_contact(
    entry_point: EntryPoint, customer_key: str, state: ContactState = ContactState.INITIATED
) -> Contact:
    """Store a contact in the given state, begun at noon."""
    known = state not in (ContactState.REQUESTED, ContactState.FAILED)
    contact = Contact.objects.create(
        reference=uuid.uuid4().hex[:9],
        entry_point=entry_point,
        state=state,
        name="Ana",
        customer_key_hash=customers.hash_customer_key(customer_key),
        connect_instance_id=DEMO_CONNECT["CONNECT_INSTANCE_ID"],
        connect_contact_id=str(uuid.uuid4()) if known else None,
        requested_at=NOON,
        initiated_at=NOON if known else None,
        ended_at=NOON if state.is_over else None,
        failure_code="upstream_unavailable" if state is ContactState.FAILED else "",
    )
    Participant.objects.create(
        contact=contact,
        role=ParticipantRole.CUSTOMER,
        display_name="Ana",
        sealed_token="" if state.is_over else seal("canary"),
        sealed_connection="" if state.is_over else seal(CONNECTION),
        left_at=NOON if state.is_over else None,
        created_at=NOON,
    )
    return contact


def envelope(contact_id: str | None, kind: str, at: datetime, **detail: Any) -> dict[str, Any]:
    """Return a contact event as EventBridge would post it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "time": at.isoformat().replace("+00:00", "Z"),
        "detail": {"eventType": kind, "contactId": contact_id, "channel": "VOICE", **detail},
    }


class Customer:
    """A customer's browser, as far as the API can tell."""

    def __init__(self, key: str | None = None) -> None:
        self.client = Client(SERVER_NAME="testserver")
        if key is not None:
            self.client.cookies[customers.COOKIE] = key

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST a JSON body, or none."""
        data = b"" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, data=data, content_type="application/json", headers=named)

    def get(self, path: str) -> Any:
        """GET a path."""
        return self.client.get(path)


@pytest.fixture
def customer(customer_key: str) -> Customer:
    """The customer whose contact `contact` is."""
    return Customer(customer_key)


@pytest.fixture
def stranger() -> Customer:
    """Somebody else's browser."""
    return Customer(customers.new_customer_key())


@pytest.fixture(autouse=True)
def configuration(settings: Settings) -> None:
    """The events key of the tests, and no limit on how often calls are started."""
    settings.CONNECT_EVENTS_KEYS = [EVENTS_KEY]
    settings.CALL_START_RATE = settings.CALL_START_NETWORK_RATE = "100000/min"
    settings.REMINDER_RATE = "100000/min"
    settings.CONNECT_RATES = {"*": (1000, 1000)}


@pytest.fixture(scope="session")
def connect_server() -> Iterator[LocalConnect]:
    """The embedded Amazon Connect, in its own process."""
    with LocalConnect().running() as server:
        yield server


@pytest.fixture
def connect(
    connect_server: LocalConnect, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> LocalConnect:
    """The embedded Amazon Connect as if just started, and the settings that lead to it."""
    control(connect_server, "POST", "/_local/reset")
    limits = {name: {"rate": 1000, "burst": 1000} for name in OPERATIONS}
    control(
        connect_server,
        "PATCH",
        "/_local/settings",
        {"rate_limits": limits, "flow_waits_for_media": False, "concurrent_calls": 100},
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", connect_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", connect_server.secret_key)
    settings.CONNECT_ENDPOINT_URL = connect_server.url
    settings.CONNECT_REGION = connect_server.region
    settings.CONNECT_INSTANCE_ID = connect_server.instance_id
    settings.CONNECT_CONTACT_FLOW_ID = connect_server.contact_flow_id
    return connect_server


def control(server: LocalConnect, method: str, path: str, body: Any = None) -> Any:
    """Use the control API of the embedded Connect."""
    request = urllib.request.Request(
        server.url + path,
        method=method,
        data=json.dumps(body or {}).encode() if method != "GET" else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.loads(reply.read() or b"null")


def upstream_contacts(server: LocalConnect) -> list[dict[str, Any]]:
    """Return the contacts the embedded Connect knows."""
    contacts: list[dict[str, Any]] = control(server, "GET", "/_local/state")["contacts"]
    return contacts
