"""How good a call was: what Amazon Connect scored, what browsers reported, and the word that both come to."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError

import pytest

from contacts.choices import ContactState, PortalEvent, QualityBand, SpellCause, SpellKind
from contacts.facts import ContactFacts, SideQuality
from contacts.models import CallQuality, Contact, ContactEvent, EntryPoint, Partner, QualitySpell
from contacts.operations import QualityReport, ReportedSpell, take_quality_report
from contacts.operations.facts_applying import apply_facts
from contacts.operations.qualities import MOST_SPELLS, TAKEN_FOR, awaits_scores, note_scores
from partners.models import PartnerEvent
from tests.contacts_world import after, make_contact

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = uuid.UUID(int=7)


def spell(
    number: int = 0,
    kind: SpellKind = SpellKind.NETWORK_POOR,
    began_s_ago: float = 0.0,
    ended_s_ago: float | None = None,
) -> ReportedSpell:
    cause = SpellCause.LOSS if kind.startswith("network") else ""
    return ReportedSpell(number, kind, cause, began_s_ago, ended_s_ago)


def report(contact: Contact, at_s: float, *spells: ReportedSpell, **changes: Any) -> bool:
    told = {"page": PAGE, "setup_ms": None, **changes}
    return take_quality_report(
        contact=contact,
        invitation=None,
        report=QualityReport(spells=spells, **told),
        at=after(at_s),
    )


def band(contact: Contact) -> str:
    contact.refresh_from_db()
    return contact.quality_band


@pytest.mark.parametrize(
    ("customer", "agent", "expected"),
    [
        (4.4, 4.2, QualityBand.GOOD),
        (4.4, 3.9, QualityBand.FAIR),
        (2.99, 4.4, QualityBand.POOR),
        (3.0, None, QualityBand.FAIR),
    ],
)
def test_scores_are_kept_and_judged_by_the_worse_side(
    entry_point: EntryPoint, customer: float, agent: float | None, expected: QualityBand
) -> None:
    """Should keep both scores with their issues, and call the call what its worse side was."""
    contact = make_contact(entry_point, "key", ContactState.ENDED)
    facts = ContactFacts(
        customer_quality=SideQuality(customer, ("HighPacketLoss",)),
        agent_quality=None if agent is None else SideQuality(agent),
        disconnect_issue="CUSTOMER_CONNECTIVITY_ISSUE",
    )
    note_scores(contact=contact, facts=facts)
    note_scores(contact=contact, facts=ContactFacts())  # a later answer that says less
    quality = CallQuality.objects.get(contact=contact)
    assert float(quality.customer_score or 0) == customer
    assert quality.customer_issues == ["HighPacketLoss"]
    assert quality.disconnect_issue == "CUSTOMER_CONNECTIVITY_ISSUE"
    assert band(contact) == expected


def test_scores_are_awaited_of_answered_calls_alone(entry_point: EntryPoint) -> None:
    """Should wait for them after the end of a call that an agent answered, until they are there."""
    contact = make_contact(entry_point, "key", ContactState.ENDED)
    assert not awaits_scores(contact)
    contact.connected_at = after(1)
    assert awaits_scores(contact)
    note_scores(contact=contact, facts=ContactFacts(customer_quality=SideQuality(4.0)))
    assert not awaits_scores(contact)


def test_score_out_of_range_is_refused_by_the_database(contact: Contact) -> None:
    """Should never hold a score that Amazon Connect does not give."""
    with pytest.raises(IntegrityError):
        CallQuality.objects.create(contact=contact, agent_score=5.5)


def test_report_told_again_changes_nothing(contact: Contact) -> None:
    """Should keep a spell once, end it once, and keep the first set-up time."""
    report(contact, 20, spell(began_s_ago=5), setup_ms=900)
    report(contact, 20, spell(began_s_ago=5), setup_ms=900)
    report(contact, 30, spell(began_s_ago=15, ended_s_ago=1), setup_ms=5)
    report(contact, 40, spell(began_s_ago=25, ended_s_ago=0))
    (kept,) = QualitySpell.objects.all()
    assert (kept.began_at, kept.ended_at) == (after(15), after(29))
    assert CallQuality.objects.get().setup_ms == 900


def test_spells_stay_within_the_call(contact: Contact) -> None:
    """Should move what a wrong clock says to the nearest moment of the call."""
    report(contact, 20, spell(began_s_ago=80_000, ended_s_ago=70_000))
    (kept,) = QualitySpell.objects.all()
    assert (kept.began_at, kept.ended_at) == (contact.requested_at, contact.requested_at)


@pytest.mark.parametrize(
    ("kind", "lasts_s", "expected"),
    [
        (SpellKind.NETWORK_POOR, 9, QualityBand.GOOD),
        (SpellKind.NETWORK_POOR, 10, QualityBand.POOR),
        (SpellKind.NETWORK_AWAY, 30, QualityBand.POOR),
        (SpellKind.NETWORK_WEAK, 40, QualityBand.FAIR),
        (SpellKind.MUTED, 40, QualityBand.GOOD),
    ],
)
def test_networks_that_were_bad_for_a_while_count(
    contact: Contact, kind: SpellKind, lasts_s: int, expected: QualityBand
) -> None:
    """Should take a lasting bad network for what it is, and nothing that a person switches."""
    report(contact, 60, spell(kind=kind, began_s_ago=lasts_s, ended_s_ago=0))
    assert band(contact) == expected


def test_what_was_seen_is_noted_on_the_call(contact: Contact) -> None:
    """Should say of a call that it had video or a shared screen once a browser showed it."""
    report(contact, 20, spell(0, SpellKind.CAMERA, 5), spell(1, SpellKind.SHARING, 2))
    contact.refresh_from_db()
    assert not contact.had_video, "nobody has answered yet"
    apply_facts(contact=contact, facts=ContactFacts(connected_at=after(21)), at=after(21))
    report(contact, 30, spell(0, SpellKind.CAMERA, 15, 1), spell(1, SpellKind.SHARING, 12, 2))
    contact.refresh_from_db()
    assert (contact.had_video, contact.had_share, contact.had_guests) == (True, True, False)


def test_poor_network_is_told_once_and_at_most_once_a_minute(contact: Contact) -> None:
    """Should tell of a spell when it has lasted, not again, and of the next one not within a minute."""

    def told() -> int:
        return ContactEvent.objects.filter(type=PortalEvent.QUALITY_DEGRADED).count()

    report(contact, 20, spell(0, began_s_ago=5))
    assert told() == 0
    report(contact, 26, spell(0, began_s_ago=11))
    report(contact, 30, spell(0, began_s_ago=15, ended_s_ago=0))
    assert told() == 1
    report(contact, 60, spell(1, began_s_ago=20, ended_s_ago=0))
    assert told() == 1
    report(contact, 120, spell(2, SpellKind.NETWORK_WEAK, began_s_ago=30))
    assert told() == 1
    report(contact, 130, spell(3, began_s_ago=20, ended_s_ago=0))
    assert told() == 2


def test_reports_are_bounded(contact: Contact) -> None:
    """Should keep so many spells of a contact and no more, and nothing long after its end."""
    for first in range(0, MOST_SPELLS + 40, 40):
        report(contact, 20, *(spell(first + n, SpellKind.MUTED, 1, 0) for n in range(40)))
    assert QualitySpell.objects.count() == MOST_SPELLS
    assert report(contact, 30, spell(0, SpellKind.MUTED, 11, 0))
    apply_facts(contact=contact, facts=ContactFacts(ended_at=after(40)), at=after(40))
    late = after(41) + TAKEN_FOR
    empty = QualityReport(page=PAGE, setup_ms=None, spells=())
    assert not take_quality_report(contact=contact, invitation=None, report=empty, at=late)


def test_queue_is_the_one_it_was_in_first(entry_point: EntryPoint) -> None:
    """Should keep the same queue whichever order its events come in."""
    first = ContactFacts(queued_at=after(1), queue_id="first")
    second = ContactFacts(queued_at=after(1) + timedelta(seconds=30), queue_id="second")
    for order in ((first, second), (second, first)):
        contact = make_contact(entry_point, "key")
        for facts in order:
            apply_facts(contact=contact, facts=facts, at=after(60))
        assert contact.queue_id == "first"


def test_customer_has_joined_once_their_page_reports(contact: Contact) -> None:
    """Should note it once, show it to whoever watches, and tell the call's partner, also that they left."""
    contact.partner = Partner.objects.create(name="Example")
    contact.save(update_fields=["partner"])
    before = contact.version
    assert report(contact, 60)
    assert report(contact, 90)
    contact.refresh_from_db()
    customer = contact.participants.get(role="customer")
    assert (customer.joined_at, contact.version) == (after(60), before + 1)

    apply_facts(contact=contact, facts=ContactFacts(ended_at=after(120)), at=after(121))
    told = PartnerEvent.objects.filter(type__startswith="participant.").order_by("created_at")
    assert [one.type for one in told] == ["participant.joined", "participant.left"]
    assert {one.data["participant"]["role"] for one in told} == {"customer"}


def test_report_after_the_end_joins_nobody(entry_point: EntryPoint) -> None:
    """Should not say that somebody joined a call that was over."""
    contact = make_contact(entry_point, "key", ContactState.ENDED)
    assert report(contact, 60)
    assert not contact.participants.filter(joined_at__isnull=False).exists()
