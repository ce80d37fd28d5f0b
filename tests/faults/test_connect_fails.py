"""Amazon Connect fails in every way it can while a call is started: one contact at most, an answer in time, no ghost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from contacts.connect_client import longest_request_s
from contacts.models import Contact
from tests.contacts_world import control
from tests.faults.fault_world import FaultWorld
from tests.tcp_proxy import TcpProxy, Trouble

LONG_AGO_S = 20  # more than anything takes on a loaded machine beside what is waited for


@pytest.fixture
def proxy(world: FaultWorld, settings: Settings) -> Iterator[TcpProxy]:
    """The way from the portal to the embedded Connect."""
    with TcpProxy(world.server.port).running() as running:
        settings.CONNECT_ENDPOINT_URL = f"http://127.0.0.1:{running.port}"
        yield running
        settings.CONNECT_ENDPOINT_URL = world.server.url


def test_f1_failure_that_passes_is_not_noticed(world: FaultWorld) -> None:
    """Should ask again with the same client token, up to three times."""
    world.order(error="InternalServiceException", times=2)
    assert world.start().status == 201
    assert len(world.upstream_states()) == 1


def test_f2_throttling_that_does_not_end_is_told(world: FaultWorld) -> None:
    """Should say that all lines are busy and when to come again, having asked three times."""
    world.order(error="TooManyRequestsException", times=1000)
    reply = world.start()
    assert (reply.status, reply.body["code"], reply.headers["Retry-After"]) == (503, "busy", "5")
    assert world.faults_left() == 997
    assert Contact.objects.get().failure_code == "busy"


def test_f4_connect_that_never_answers_is_given_up(
    world: FaultWorld, proxy: TcpProxy, settings: Settings
) -> None:
    """Should answer within the deadline, and hold no thread after it."""
    settings.CONNECT_CONNECT_TIMEOUT_S = settings.CONNECT_READ_TIMEOUT_S = 0.5
    proxy.block()
    reply = world.start()
    proxy.unblock()
    assert (reply.status, reply.body["code"]) == (502, "upstream_unavailable")
    assert reply.seconds < longest_request_s() + LONG_AGO_S
    assert proxy.connections <= 3
    assert world.start().status == 201


@pytest.mark.parametrize("replay", ["full", "contact_id_only"])
def test_f5_answer_that_was_lost_begins_no_second_contact(
    world: FaultWorld, settings: Settings, replay: str
) -> None:
    """Should ask again with the same client token, also after its time ran out."""
    settings.CONNECT_READ_TIMEOUT_S = 0.5
    world.order(drop="after", times=1)

    control(world.server, "PATCH", "/_local/settings", {"replay": replay})
    reply = world.start()
    assert reply.status == (201 if replay == "full" else 502)
    assert len(world.upstream_states()) == 1


@pytest.mark.parametrize(
    "then", ["InternalServiceException", "TooManyRequestsException", "LimitExceededException"]
)
def test_f5_answer_that_was_lost_before_a_refusal_leaves_no_ghost(
    world: FaultWorld, then: str
) -> None:
    """Should remember that the first attempt may have begun a contact, whatever the later ones were told."""
    world.order(drop="after", times=1)
    world.order(error=then, times=10)
    assert world.start().status == 502
    world.mend()
    world.let_worker_work()
    assert world.upstream_states() == ["ended"]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(after=1, by_reset=True, times=1),
        Trouble(after=200, by_reset=True, times=1),
        Trouble(after=900, by_reset=True, times=1),
        Trouble(after=900, times=1),
    ],
    ids=["reset at once", "reset in the head", "reset in the body", "cut short"],
)
def test_f6_answer_that_breaks_off_is_asked_for_again(
    world: FaultWorld, proxy: TcpProxy, trouble: Trouble
) -> None:
    """Should get the contact that was begun."""
    proxy.trouble(trouble)
    assert world.start().status == 201
    assert len(world.upstream_states()) == 1
    assert proxy.connections == 2


def test_f6_answer_that_comes_byte_by_byte_is_taken(world: FaultWorld, proxy: TcpProxy) -> None:
    """Should wait for the rest of what has begun to come."""
    proxy.trouble(Trouble(piece=64, delay_s=0.01))
    assert world.start().status == 201


@pytest.mark.parametrize("at_first", [0, 600], ids=["its head", "its body"])
def test_f6_answer_that_never_stops_coming_is_given_up(
    world: FaultWorld, proxy: TcpProxy, settings: Settings, at_first: int
) -> None:
    """Should answer within the deadline, though something comes all the time; and stop what was begun."""
    settings.CONNECT_CONNECT_TIMEOUT_S = settings.CONNECT_READ_TIMEOUT_S = 0.5
    proxy.trouble(Trouble(at_first=at_first, piece=1, delay_s=0.2))
    reply = world.start()
    assert (reply.status, reply.body["code"]) == (502, "upstream_unavailable")
    assert reply.seconds < longest_request_s() + LONG_AGO_S
    assert proxy.connections <= 3
    proxy.trouble(None)
    world.let_worker_work()
    assert world.upstream_states() == ["ended"]
    assert world.start().status == 201


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("AccessDeniedException", "upstream_permission"),
        ("ResourceNotFoundException", "upstream_configuration"),
        ("InvalidParameterException", "upstream_configuration"),
        ("LimitExceededException", "capacity"),
    ],
)
def test_f8_refusal_is_asked_for_once(world: FaultWorld, error: str, code: str) -> None:
    """Should take a refusal for an answer, and leave the others alone."""
    world.order(error=error, times=10)
    assert world.start().body["code"] == code
    assert world.faults_left() == 9
