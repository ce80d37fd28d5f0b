"""Entry points that a partner makes, changes and removes itself, and callback requests that it finishes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

import pytest

from contacts import operations
from contacts.choices import Scope
from contacts.models import Consent, EntryPoint, Partner
from contacts.operations import CallbackWish
from contacts.operations.entry_points import MOST_OF_A_PARTNER
from tests.contacts_world import Customer
from tests.partners_world import Program, make_key
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

OWN = {"slug": "repairs", "name": "Repairs", "company": "Example"}


def test_entry_point_is_made_changed_and_called(
    program: Program, partner: Partner, connect: LocalConnect, customer: Customer
) -> None:
    """Should belong to the partner, with every call that begins there."""
    made = program.post("entry-points/", OWN)
    assert made.status_code == 201, made.content
    assert made["Location"] == "/api/v1/entry-points/repairs/"
    assert made.json()["is_own"] is True
    assert EntryPoint.objects.get(slug="repairs").partner == partner

    change = {
        "consent_text": "We keep a protocol.",
        "name_required": False,
        "allowed_origins": ["https://shop.example"],
        "capabilities": {"customer": {"screen_share": True}},
    }
    changed = program.ask("PATCH", "entry-points/repairs/", change).json()
    assert changed == program.get("entry-points/repairs/").json()
    assert changed["consent"] == {"version": 1, "text": "We keep a protocol."}
    assert changed["capabilities"]["customer"] == {"video": True, "screen_share": True}
    assert changed["allowed_origins"] == ["https://shop.example"]
    assert Consent.objects.count() == 1

    started = customer.post("/api/v1/contacts/", {"entry_point": "repairs", "consent": 1})
    assert started.status_code == 201, started.content
    assert program.get(f"contacts/{started.json()['id']}/").status_code == 200
    refused = program.ask("DELETE", "entry-points/repairs/")
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_point_in_use")
    closed = program.ask("PATCH", "entry-points/repairs/", {"is_open": False})
    assert closed.json()["is_open"] is False


def test_unused_entry_point_is_removed(program: Program) -> None:
    """Should be gone, and its name free again."""
    program.post("entry-points/", OWN)
    assert program.ask("DELETE", "entry-points/repairs/").status_code == 204
    assert program.ask("DELETE", "entry-points/repairs/").status_code == 404
    assert program.post("entry-points/", OWN).status_code == 201


def test_shared_entry_points_are_read_only(program: Program) -> None:
    """Should be shown without what is their owner's business, and not be changed."""
    shown = program.get("entry-points/support/").json()
    assert (shown["is_own"], shown["allowed_origins"]) == (False, None)
    for method in ("PATCH", "DELETE"):
        refused = program.ask(method, "entry-points/support/", {"name": "Mine"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert EntryPoint.objects.get().name == "Support"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"slug": "support"}, "/slug"),
        ({"slug": "no way"}, "/slug"),
        ({"slug": "a" * 65}, "/slug"),
        ({"name": ""}, "/name"),
        ({"name": "a" * 121}, "/name"),
        ({"company": "\x00"}, "/company"),
        ({"language": "xx"}, "/language"),
        ({"custom_fields": [{"key": "a b", "label": "x"}]}, "/custom_fields"),
        ({"allowed_origins": ["https://shop.example/path"]}, "/allowed_origins"),
        ({"consent_text": "a" * 2001}, "/consent_text"),
        ({"capabilities": {"customer": {"video": "perhaps"}}}, "/capabilities/customer/video"),
        ({"connect_contact_flow_id": "x"}, "/connect_contact_flow_id"),
        ({"partner": 1}, "/partner"),
    ],
)
def test_what_breaks_a_limit_is_refused(
    program: Program, values: dict[str, Any], pointer: str
) -> None:
    """Should say which field, and store nothing; instance and flow are not a partner's to choose."""
    refused = program.post("entry-points/", {**OWN, **values})
    assert refused.status_code == 400, refused.content
    assert {one["pointer"] for one in refused.json()["errors"]} == {pointer}
    assert EntryPoint.objects.count() == 1


def test_partner_has_so_many_entry_points_and_no_more(program: Program, partner: Partner) -> None:
    """Should refuse the next one."""
    EntryPoint.objects.bulk_create(
        EntryPoint(slug=f"own-{number}", name="Own", company="Example", partner=partner)
        for number in range(MOST_OF_A_PARTNER)
    )
    refused = program.post("entry-points/", OWN)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "too_many")


def test_writing_takes_a_scope(partner: Partner) -> None:
    """Should be entry_points:write."""
    reader = Program(make_key(partner, Scope.ENTRY_POINTS_READ).made_key)
    assert reader.post("entry-points/", OWN).json()["code"] == "missing_scope"
    assert reader.get("entry-points/").status_code == 200


def test_callback_is_finished_by_its_partner(program: Program, entry_point: EntryPoint) -> None:
    """Should leave the queue once, and not come back by being cancelled."""
    wish = {"entry_point": "support", "phone": "+4930123456"}
    address = f"callbacks/{program.post('callbacks/', wish).json()['id']}/"
    for _ in range(2):
        assert program.post(address + "done/").json()["state"] == "done"
    assert program.post(address + "cancel/").json()["state"] == "done"
    others = operations.request_callback(
        entry_point=entry_point,
        wish=CallbackWish(phone="+4930123456"),
        customer_key="x" * 40,
        at=timezone.now(),
    )
    assert program.post(f"callbacks/{others.callback.pk}/done/").status_code == 404
