"""How good a call was, on its page in the admin: the scores of both sides, and what browsers measured."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.admin import SimpleListFilter, site
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

import pytest

from contacts.admin.contact_filters import (
    GuestsFilter,
    QualityFilter,
    QueueFilter,
    ShareFilter,
    VideoFilter,
)
from contacts.choices import QualityBand, SpellCause, SpellKind
from contacts.models import CallQuality, Contact, QualitySpell
from tests.api.staff import member_of
from tests.contacts_world import after, make_contact


def measured(contact: Contact, *kinds: SpellKind) -> CallQuality:
    """Store scores of both sides, and a spell of ten seconds of each of the kinds."""
    quality = CallQuality.objects.create(
        contact=contact,
        customer_score=2.5,
        customer_issues=["HighPacketLoss"],
        agent_score=4.4,
        setup_ms=1234,
    )
    for number, kind in enumerate(kinds):
        QualitySpell.objects.create(
            quality=quality,
            page=uuid.UUID(int=1),
            number=number,
            kind=kind,
            cause=SpellCause.LOSS if kind.startswith("network") else "",
            began_at=after(20 * number),
            ended_at=after(20 * number + 10),
        )
    Contact.objects.filter(pk=contact.pk).update(
        quality_band=QualityBand.POOR, ended_at=after(90), state="ended"
    )
    return quality


def test_page_shows_scores_and_what_browsers_measured(contact: Contact) -> None:
    """Should show both scores, the issue, the set-up time, and a lane for each thing that lasted."""
    measured(contact, SpellKind.NETWORK_POOR, SpellKind.NETWORK_POOR, SpellKind.CAMERA)
    client = member_of("Supervisor", contact.entry_point)
    page = client.get(f"/admin/contacts/contact/{contact.pk}/change/").content.decode()
    [block] = re.findall(r'<section aria-labelledby="quality-title".*?</section>', page, re.DOTALL)
    assert 'class="chip chip-quality-poor">Poor' in block
    assert "2.50" in block
    assert "HighPacketLoss" in block
    assert "4.40" in block
    assert "1.2 s" in block
    assert "Customer: Poor network: lost packets" in block
    assert "0:20" in block
    assert page.count('class="piece piece-network-poor"') == 2
    assert 'class="lane-name">Customer: network<' in page
    assert 'class="lane-name">Customer: Camera on<' in page


def test_page_says_nothing_of_quality_where_nothing_is_known(contact: Contact) -> None:
    """Should not show an empty block."""
    client = member_of("Supervisor", contact.entry_point)
    page = client.get(f"/admin/contacts/contact/{contact.pk}/change/").content.decode()
    assert "quality-title" not in page


def test_page_asks_as_much_for_many_spells_as_for_one(contact: Contact) -> None:
    """Should read all that was measured at once."""
    quality = measured(contact, SpellKind.MUTED)
    client = member_of("Supervisor", contact.entry_point)
    address = f"/admin/contacts/contact/{contact.pk}/change/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    quality.spells.all().delete()
    quality.delete()
    measured(contact, *[SpellKind.MUTED, SpellKind.NETWORK_WEAK] * 20)
    with CaptureQueriesContext(connection) as more:
        client.get(address)
    assert len(more) == len(few)


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ("quality=poor", {"quality_band": "poor"}),
        ("queue=q-17", {"queue_id": "q-17"}),
        ("had_share=yes", {"had_share": True}),
        ("had_video=yes", {"had_video": True}),
        ("guests=yes", {"had_guests": True}),
    ],
)
def test_list_is_narrowed_by_an_index(
    contact: Contact, query: str, changes: dict[str, Any]
) -> None:
    """Should find the calls that are asked for, in order, without reading the others."""
    make_contact(contact.entry_point, "key")
    Contact.objects.filter(pk=contact.pk).update(**changes)
    client = member_of("Supervisor", contact.entry_point)
    page = client.get(f"/admin/contacts/contact/?{query}").content.decode()
    listed = re.findall(r'href="/admin/contacts/contact/([0-9a-f-]{36})/change/', page)
    assert listed == [str(contact.pk)]
    name, value = query.split("=")
    narrowed = NARROWING[name]({name: [value]}).order_by("-requested_at", "-pk")[:51]
    if connection.vendor == "sqlite":
        assert f"USING INDEX contact_{INDEXES[name]}" in narrowed.explain()


def _narrowed(chosen: type[SimpleListFilter]) -> Callable[[dict[str, list[str]]], Any]:
    def narrow(params: dict[str, list[str]]) -> Any:
        request = RequestFactory().get("/")
        found = chosen(request, params, Contact, site._registry[Contact])
        return found.queryset(request, Contact.objects.all())

    return narrow


FILTERS = (QualityFilter, QueueFilter, ShareFilter, VideoFilter, GuestsFilter)
NARROWING = {str(one.parameter_name): _narrowed(one) for one in FILTERS}
INDEXES = {
    "quality": "of_quality",
    "queue": "of_queue",
    "had_share": "with_share",
    "had_video": "with_video",
    "guests": "with_guests",
}
