"""The survey: answered once by the call's customer, and kept within its limits."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

import pytest

from contacts.models import Contact, Survey
from tests.contacts_world import NOON, Customer

pytestmark = pytest.mark.django_db(transaction=True)

BAD = {"rating": 1, "technical_problem": "no_sound", "comment": "Nothing to hear."}


def path(contact: Contact) -> str:
    return f"/api/v1/contacts/{contact.pk}/survey/"


def test_survey_is_stored_once(contact: Contact, customer: Customer) -> None:
    """Should take the answer, take its repeat for the same, and refuse another (case 50)."""
    first, again = (customer.post(path(contact), BAD) for _ in range(2))
    other = customer.post(path(contact), {"rating": 5})

    assert (first.status_code, first.json()) == (201, BAD)
    assert (again.status_code, again.json()) == (201, BAD)
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "survey_answered")
    survey = Survey.objects.get()
    assert (survey.rating, survey.technical_problem, survey.comment) == tuple(BAD.values())
    assert [event.type for event in contact.events.all()] == ["SURVEY_SUBMITTED"]


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        ({}, "/rating"),
        ({"rating": 0}, "/rating"),
        ({"rating": 6}, "/rating"),
        ({"rating": "good"}, "/rating"),
        ({"rating": 1, "technical_problem": "echo"}, "/technical_problem"),
        ({"rating": 1, "comment": "x" * 2001}, "/comment"),
        ({"rating": 1, "comment": "\x00"}, "/comment"),
    ],
)
def test_answer_out_of_range_is_refused(
    contact: Contact, customer: Customer, answer: dict[str, Any], pointer: str
) -> None:
    """Should name the field, and store nothing."""
    reply = customer.post(path(contact), answer)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Survey.objects.exists()


def test_survey_of_others_calls_does_not_exist(contact: Contact, stranger: Customer) -> None:
    """Should answer a stranger as if there were no such contact."""
    assert stranger.post(path(contact), BAD).status_code == 404


@pytest.mark.parametrize("answer", [{"rating": 0}, {"rating": 3, "technical_problem": "echo"}])
def test_database_holds_the_survey_to_its_limits(contact: Contact, answer: dict[str, Any]) -> None:
    """Should refuse what no operation would write."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.create(contact=contact, submitted_at=NOON, **answer)


def test_database_holds_one_survey_a_contact(contact: Contact) -> None:
    """Should refuse the second, whoever writes it."""
    Survey.objects.create(contact=contact, rating=3, submitted_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.create(contact=contact, rating=4, submitted_at=NOON)
