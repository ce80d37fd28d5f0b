"""Events and operations on the same calls at once, from many threads: nobody waits in a circle, and nothing is lost."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import close_old_connections, connection
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts import customers, errors, operations
from contacts.choices import (
    ContactState,
    EndedBy,
    EventSource,
    ParticipantRole,
    PortalEvent,
)
from contacts.models import Contact, ContactEvent, EntryPoint, Invitation, Participant, Survey
from contacts.operations import IncomingEvent
from contacts.operations.disconnecting import let_go
from contacts.operations.inviting import token_of
from contacts.sealing import seal
from tests.api.calls_with_agents import start_connected
from tests.contacts_world import Customer, envelope
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 5
PLACES = 4
THREADS = 12
ROUNDS = 2
AGENT = "arn:aws:connect:us-east-1:0:instance/i/agent/"

Deed = Callable[[], object]


def test_events_and_operations_on_the_same_calls_neither_deadlock_nor_lose(
    connect: LocalConnect,
    entry_point: EntryPoint,
    caplog: pytest.LogCaptureFixture,
    settings: Settings,
) -> None:
    """Should do all that was asked of each call while its events come, with no transaction ended for another's sake."""
    # For who waits for the database longer than a burst lasts, while others ask.
    settings.CONNECT_RATES = {"*": (1000, 60_000)}
    calls = [start_connected(connect, Customer()) for _ in range(CALLS)]
    told: Counter[uuid.UUID] = Counter()
    caplog.set_level(logging.WARNING)
    for number in range(ROUNDS):
        deeds = [deed for call in calls for deed in deeds_on(call, number, told)]
        random.Random(number).shuffle(deeds)
        at_once(deeds)
    for call in calls:
        at_once(ends_of(call, told))

    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == []
    assert [
        cause for one in caplog.records if (cause := repeated(one)) == "DeadlockDetected"
    ] == []
    for call in calls:
        call.refresh_from_db()
        assert call.state == ContactState.ENDED
        # Nobody needs to end what Amazon Connect has told the end of just before.
        was_asked = call.events.filter(type=PortalEvent.END_REQUESTED).exists()
        assert call.end_requested_by == (EndedBy.STAFF if was_asked else "")
        assert ContactEvent.objects.parked().count() == 0
        events = call.events.filter(source=EventSource.CONNECT)
        assert events.count() == told[call.pk]
        assert not call.participants.filter(left_at__isnull=True).exists()
        assert not Participant.objects.exclude(sealed_token="", sealed_connection="").exists()
        assert Survey.objects.filter(contact=call).count() == 1
        versions = list(call.events.values_list("version", flat=True))
        assert max(versions) <= call.version


def repeated(record: logging.LogRecord) -> str | None:
    """Why a commit was repeated, if the record tells of one."""
    return record.__dict__.get("error") if record.message == "commit_repeated" else None


def at_once(deeds: list[Deed]) -> None:
    """Do everything from as many threads as there are; whatever fails, fails the test."""
    ready = threading.Barrier(THREADS)

    def work(own: list[Deed]) -> None:
        close_old_connections()
        try:
            ready.wait()
            for deed in own:
                deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        shares = [deeds[number::THREADS] for number in range(THREADS)]
        for done in [pool.submit(work, share) for share in shares]:
            done.result()


def deeds_on(call: Contact, number: int, told: Counter[uuid.UUID]) -> list[Deed]:
    """What customers, guests and Amazon Connect do to one call at the same time."""

    def fresh() -> Contact:
        return Contact.objects.get(pk=call.pk)

    def come_and_go() -> None:
        try:
            made = operations.invite(contact=fresh(), clock=timezone.now).invitation
        except errors.PlacesTaken:
            return
        token = token_of(invitation=made, at=timezone.now())
        assert token is not None
        key = customers.new_customer_key()
        accepted = operations.accept_invitation(
            token=token, name="Guest", guest_key=key, at=timezone.now()
        )
        # Amazon Connect has room for six only; and an event may say that the guest has left.
        with suppress(errors.ConnectConflict, errors.InvitationGone):
            operations.admit_guest(invitation=accepted, clock=timezone.now)
        operations.revoke_invitation(
            invitation=Invitation.objects.get(pk=made.pk), clock=timezone.now
        )

    def rate() -> None:
        with suppress(errors.SurveyAnswered):
            operations.submit_survey(contact=fresh(), rating=number % 5 + 1, at=timezone.now())

    def ask() -> None:
        # Amazon Connect does not know the legs that are only told of here.
        with suppress(errors.ConnectMisconfigured):
            operations.refresh_contact(contact=fresh(), clock=timezone.now)

    agent = {"agentArn": f"{AGENT}{number}", "connectedToAgentTimestamp": now()}
    leg = f"leg-{call.pk}-{number}"
    guest = leg_event(call, f"guest-{call.pk}-{number}", "DISCONNECTED")
    guest["detail"]["initiationMethod"] = "WEBRTC_API"
    events = [
        envelope(call.connect_contact_id, "CONNECTED_TO_AGENT", timezone.now(), agentInfo=agent),
        envelope(call.connect_contact_id, "CONTACT_DATA_UPDATED", timezone.now()),
        leg_event(call, leg, "CONNECTED_TO_AGENT"),
        leg_event(call, leg, "DISCONNECTED"),
        guest,
    ]
    told[call.pk] += len(events)
    return [come_and_go, come_and_go, rate, ask, *(tell(event) for event in events)]


def ends_of(call: Contact, told: Counter[uuid.UUID]) -> list[Deed]:
    """Everybody leaves at once, while it is told in many ways that the call is over, and it is to be forgotten."""

    def fresh() -> Contact:
        return Contact.objects.get(pk=call.pk)

    def hang_up() -> None:
        operations.end_call(contact=fresh(), by=EndedBy.STAFF, clock=timezone.now)

    def forget() -> None:
        operations.erase_contact(contact=fresh(), at=timezone.now())

    def invite() -> None:
        with suppress(errors.ContactOver, errors.PlacesTaken):  # too late
            operations.invite(contact=fresh(), clock=timezone.now)

    legs = [f"last-{call.pk}-{number}" for number in range(6)]
    for one in legs:
        tell(leg_event(call, one, "INITIATED"))()
    guests = [guest_of(call, number) for number in range(PLACES)]
    leave = [partial(let_go, participant=one, at=timezone.now()) for one in guests]
    events = [leg_event(call, one, kind) for one in legs for kind in ("QUEUED", "DISCONNECTED")]
    events += [envelope(call.connect_contact_id, "DISCONNECTED", timezone.now())]
    told[call.pk] += len(legs) + len(events)
    together = [hang_up, hang_up, *leave, forget, invite, *(tell(event) for event in events)]
    random.Random(call.reference).shuffle(together)
    return together


def guest_of(call: Contact, number: int) -> Participant:
    """Put a guest into the call, as if Amazon Connect had just let them in."""
    at = timezone.now()
    call.invitations.update(place=None)
    place = Invitation.objects.create(
        contact=call,
        guest_name=f"Guest {number}",
        created_at=at,
        accepted_at=at,
        expires_at=at + timedelta(hours=1),
    )
    return Participant.objects.create(
        contact=call,
        role=ParticipantRole.GUEST,
        invitation=place,
        client_token=uuid.uuid4(),
        sealed_connection=seal({}),
        created_at=at,
        joined_at=at,
    )


def leg_event(call: Contact, leg: str, kind: str) -> dict[str, Any]:
    """An event of a contact that a transfer made."""
    return envelope(
        leg,
        kind,
        timezone.now(),
        initiationMethod="TRANSFER",
        initialContactId=call.connect_contact_id,
        initiationTimestamp=now(),
    )


def tell(event: dict[str, Any]) -> Deed:
    """Let an event come."""
    incoming = IncomingEvent.from_envelope(event)
    return lambda: operations.apply_contact_event(event=incoming, at=timezone.now())


def now() -> str:
    return timezone.now().isoformat()
