"""What an entry point asks of its callers: its own questions, and what they have to agree to."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.test import Client

import pytest

from contacts.custom_fields import validate_custom_fields
from contacts.models import Consent, Contact, EntryPoint
from tests.api.test_pages_customer import embedded
from tests.api.test_start_call import URL
from tests.contacts_world import Customer, upstream_contacts
from tests.servers import LocalConnect

ORDER = {"key": "order", "label": "Order number", "kind": "text", "required": True}
TOPIC = {"key": "topic", "label": "Topic", "kind": "choice", "choices": ["Sales", "Service"]}


def wish(**values: Any) -> dict[str, Any]:
    """A request to call that lacks nothing but what the test is about."""
    return {"entry_point": "support", "name": "Ana", **values}


def problems_of(reply: Any) -> list[tuple[str, str]]:
    """Return where and what is wrong."""
    assert reply.status_code == 400
    return [(one["pointer"], one["code"]) for one in reply.json()["errors"]]


def test_answers_are_checked_and_become_unsigned_attributes(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should refuse what is missing or no choice, and hand the rest on marked as signed by nobody."""
    EntryPoint.objects.update(custom_fields=[ORDER, TOPIC])

    missing = customer.post(URL, wish(attributes={"order": " ", "topic": "Else"}))
    long = customer.post(URL, wish(attributes={"order": "1" * 1001}))
    given = customer.post(URL, wish(attributes={"order": "17", "topic": "Sales"}))

    assert problems_of(missing) == [
        ("/attributes/order", "required"),
        ("/attributes/topic", "not_a_choice"),
    ]
    assert problems_of(long) == [("/attributes/order", "too_long")]
    assert given.status_code == 201
    assert Contact.objects.get().attributes == {"web_order": "17", "web_topic": "Sales"}
    assert len(upstream_contacts(connect)) == 1


def test_no_call_without_consent_to_the_wording_of_today(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should refuse a call without consent, or with that of an older wording, and store which was given (case 11)."""
    EntryPoint.objects.update(recording_notice=True, consent_text="We keep notes.")
    entry_point.refresh_from_db()
    first = embedded(Client().get("/call/support/"))["entry_point"]["consent"]
    assert first == {"version": 1, "recording": True, "text": "We keep notes."}
    assert not Consent.objects.exists(), "reading the page writes nothing"

    assert problems_of(customer.post(URL, wish())) == [("/consent", "required")]
    agreed = customer.post(URL, wish(consent=1))
    EntryPoint.objects.update(consent_text="We keep notes for a year.")
    assert problems_of(customer.post(URL, wish(consent=1))) == [("/consent", "outdated")]
    again = customer.post(URL, wish(consent=2))

    assert (agreed.status_code, again.status_code) == (201, 201)
    told = list(Contact.objects.order_by("requested_at").values_list("consent__text", flat=True))
    assert told == [
        f"This call may be recorded by {entry_point.company}.\nWe keep notes.",
        f"This call may be recorded by {entry_point.company}.\nWe keep notes for a year.",
    ]
    assert len(upstream_contacts(connect)) == 2


def test_entry_point_that_asks_for_no_consent_stores_none(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should start the call, whatever version the caller names."""
    assert customer.post(URL, wish(consent=5)).status_code == 201

    assert Contact.objects.get().consent is None


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        [ORDER, ORDER],
        [{**ORDER, "key": "a b"}],
        [{**ORDER, "label": ""}],
        [{**ORDER, "kind": "date"}],
        [{**ORDER, "choices": ["a"]}],
        [{**TOPIC, "choices": []}],
        [{**TOPIC, "choices": [1]}],
        [{**ORDER, "colour": "red"}],
        [{**ORDER, "key": f"k{number}"} for number in range(11)],
    ],
)
def test_questions_that_cannot_be_asked_are_refused_when_saved(wrong: object) -> None:
    """Should say what is wrong with the list before anybody sees it."""
    with pytest.raises(ValidationError):
        validate_custom_fields(wrong)


def test_saving_in_admin_publishes_the_wording(
    admin_client: Client, entry_point: EntryPoint
) -> None:
    """Should keep each wording as a version, and none twice."""
    address = f"/admin/contacts/entrypoint/{entry_point.pk}/change/"
    form = {
        **{"name": "Help", "slug": "support", "company": "Example", "busy_wait_s": "600"},
        **{"identity_rule": "optional", "allowed_origins": "[]", "custom_fields": "[]"},
        **{"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"},
        **{"hours_overrides-TOTAL_FORMS": "0", "hours_overrides-INITIAL_FORMS": "0"},
    }
    for text in ("We keep notes.", "We keep notes.", "We keep no notes."):
        answer = admin_client.post(address, {**form, "consent_text": text})
        assert answer.status_code == 302, answer.content.decode()

    versions = Consent.objects.order_by("version").values_list("version", "text")
    assert list(versions) == [(1, "We keep notes."), (2, "We keep no notes.")]
