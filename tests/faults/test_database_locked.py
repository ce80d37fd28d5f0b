"""Somebody else holds the database: what we write is tried again for a while, and what Amazon Connect was asked is not asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

import pytest

from contacts.models import Contact
from tests.faults.fault_world import FaultWorld

AT_MOST_MS = 100  # that a statement waits for a lock, so that nobody has to wait for ten seconds
WHILE_ASKED_MS = 1000
AT_MOST_S = 30  # that anybody is locked out


@pytest.fixture(autouse=True)
def impatient_database(transactional_db: None) -> Iterator[None]:
    """A database that says at once that it is locked."""
    options = connection.settings_dict["OPTIONS"]
    kept = dict(options)
    if connection.vendor == "sqlite":
        options["timeout"] = AT_MOST_MS / 1000
    else:
        options["options"] = f"-c lock_timeout={AT_MOST_MS}"
    _reopen()
    yield
    options.clear()
    options.update(kept)
    _reopen()


def _reopen() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


@contextmanager
def locked(until: Callable[[], bool]) -> Iterator[None]:
    """Have another session hold the contacts, from now until something is so."""
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():  # which locks the whole of an SQLite database
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE contacts_contact IN EXCLUSIVE MODE")
            held.set()
            give_up_at = time.monotonic() + AT_MOST_S
            while not until() and time.monotonic() < give_up_at:
                time.sleep(0.02)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    yield
    holder.join()


def test_f26_intent_is_committed_once_it_can_be(world: FaultWorld) -> None:
    """Should wait for a moment before Amazon Connect is asked."""
    assert world.start().status == 201  # what only the first call has to do is done
    with locked(until=lambda: "commit_repeated" in world.logs()):
        assert world.start().status == 201
    assert len(world.upstream_states()) == 2


def test_f26_result_is_committed_once_it_can_be(world: FaultWorld) -> None:
    """Should give the customer the call that was begun, though it could not be written down at once."""
    world.order(delay_ms=WHILE_ASKED_MS, times=1)
    replies = []
    asking = threading.Thread(target=lambda: replies.append(world.start()))
    asking.start()
    while world.faults_left():
        time.sleep(0.02)
    with locked(until=lambda: "commit_repeated" in world.logs() or not asking.is_alive()):
        asking.join()
    assert [reply.status for reply in replies] == [201]
    assert world.logs().count("'operation': 'start_web_rtc_contact'") == 1
    assert "commit_repeated" in world.logs()


def test_f26_lock_that_lasts_is_told_and_begins_nothing(world: FaultWorld) -> None:
    """Should answer 503 and when to come again, and leave nothing behind."""
    answered = threading.Event()
    with locked(until=answered.is_set):
        reply = world.start("click")
        answered.set()
    assert (reply.status, reply.body["code"]) == (503, "unavailable")
    assert reply.headers["Retry-After"] == "5"
    assert not Contact.objects.exists()
    assert world.upstream_states() == []
    assert world.start("click").status == 201
