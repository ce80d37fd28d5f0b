"""Answers of Amazon Connect that are no answers: broken off, cut short, not JSON."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from contacts.choices import ContactState
from contacts.models import Contact, EntryPoint
from tests.api.test_start_call import BODY, URL
from tests.contacts_world import Customer
from tests.servers import LocalConnect

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


@pytest.fixture
def answer(
    request: pytest.FixtureRequest, connect: LocalConnect, settings: Settings
) -> Iterator[None]:
    """A server in Amazon Connect's place that sends these bytes to whatever is asked, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.CONNECT_ENDPOINT_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                read = b""
                while not read.endswith(b"}"):
                    read += peer.recv(65536)
                peer.sendall(request.param)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    server.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(HEAD[:20], id="half a head"),
        pytest.param(HEAD + b'Content-Length: 500\r\n\r\n{"ContactId": "c"', id="cut short"),
        pytest.param(HEAD + b'\r\n{"ContactId": "c", "Conn', id="half of the JSON"),
        pytest.param(HEAD + b"\r\n<html>busy</html>", id="no JSON"),
    ],
    indirect=True,
)
@pytest.mark.usefixtures("answer")
def test_answer_that_is_none_leaves_a_failed_call_to_clean_up(
    entry_point: EntryPoint, customer: Customer
) -> None:
    """Should fail as any upstream failure does, and have the worker look after what may have been begun."""
    reply = customer.post(URL, BODY)
    assert (reply.status_code, reply.json()["code"]) == (502, "upstream_unavailable")
    assert Contact.objects.get().state == ContactState.FAILED
    left = DBTaskResult.objects.filter(task_path="contacts.tasks.stop_unanswered_start")
    assert left.count() == 1


def whole(**members: object) -> bytes:
    """An answer of Amazon Connect with these members."""
    return HEAD + b"\r\n" + json.dumps({"ContactId": "c", **members}).encode()


PARTICIPANT = {"ParticipantId": "p", "ParticipantToken": "t"}
JOINABLE = {"Meeting": {"MeetingId": "m"}, "Attendee": {"AttendeeId": "a", "JoinToken": "j"}}


@pytest.mark.parametrize(
    "answer",
    [
        whole(**PARTICIPANT),
        whole(**PARTICIPANT, ConnectionData=None),
        whole(**PARTICIPANT, ConnectionData={"Meeting": None, "Attendee": None}),
    ],
    indirect=True,
    ids=["none", "null", "empty"],
)
@pytest.mark.usefixtures("answer")
def test_answer_without_a_connection_fails_cleanly(
    entry_point: EntryPoint, customer: Customer
) -> None:
    """Should keep the contact as failed with the id of the one that nobody can join."""
    reply = customer.post(URL, BODY)
    assert (reply.status_code, reply.json()["code"]) == (502, "upstream_unavailable")
    contact = Contact.objects.get()
    assert (contact.state, contact.connect_contact_id) == (ContactState.FAILED, "c")


@pytest.mark.parametrize(
    "answer",
    [whole(**PARTICIPANT, ConnectionData=JOINABLE | {"New": [1]}, Newer={"deep": {}})],
    indirect=True,
    ids=["more"],
)
@pytest.mark.usefixtures("answer")
def test_answer_with_more_than_is_known_is_taken(
    entry_point: EntryPoint, customer: Customer
) -> None:
    """Should leave alone what a later Amazon Connect adds."""
    reply = customer.post(URL, BODY)
    assert reply.status_code == 201
    assert reply.json()["connection"]["Attendee"]["JoinToken"] == "j"
