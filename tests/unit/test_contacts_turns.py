"""Turns: few at a time begin, whoever waits elsewhere keeps nobody, and whoever waits too long is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

import pytest

from contacts.api.start_turns import WITHIN_S, StartTurnsMiddleware
from contacts.errors import ConnectBusy
from contacts.turns import Turns, given_back

SOON_S = 10.0


@contextmanager
def in_a_thread(work: Callable[[], None]) -> Iterator[None]:
    """Let another do something meanwhile; it has to come to an end, and well."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        yield
        done.result(SOON_S)


def test_the_next_begins_when_the_one_before_has_ended() -> None:
    """Should have so many at work, and no more."""
    turns = Turns(2, within_s=SOON_S)
    lock = threading.Lock()
    at_work, most = 0, 0

    def work(_: int) -> None:
        nonlocal at_work, most
        with turns.taken():
            with lock:
                at_work += 1
                most = max(most, at_work)
            threading.Event().wait(0.01)
            with lock:
                at_work -= 1

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(30)))
    assert most == 2


def test_who_waits_too_long_is_refused() -> None:
    """Should tell them so, and have their place free for others."""
    turns = Turns(1, within_s=0.05)
    held, ended = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.taken():
            held.set()
            assert ended.wait(SOON_S)

    with in_a_thread(hold):
        assert held.wait(SOON_S)
        with pytest.raises(ConnectBusy), turns.taken():
            pass
        ended.set()
    with turns.taken():
        pass


def test_others_begin_while_somebody_waits_for_another_service() -> None:
    """Should let the one go on before the many who have not begun."""
    turns = Turns(1, within_s=SOON_S)
    waiting, answered, went_on = threading.Event(), threading.Event(), threading.Event()

    def ask() -> None:
        with turns.taken():
            with given_back():
                waiting.set()
                assert answered.wait(SOON_S)
            went_on.set()

    with in_a_thread(ask):
        assert waiting.wait(SOON_S)
        with turns.taken():
            answered.set()
            assert went_on.wait(SOON_S)


def test_nothing_is_given_back_by_who_has_no_turn() -> None:
    """Should leave the turns of others alone."""
    turns = Turns(1, within_s=0.05)

    def wait() -> None:
        with given_back(), pytest.raises(ConnectBusy), turns.taken():
            pass

    with turns.taken(), in_a_thread(wait):
        pass


def test_turn_is_given_back_once() -> None:
    """Should be no matter to whoever waits within a wait."""
    turns = Turns(1, within_s=0.05)
    for _ in range(2):
        with turns.taken(), given_back(), given_back():
            pass


def test_start_that_waits_too_long_is_answered_busy() -> None:
    """Should say when to come again, and hold up nothing but starts."""
    held, ended = threading.Event(), threading.Event()

    def view(request: HttpRequest) -> HttpResponse:
        if request.headers.get("X-Holds"):
            held.set()
            assert ended.wait(WITHIN_S + SOON_S)
        return HttpResponse("answered")

    answer = StartTurnsMiddleware(view)
    post = RequestFactory().post
    with in_a_thread(lambda: answer(post("/api/v1/contacts/", headers={"X-Holds": "1"})) and None):
        assert held.wait(SOON_S)
        assert answer(RequestFactory().get("/api/v1/contacts/")).content == b"answered"
        assert answer(post("/api/v1/callbacks/")).content == b"answered"
        refused = answer(post("/api/v1/contacts/"))
        ended.set()
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert refused["Content-Type"] == "application/problem+json"
    assert json.loads(refused.content)["code"] == "busy"
    assert answer(post("/api/v1/contacts/")).content == b"answered"
