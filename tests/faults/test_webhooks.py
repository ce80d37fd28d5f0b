"""Webhooks while their receivers fail: each is tried again on schedule, none is lost, and nobody waits for another."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Any

from django.core import mail
from django.utils.module_loading import import_string

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from contacts.announcements import News, announce
from contacts.choices import PartnerEventType
from contacts.commits import commit
from contacts.models import Contact, Partner
from partners.models import DeliveryState, PartnerEvent, WebhookDelivery, WebhookEndpoint
from partners.webhooks import sending
from partners.webhooks.sending import JITTER, SCHEDULE
from tests.partners_world import partner_of_contact
from tests.webhook_world import Clock, Receiver, Worker, make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)
partner = partner_of_contact


@pytest.fixture(autouse=True)
def local(settings: Settings) -> None:
    """Receivers on this machine, and little patience."""
    settings.WEBHOOK_LOOPBACK = True
    settings.WEBHOOK_TIMEOUT_S = 2.0
    settings.ADMINS = [("admin", "admin@example.com")]


def happen(contact: Contact, clock: Clock, kind: str = "contact.queued") -> PartnerEvent:
    """Let something happen to a contact."""
    commit(lambda: announce(contact, [News(PartnerEventType(kind))], at=clock()))
    return PartnerEvent.objects.order_by("created_at").last()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("status", "asked", "least_s", "most_s"),
    [
        pytest.param(429, "600", 600, 660, id="seconds"),
        pytest.param(503, "date", 3500, 3960, id="date"),
        pytest.param(503, "9999999", 86_400, 95_040, id="more-than-a-day"),
        pytest.param(429, "1", 10, 11, id="sooner-than-the-schedule"),
        pytest.param(429, "Wed, 21 Oct 2015 07:28:00 GMT", 10, 11, id="past"),
        pytest.param(429, "-600", 10, 11, id="negative"),
        pytest.param(429, "soon", 10, 11, id="nonsense"),
        pytest.param(500, "600", 10, 11, id="not-said-to-be-busy"),
    ],
)
def test_busy_receiver_says_when_to_come_again(
    status: int,
    asked: str,
    least_s: int,
    most_s: int,
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
) -> None:
    """Should put the next attempt off as Retry-After says, never before the schedule, and by about a day at most."""
    make_endpoint(partner, receiver.url())
    if asked == "date":
        asked = format_datetime((clock.now + timedelta(hours=1)).astimezone(UTC), usegmt=True)
    receiver.status, receiver.headers = status, {"Retry-After": asked}
    happen(contact, clock)

    worker.work_off()

    planned = WebhookDelivery.objects.get().next_attempt_at
    assert planned is not None
    assert timedelta(seconds=least_s) <= planned - clock.now <= timedelta(seconds=most_s)


@pytest.mark.parametrize(
    ("status", "error"), [(500, ""), (301, "redirect_refused"), (404, ""), (599, "")]
)
def test_failed_delivery_is_tried_on_schedule_and_given_up(
    status: int,
    error: str,
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
) -> None:
    """Should try eight times within a day and a half, a little later each than the schedule says, and then no more."""
    make_endpoint(partner, receiver.url())
    receiver.status, receiver.headers = status, {"Location": receiver.url("/elsewhere")}
    happen(contact, clock)

    for pause in SCHEDULE[1:]:
        worker.work_off()
        delivery = WebhookDelivery.objects.get()
        assert delivery.next_attempt_at is not None
        assert pause <= delivery.next_attempt_at - clock.now <= pause * (1 + JITTER)
        before = len(receiver.received)
        clock.now = delivery.next_attempt_at - timedelta(milliseconds=1)
        worker.work_off()
        assert len(receiver.received) == before
        clock.now = delivery.next_attempt_at
    worker.work_off()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts_made) == (DeliveryState.FAILED, len(SCHEDULE))
    attempts = list(delivery.attempts.all())
    assert [(one.status, one.error) for one in attempts] == [(status, error)] * len(SCHEDULE)
    assert {one.path for one in receiver.received} == {"/hooks"}
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


def test_410_disables_the_endpoint(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should send it nothing more, and tell somebody."""
    endpoint = make_endpoint(partner, receiver.url(), contact_email="ops@example.com")
    receiver.status = 410
    happen(contact, clock)
    worker.work_off()
    happen(contact, clock)
    worker.work_off()

    endpoint.refresh_from_db()
    assert (endpoint.paused_because, len(receiver.received)) == ("gone", 1)
    assert [one.state for one in WebhookDelivery.objects.all()] == [DeliveryState.FAILED]
    let_worker_mail()
    assert sorted(to for one in mail.outbox for to in one.to) == [
        "admin@example.com",
        "ops@example.com",
    ]
    assert PartnerEvent.objects.count() == 2


def test_three_days_of_failure_pause_the_endpoint(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should pause after three days in which nothing got through, though it was tried again and again."""
    endpoint = make_endpoint(partner, receiver.url(), contact_email="ops@example.com")
    receiver.status = 503
    for _ in range(6):
        happen(contact, clock)
        worker.work_off()
        endpoint.refresh_from_db()
        assert endpoint.paused_at is None
        clock.pass_by(timedelta(hours=12))
    happen(contact, clock)
    worker.work_off()

    endpoint.refresh_from_db()
    assert endpoint.paused_because == "failing"
    let_worker_mail()
    assert any(one.to == ["ops@example.com"] for one in mail.outbox)


def test_failures_far_apart_do_not_add_up(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should not pause an endpoint that failed a week ago and fails again now."""
    endpoint = make_endpoint(partner, receiver.url())
    receiver.status = 500
    for _ in range(2):
        happen(contact, clock)
        worker.work_off()
        WebhookDelivery.objects.all().delete()
        clock.pass_by(timedelta(days=7))
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None


def test_hanging_receivers_stop_nobody(
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
    settings: Settings,
) -> None:
    """Should deliver to the one while many others hang, with one attempt each once they have failed."""
    settings.WEBHOOK_TIMEOUT_S = 60.0
    with Receiver(hanging=threading.Event()).serving() as stuck:
        for number in range(8):
            make_endpoint(partner, stuck.url(f"/{number}"))
        for _ in range(6):
            happen(contact, clock)
        worker.work_until(lambda: len(stuck.received) == 8 * sending.AT_ONCE)
        make_endpoint(partner, receiver.url())
        happen(contact, clock)
        worker.work_until(lambda: len(receiver.received) == 1)
        assert len(stuck.received) == 8 * sending.AT_ONCE


def test_receiver_that_hangs_fails_in_time(
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
    settings: Settings,
) -> None:
    """Should give up an attempt at its deadline, and have only one on its way until something gets through."""
    settings.WEBHOOK_TIMEOUT_S = 0.3
    endpoint = make_endpoint(partner, receiver.url())
    receiver.hanging = threading.Event()
    happen(contact, clock)
    worker.work_off()
    [attempt] = WebhookDelivery.objects.get().attempts.all()
    assert (attempt.status, attempt.error) == (None, "timeout")
    endpoint.refresh_from_db()
    assert endpoint.failing_since == clock.now

    for _ in range(3):
        happen(contact, clock)
    assert len(sending.claim(at=clock(), most=10, at_work={})) == 1
    assert sending.claim(at=clock(), most=10, at_work={endpoint.pk: 1}) == []


def test_name_is_looked_up_once(
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should connect to the address that was checked, whatever the name says a moment later."""
    lookups: list[str] = []

    def resolver(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    make_endpoint(partner, f"http://rebinding.example:{receiver.port}/hooks")
    happen(contact, clock)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    worker.work_until(lambda: bool(receiver.received))
    assert lookups == ["rebinding.example"]
    assert receiver.received[0].headers["Host"] == f"rebinding.example:{receiver.port}"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "100.64.0.1", "fe80::1"]
)
def test_name_of_a_private_address_is_refused_when_it_is_connected_to(
    address: str,
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should find out at the attempt, though the name looked harmless when it was set, and not connect at all."""
    settings.WEBHOOK_LOOPBACK = False
    make_endpoint(partner, f"https://harmless.example:{receiver.port}/hooks")
    happen(contact, clock)
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, receiver.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
    worker.work_off()
    [attempt] = WebhookDelivery.objects.get().attempts.all()
    assert (attempt.status, attempt.error) == (None, "address_refused")
    assert receiver.received == []


def test_redirect_to_a_private_address_is_not_followed(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should take it as a failure, and send the event nowhere else."""
    with Receiver().serving() as inner:
        receiver.status, receiver.headers = 307, {"Location": inner.url()}
        make_endpoint(partner, receiver.url())
        happen(contact, clock)
        worker.work_off()
        assert inner.received == []
    [attempt] = WebhookDelivery.objects.get().attempts.all()
    assert (attempt.status, attempt.error) == (307, "redirect_refused")


def test_proxies_of_the_environment_are_not_asked(
    partner: Partner,
    contact: Contact,
    receiver: Receiver,
    clock: Clock,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should connect itself: a proxy would look the name up again."""
    with Receiver().serving() as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        monkeypatch.delenv("no_proxy", raising=False)
        make_endpoint(partner, receiver.url())
        happen(contact, clock)
        worker.work_off()
        assert (len(receiver.received), proxy.received) == (1, [])


def test_worker_that_dies_leaves_its_delivery_to_others(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should be sent by another once the claim has run out, and by nobody before."""
    make_endpoint(partner, receiver.url())
    happen(contact, clock)
    [parcel] = sending.claim(at=clock(), most=10, at_work={})  # and then it is killed
    worker.work_off()
    assert receiver.received == []

    clock.now = parcel.claimed_until
    worker.work_off()
    assert len(receiver.received) == 1
    assert WebhookDelivery.objects.get().state == DeliveryState.DELIVERED


def test_two_workers_never_make_the_same_attempt(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock
) -> None:
    """Should send each event once, however many look for work at the same time."""
    make_endpoint(partner, receiver.url())
    events = {str(happen(contact, clock).pk) for _ in range(12)}
    workers = [Worker(clock) for _ in range(3)]
    threads = [threading.Thread(target=_work_off, args=(one, events)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [one.headers["webhook-id"] for one in receiver.received]
    assert sorted(told) == sorted(events)


def _work_off(worker: Worker, events: set[str]) -> None:
    from django.db import connection

    try:
        pending = WebhookDelivery.objects.filter(state=DeliveryState.PENDING)
        worker.work_until(lambda: worker.is_idle and not pending.exists())
    finally:
        worker.courier.close()
        connection.close()


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_answers_are_read_to_a_limit(
    size: int, partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should keep the beginning of what comes back."""
    receiver.body = b"\x00" + b"x" * (size - 1)
    make_endpoint(partner, receiver.url())
    happen(contact, clock)
    worker.work_off()
    [attempt] = WebhookDelivery.objects.get().attempts.all()
    assert attempt.status == 200
    assert len(attempt.response_excerpt) == min(size, 1024)


def test_success_ends_a_row_of_failures(
    partner: Partner, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should be delivered by a later attempt, and the endpoint be well again."""
    endpoint = make_endpoint(partner, receiver.url())
    receiver.status = 500
    happen(contact, clock)
    worker.work_off()
    receiver.status = 204
    receiver.body = b""
    clock.pass_by(timedelta(seconds=12))
    worker.work_off()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts_made) == (DeliveryState.DELIVERED, 2)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.failing_since, endpoint.last_delivered_at) == (None, clock.now)


def let_worker_mail() -> None:
    """Run the tasks that write mails."""
    for task in DBTaskResult.objects.filter(status="READY"):
        task.delete()
        import_string(task.task_path).func(*task.args_kwargs["args"])
