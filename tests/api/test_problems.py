"""Every failure has one shape, and every code is in the one table."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client, RequestFactory

import pytest

from contacts import connect_client, errors
from contacts.api.problems import KINDS, problem_response
from contacts.models import Contact
from tests.contacts_world import Customer

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"
SHAPE = ["type", "title", "status", "detail", "instance", "code", "request_id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("post", "/api/v1/contacts/", 400, "invalid"),
        ("get", "/api/v1/contacts/", 401, "unauthenticated"),
        ("get", "/api/v1/invitations/accept/", 405, "method_not_allowed"),
        ("get", "/api/v1/contacts/00000000-0000-4000-8000-000000000000/", 404, "not_found"),
        ("post", "/api/v1/contact-events/", 401, "unauthenticated"),
        ("post", "/api/v1/nothing/here/", 404, "not_found"),
        ("get", "/api/v1/contacts", 404, "not_found"),
    ],
)
def test_failure_is_a_problem_document(
    db: None, method: str, path: str, status: int, code: str
) -> None:
    """Should have RFC 9457's members, our code, and the request's id."""
    reply = getattr(Customer(), method)(path)
    assert reply["Content-Type"] == "application/problem+json"
    body = reply.json()
    assert [key for key in body if key != "errors"] == SHAPE
    assert (reply.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["instance"] == path
    assert body["request_id"] == reply["X-Request-ID"]
    assert Client().get(body["type"]).status_code == 200


def test_other_media_types_are_refused(db: None, customer: Customer) -> None:
    """Should take JSON only."""
    reply = customer.client.post("/api/v1/contacts/", {"entry_point": "support"})
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")


def test_unknown_contact_id_is_told_as_a_problem(contact: Contact, stranger: Customer) -> None:
    """Should not tell an unknown contact from another's, but for the path."""
    known = stranger.get(f"/api/v1/contacts/{contact.pk}/").json()
    unknown = stranger.get("/api/v1/contacts/00000000-0000-4000-8000-000000000000/").json()
    for body in (known, unknown):
        del body["instance"], body["request_id"]
    assert known == unknown


def every_error(base: type[errors.ContactsError]) -> list[type[errors.ContactsError]]:
    """Return a class and all below it."""
    return [base, *(below for child in base.__subclasses__() for below in every_error(child))]


def test_every_error_has_its_place_in_the_table() -> None:
    """Should be able to tell each domain error over HTTP."""
    assert {error.code for error in every_error(errors.ContactsError)} <= set(KINDS)
    assert {error.code for error in connect_client.ERRORS.values()} <= set(KINDS)


def test_every_code_is_documented() -> None:
    """Should have one line in the reference for each code, with its status, and none besides."""
    text = (DOCS / "errors.md").read_text()
    documented = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE))
    assert documented == {code: str(kind.status) for code, kind in KINDS.items()}


def test_unforeseen_error_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Should keep what went wrong for the log."""
    request = RequestFactory().get("/api/v1/contacts/")
    reply = problem_response(RuntimeError("a detail of ours"), {"request": request})
    assert (reply.status_code, reply.data["code"]) == (500, "error")
    assert "a detail of ours" not in str(reply.data)
    assert "a detail of ours" in caplog.text
