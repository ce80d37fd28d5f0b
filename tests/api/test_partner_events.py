"""What a partner is told of: written with the change itself, each thing once, and nothing of who the customer is."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

from django.utils import timezone

import pytest

from contacts import operations
from contacts.choices import ContactState, PartnerEventType, PortalEvent
from contacts.commits import commit
from contacts.models import Contact, EntryPoint, Partner
from contacts.operations import CallbackWish, IncomingEvent
from contacts.operations.retention import forget_what_is_old
from contacts.operations.timeline import write_entry
from partners.models import (
    DeliveryState,
    IdempotencyRecord,
    PartnerEvent,
    PausedBecause,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from partners.webhooks.pausing import pause
from tests.api.calls_with_agents import answer
from tests.contacts_world import Customer, after, control, envelope, make_contact
from tests.partners_world import Program, make_key, make_partner
from tests.servers import LocalConnect
from tests.webhook_world import make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://hooks.example.com/"
AGENT = "arn:aws:connect:us-east-1:0:instance/i/agent/bo-agent"


@pytest.fixture
def partner(contact: Contact) -> Partner:
    """The partner whose contact `contact` is, with an endpoint that wants everything."""
    partner = make_partner("Example", contact.entry_point)
    Contact.objects.update(partner=partner)
    contact.refresh_from_db()
    make_endpoint(partner, URL)
    return partner


def types() -> list[str]:
    """Return the types of the events, in the order in which they were written."""
    return list(PartnerEvent.objects.order_by("created_at").values_list("type", flat=True))


def tell(contact: Contact, *kinds: str, together: bool = False) -> None:
    """Tell contact events."""
    seconds = {"QUEUED": 1, "CONNECTED_TO_AGENT": 5, "DISCONNECTED": 60}
    detail = {"agentInfo": {"agentArn": AGENT}}
    events = [
        IncomingEvent.from_envelope(
            envelope(
                contact.connect_contact_id,
                kind,
                after(seconds[kind]),
                **(detail if kind == "CONNECTED_TO_AGENT" else {}),
            )
        )
        for kind in kinds
    ]
    for batch in [events] if together else [[one] for one in events]:
        assert all(
            one.error is None
            for one in operations.apply_contact_events(events=batch, at=timezone.now())
        )
    for one in events:  # and again
        operations.apply_contact_event(event=one, at=timezone.now())


ORDERS = list(itertools.permutations(["QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED"]))


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("kinds", ORDERS)
def test_each_thing_is_told_once_in_whatever_order_it_is_heard(
    kinds: tuple[str, ...], together: bool, contact: Contact, partner: Partner
) -> None:
    """Should tell everything that happened, with a number that says which of two is the later."""
    tell(contact, *kinds, together=together)
    assert sorted(types()) == [
        "contact.connected",
        "contact.ended",
        "contact.queued",
        "participant.joined",
        "participant.left",
    ]
    told = PartnerEvent.objects.order_by("created_at")
    numbers = [one.data["contact"]["seq"] for one in told]
    assert numbers == sorted(numbers)
    contact.refresh_from_db()
    last = told.last()
    assert last is not None
    assert last.data["contact"]["seq"] == contact.version
    assert last.data["contact"]["state"] == "ended"
    assert set(WebhookDelivery.objects.values_list("event", flat=True)) == {one.pk for one in told}


def test_contact_of_no_partner_is_told_to_nobody(
    contact: Contact, partner: Partner, customer_key: str
) -> None:
    """Should keep nothing of it."""
    other = make_contact(contact.entry_point, customer_key)
    tell(other, "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED")
    assert types() == []


def test_whole_call_is_told(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should tell a call with a guest, from the request to the survey, in words of its own."""
    partner = make_partner("Example", entry_point)
    program = Program(make_key(partner).made_key)
    started = program.post("contacts/", {"entry_point": "support", "name": "Ana Secret"})
    assert started.status_code == 201, started.content
    path = f"contacts/{started.json()['id']}/"
    contact = Contact.objects.get()
    answer(connect, contact)
    kept = program.post(f"{path}invitations/", {}).json()
    token = kept["link"].rstrip("/").rpartition("/")[2]
    guest = Customer()
    accepted = guest.post("/api/v1/invitations/accept/", {"token": token, "name": "Gil Secret"})
    assert accepted.status_code == 201, accepted.content
    place = f"/api/v1/guests/{kept['id']}/"
    assert guest.post(f"{place}connection/").status_code == 200
    assert guest.post(f"{place}end/").status_code == 200
    assert program.ask("DELETE", f"{path}invitations/{kept['id']}/").status_code == 200
    assert program.post(f"{path}end/").status_code == 200
    operations.refresh_contact(contact=contact, clock=timezone.now)
    operations.submit_survey(contact=contact, rating=2, comment="Secret", at=timezone.now())

    told = types()
    assert told[0] == "contact.created"
    assert told[-1] == "survey.submitted"
    elsewhere = {"contact.failed", "callback.requested", "quality.degraded"}
    # A free agent may answer before it is seen to wait.
    assert set(told) - {"contact.queued"} == set(PartnerEventType) - elsewhere - {"contact.queued"}
    assert len(told) == len(set(told)) + 2  # two people joined, and two left
    by_type = {one.type: one.data for one in PartnerEvent.objects.all()}
    assert by_type["invitation.revoked"]["invitation"]["state"] == "revoked"
    assert by_type["participant.left"]["participant"]["left_at"] is not None
    assert by_type["survey.submitted"]["survey"]["rating"] == 2
    everything = json.dumps([one.data for one in PartnerEvent.objects.all()])
    assert "Secret" not in everything
    assert token not in everything


def test_start_that_fails_is_told(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should say why in a code."""
    partner = make_partner("Example", entry_point)
    control(
        connect,
        "POST",
        "/_local/faults",
        {"operation": "StartWebRTCContact", "error": "InvalidRequestException", "times": 1},
    )
    started = Program(make_key(partner).made_key).post(
        "contacts/", {"entry_point": "support", "name": "Ana"}
    )
    assert started.status_code >= 500
    assert types() == ["contact.created", "contact.failed"]
    told = PartnerEvent.objects.get(type="contact.failed").data["contact"]
    assert (told["state"], told["failure_code"]) == ("failed", "upstream_configuration")


def test_callback_is_told(contact: Contact, partner: Partner) -> None:
    """Should tell that somebody wants to be called, and leave their number where it is asked for with a key."""
    EntryPoint.objects.update(partner=partner)
    operations.request_callback(
        entry_point=EntryPoint.objects.get(),
        wish=CallbackWish(phone="+49 30 1234567", name="Ana"),
        customer_key="k",
        at=timezone.now(),
    )
    [event] = PartnerEvent.objects.all()
    assert (event.type, event.data["contact"]) == ("callback.requested", None)
    assert "1234567" not in str(event.data)


def test_change_that_is_undone_was_never_told(contact: Contact, partner: Partner) -> None:
    """Should write event and delivery with the change, or neither."""

    def change_and_fail() -> None:
        write_entry(contact, PortalEvent.REQUESTED, at=timezone.now())
        assert PartnerEvent.objects.count() == WebhookDelivery.objects.count() == 1
        raise RuntimeError

    with pytest.raises(RuntimeError):
        commit(change_and_fail)
    assert PartnerEvent.objects.count() == WebhookDelivery.objects.count() == 0


def test_endpoint_is_told_what_it_wants(contact: Contact, partner: Partner) -> None:
    """Should make deliveries for those endpoints that are enabled and want the type, and keep the event anyway."""
    WebhookEndpoint.objects.all().delete()
    wanting = make_endpoint(partner, URL, types=["contact.queued"])
    make_endpoint(partner, URL, types=["contact.ended"])
    make_endpoint(make_partner("Other"), URL)
    paused = make_endpoint(partner, URL)
    commit(lambda: pause(endpoint=paused, because=PausedBecause.STAFF, at=timezone.now()))
    tell(contact, "QUEUED")
    assert [one.endpoint for one in WebhookDelivery.objects.all()] == [wanting]
    Partner.objects.update(is_active=False)
    tell(contact, "CONNECTED_TO_AGENT")
    assert WebhookDelivery.objects.count() == 1
    assert types() == ["contact.queued", "contact.connected", "participant.joined"]


def test_erasing_forgets_what_receivers_said(contact: Contact, partner: Partner) -> None:
    """Should leave nothing by which the customer could be known: neither an answer that was logged nor one that was kept."""
    tell(contact, "QUEUED", "DISCONNECTED")
    delivery = WebhookDelivery.objects.filter(event__type="contact.queued").get()
    WebhookAttempt.objects.create(
        delivery=delivery,
        url=URL,
        began_at=timezone.now(),
        latency_ms=1,
        status=200,
        response_excerpt="Hello Ana",
    )
    record = IdempotencyRecord.begin(partner=partner, key="k", request_hash="h", at=timezone.now())
    record.keep({"body": "Ana"}, contact_id=contact.pk)
    assert operations.erase_contact(contact=contact, at=timezone.now())
    assert WebhookAttempt.objects.get().response_excerpt == ""
    assert not IdempotencyRecord.objects.exists()
    assert "Ana" not in str(list(PartnerEvent.objects.values()))


def test_old_events_are_forgotten(contact: Contact, partner: Partner) -> None:
    """Should keep events and their deliveries for thirty days."""
    tell(contact, "QUEUED", "CONNECTED_TO_AGENT")
    old = PartnerEvent.objects.get(type="contact.queued")
    PartnerEvent.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    forget_what_is_old(worker="w", clock=timezone.now)
    assert types() == ["contact.connected", "participant.joined"]
    assert WebhookDelivery.objects.count() == 2
    assert {one.state for one in WebhookDelivery.objects.all()} == {DeliveryState.PENDING}
    assert Contact.objects.get().state == ContactState.CONNECTED
