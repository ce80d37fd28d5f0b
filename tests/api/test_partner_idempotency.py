"""A partner's repeated request: answered as the first was, and done once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts.connect_guards import room
from contacts.models import CallbackRequest, Contact, EntryPoint, Invitation, Partner
from partners.models import IdempotencyRecord
from partners.models.idempotency_records import AT_WORK_FOR, KEPT_FOR
from tests.contacts_world import control, upstream_contacts
from tests.partners_world import Program, make_key, make_partner
from tests.servers import LocalConnect

pytestmark = pytest.mark.django_db(transaction=True)

START = {"entry_point": "support", "name": "Ana"}


def test_repeat_gets_the_same_answer(
    program: Program, partner: Partner, connect: LocalConnect
) -> None:
    """Should be the same to the letter, with any key of the partner's, however its body is written."""
    first = program.post("contacts/", START, Idempotency_Key="k1")
    again = program.post("contacts/", dict(reversed(START.items())), Idempotency_Key="k1")
    rotated = Program(make_key(partner).made_key).post("contacts/", START, Idempotency_Key="k1")
    assert "Idempotent-Replayed" not in first
    for one in (again, rotated):
        assert one["Idempotent-Replayed"] == "true"
        assert (one.status_code, one.json()) == (201, first.json())
        assert one["ETag"] == first["ETag"]
        assert one["Cache-Control"] == "no-store"
        assert "RateLimit" in one
    assert len(upstream_contacts(connect)) == 1


def test_answers_are_not_readable_in_the_database(program: Program, connect: LocalConnect) -> None:
    """Should seal them: they hold links and connections."""
    body = program.post("contacts/", START, Idempotency_Key="k1").json()
    stored = str(IdempotencyRecord.objects.values().get())
    assert body["join_url"] not in stored
    assert body["connection"]["Attendee"]["JoinToken"] not in stored


@pytest.mark.parametrize("other", [{**START, "name": "Eve"}, {}, None])
def test_other_body_is_refused(program: Program, connect: LocalConnect, other: Any) -> None:
    """Should answer 422 and start nothing."""
    program.post("contacts/", START, Idempotency_Key="k1")
    refused = program.post("contacts/", other, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_mismatch")
    assert len(upstream_contacts(connect)) == 1


def test_key_is_for_one_address(program: Program, connect: LocalConnect) -> None:
    """Should not answer another endpoint's request with it."""
    path = f"contacts/{program.post('contacts/', START, Idempotency_Key='k1').json()['id']}/"
    assert program.post(path + "end/", Idempotency_Key="k1").status_code == 422
    ended = program.post(path + "end/", Idempotency_Key="k2")
    assert program.post(path + "end/", Idempotency_Key="k2").json() == ended.json()


def test_keys_of_two_partners_are_two(
    program: Program, entry_point: EntryPoint, connect: LocalConnect
) -> None:
    """Should not answer one with what the other started."""
    other = Program(make_key(make_partner("Other", entry_point)).made_key)
    ids = {
        one.post("contacts/", START, Idempotency_Key="k1").json()["id"] for one in (program, other)
    }
    assert len(ids) == 2


def test_each_post_can_be_repeated(program: Program, connect: LocalConnect) -> None:
    """Should make one invitation and one callback request of two requests."""
    path = f"contacts/{program.post('contacts/', START).json()['id']}/"
    for address, body in (
        (path + "invitations/", {}),
        ("callbacks/", {"entry_point": "support", "phone": "+4930123456"}),
        (path + "dtmf/", {"digits": "1"}),
    ):
        first = program.post(address, body, Idempotency_Key=f"key-of-{address}")
        again = program.post(address, body, Idempotency_Key=f"key-of-{address}")
        assert first.status_code in (201, 204)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again["Idempotent-Replayed"] == "true"
    assert (Invitation.objects.count(), CallbackRequest.objects.count()) == (1, 1)


def test_refusal_that_began_nothing_is_not_kept(
    program: Program, entry_point: EntryPoint, connect: LocalConnect
) -> None:
    """Should let the key be used once the request is right, or the moment."""
    wrong = program.post("contacts/", {**START, "name": 1}, Idempotency_Key="k1")
    assert wrong.status_code == 400
    EntryPoint.objects.update(is_open=False)
    closed = program.post("contacts/", START, Idempotency_Key="k1")
    assert (closed.status_code, closed.json()["code"]) == (409, "entry_point_closed")
    EntryPoint.objects.update(is_open=True)
    assert program.post("contacts/", START, Idempotency_Key="k1").status_code == 201


def test_failure_is_answered_again(program: Program, connect: LocalConnect) -> None:
    """Should not start a call that failed behind the program's back."""
    control(
        connect,
        "POST",
        "/_local/faults",
        {
            "operation": "StartWebRTCContact",
            "error": "LimitExceededException",
            "status": 429,
            "times": 1,
        },
    )
    first = program.post("contacts/", START, Idempotency_Key="k1")
    again = program.post("contacts/", START, Idempotency_Key="k1")
    assert (first.status_code, first.json()["code"]) == (503, "capacity")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Contact.objects.count() == 1


def test_start_that_found_no_place_can_be_tried_again(
    program: Program, connect: LocalConnect, settings: Settings
) -> None:
    """Should not answer "busy" for a day because the process was full for a moment."""
    settings.CONNECT_POOL_SIZE = 1
    with room("StartWebRTCContact"), ThreadPoolExecutor(1) as elsewhere:

        def start() -> Any:
            try:
                return program.post("contacts/", START, Idempotency_Key="k1")
            finally:
                connection.close()

        refused = elsewhere.submit(start).result()
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert not Contact.objects.exists()
    assert program.post("contacts/", START, Idempotency_Key="k1").status_code == 201


def test_repeat_while_the_first_is_at_work(
    program: Program, partner: Partner, connect: LocalConnect
) -> None:
    """Should be told to wait, and be answered once the first is."""
    control(
        connect,
        "POST",
        "/_local/faults",
        {"operation": "StartWebRTCContact", "delay_ms": 1500, "times": 1},
    )
    answers: list[Any] = []

    def start() -> None:
        answers.append(program.post("contacts/", START, Idempotency_Key="k1"))
        connection.close()

    first = threading.Thread(target=start)
    first.start()
    while not Contact.objects.exists():
        pass
    waiting = program.post("contacts/", START, Idempotency_Key="k1")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "idempotency_in_progress")
    assert int(waiting["Retry-After"]) > 0
    first.join()
    again = program.post("contacts/", START, Idempotency_Key="k1")
    assert again.json() == answers[0].json()
    assert len(upstream_contacts(connect)) == 1


def test_request_whose_process_died_is_taken_over(program: Program, connect: LocalConnect) -> None:
    """Should find the call that was started, and not start another one."""
    first = program.post("contacts/", START, Idempotency_Key="k1").json()
    died_at = timezone.now() - AT_WORK_FOR
    IdempotencyRecord.objects.update(sealed_answer="", began_at=died_at)
    again = program.post("contacts/", START, Idempotency_Key="k1")
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert again["Idempotent-Replayed"] == "true"
    assert again.json()["join_url"] != first["join_url"]  # the first was never told
    assert len(upstream_contacts(connect)) == 1


def test_key_is_forgotten_after_a_day(program: Program, connect: LocalConnect) -> None:
    """Should be free for another request then."""
    cancel = "callbacks/"
    wish = {"entry_point": "support", "phone": "+4930123456"}
    first = program.post(cancel, wish, Idempotency_Key="k1").json()
    IdempotencyRecord.objects.update(began_at=timezone.now() - KEPT_FOR + timedelta(minutes=1))
    assert program.post(cancel, wish, Idempotency_Key="k1").json() == first
    IdempotencyRecord.objects.update(began_at=timezone.now() - KEPT_FOR)
    other = program.post(cancel, {**wish, "name": "Ben"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["name"]) == (201, "Ben")


@pytest.mark.parametrize("key", ["a" * 256, "with space", "tab\there", "ü"])
def test_key_of_nonsense_is_refused(program: Program, key: str) -> None:
    """Should say what a key is."""
    refused = program.post("contacts/", START, Idempotency_Key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert refused.json()["errors"][0]["pointer"] == "/Idempotency-Key"
