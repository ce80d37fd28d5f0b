"""What the pages of a call report of its quality: taken of its own people, within limits, and told again without harm."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from contacts.choices import Scope
from contacts.models import CallQuality, Contact, QualitySpell
from partners.models import PartnerEvent, WebhookDelivery
from tests.contacts_world import Customer
from tests.partners_world import Program, make_key, make_partner
from tests.webhook_world import make_endpoint

PAGE = str(uuid.UUID(int=1))
SPELL = {"number": 0, "kind": "network_poor", "cause": "loss", "began_s_ago": 3}


def address(contact: Contact) -> str:
    return f"/api/v1/contacts/{contact.pk}/quality/"


def report(**changes: Any) -> dict[str, Any]:
    return {"page": PAGE, "setup_ms": 800, "spells": [SPELL], **changes}


def test_customer_reports_and_repeats(contact: Contact, customer: Customer) -> None:
    """Should keep a report once, however often it is sent."""
    for _ in range(2):
        answer = customer.post(address(contact), report())
        assert answer.status_code == 204
        assert answer["Cache-Control"] == "no-store"
    assert CallQuality.objects.get(contact=contact).setup_ms == 800
    assert [one.kind for one in QualitySpell.objects.all()] == ["network_poor"]


def test_stranger_reports_nothing(contact: Contact, stranger: Customer) -> None:
    """Should not even say that there is such a call."""
    assert stranger.post(address(contact), report()).status_code == 404
    assert not CallQuality.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "seven"},
        {"setup_ms": -1},
        {"setup_ms": 1e12},
        {"spells": [SPELL] * 21},
        {"spells": {}},
        {"spells": [{**SPELL, "kind": "boredom"}]},
        {"spells": [{**SPELL, "cause": "Ana Lima"}]},
        {"spells": [{**SPELL, "began_s_ago": -1}]},
        {"spells": [{**SPELL, "began_s_ago": 1e9}]},
        {"spells": [{**SPELL, "number": 10_000}]},
    ],
    ids=str,
)
def test_what_is_no_report_is_refused(
    contact: Contact, customer: Customer, wrong: dict[str, Any]
) -> None:
    """Should say what is wrong, and keep nothing."""
    answer = customer.post(address(contact), report(**wrong))
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"]
    assert not QualitySpell.objects.exists()


def test_page_that_reports_without_end_is_slowed_down(
    contact: Contact, customer: Customer
) -> None:
    """Should take thirty reports a minute and no more."""
    answers = [customer.post(address(contact), report()).status_code for _ in range(31)]
    assert answers == [204] * 30 + [429]


def test_partner_is_told_while_a_network_is_poor(contact: Contact, customer: Customer) -> None:
    """Should announce a poor spell that lasts, once, and tell it with the contact to who asks."""
    partner = make_partner("Example", contact.entry_point)
    Contact.objects.update(partner=partner)
    make_endpoint(partner, "https://hooks.example.com/")
    customer.post(address(contact), report(spells=[{**SPELL, "began_s_ago": 2}]))
    degraded = PartnerEvent.objects.filter(type="quality.degraded")
    assert not degraded.exists()
    # The call was asked for long ago, as its rows have it.
    for age in (12, 20):
        lasting = {**SPELL, "number": 1, "began_s_ago": age}
        customer.post(address(contact), report(spells=[lasting]))
    [event] = degraded
    told = {name: event.data["quality"][name] for name in ("kind", "cause", "by", "ended_at")}
    assert told == {"kind": "network_poor", "cause": "loss", "by": "customer", "ended_at": None}
    assert WebhookDelivery.objects.filter(event=event).count() == 1

    program = Program(make_key(partner, Scope.CONTACTS_READ).made_key)
    shown = program.get(f"contacts/{contact.pk}/?expand=quality").json()["quality"]
    assert (shown["setup_ms"], shown["customer"], len(shown["spells"])) == (800, None, 2)
