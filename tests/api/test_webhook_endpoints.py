"""Webhook endpoints as a partner's program sets them up, and the list of events for those that rather ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from contacts.announcements import News, announce
from contacts.choices import PartnerEventType, Scope
from contacts.commits import commit
from contacts.models import Contact, Partner
from partners.models import PartnerEvent, WebhookDelivery, WebhookEndpoint
from partners.webhooks import endpoints
from tests.partners_world import Program, make_key, make_partner, partner_of_contact
from tests.webhook_world import Clock, Receiver, Worker

pytestmark = pytest.mark.django_db(transaction=True)
partner = partner_of_contact

URL = "https://hooks.example.com/in?x=1"


@pytest.fixture(autouse=True)
def local(settings: Settings) -> None:
    """Receivers on this machine."""
    settings.WEBHOOK_LOOPBACK = True


def happen(contact: Contact, *kinds: str) -> None:
    """Let things happen to a contact."""
    for kind in kinds:
        news = [News(PartnerEventType(kind))]
        commit(lambda news=news: announce(contact, news, at=timezone.now()))  # type: ignore[misc]


def make(program: Program, **fields: Any) -> dict[str, Any]:
    """Make an endpoint, and return it with its secret."""
    reply = program.post("webhook-endpoints/", {"url": URL, **fields})
    assert reply.status_code == 201, reply.content
    return dict(reply.json())


def test_endpoint_is_made_read_changed_and_deleted(program: Program) -> None:
    """Should show the secret once, and store none that can be read."""
    made = make(program, types=["contact.ended"], description="Billing")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["enabled"] is True
    path = f"webhook-endpoints/{made['id']}/"
    assert program.get(path).json() == made
    assert program.get("webhook-endpoints/").json()["data"] == [made]
    assert secret not in str(WebhookEndpoint.objects.values().get())

    changed = program.ask("PATCH", path, {"types": [], "enabled": False})
    assert changed.json()["paused_because"] == "partner"
    assert program.ask("PATCH", path, {"enabled": True}).json()["enabled"] is True
    gone = program.ask("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "http://hooks.example.com/"}, "/url"),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "/url"),
        ({"url": "https://user@hooks.example.com/"}, "/url"),
        ({"url": "https://hooks.example.com/\x00"}, "/url"),
        ({"url": ["https://hooks.example.com/"]}, "/url"),
        ({"types": ["contact.exploded"]}, "/types/0"),
        ({"types": "contact.ended"}, "/types"),
        ({"contact_email": "nobody"}, "/contact_email"),
        ({"description": "x" * 201}, "/description"),
        ({"secret": "whsec_" + "A" * 32}, "/secret"),
    ],
)
def test_endpoint_of_nonsense_is_refused(
    change: dict[str, Any], pointer: str, program: Program, settings: Settings
) -> None:
    """Should name the field, when it is made and when it is changed, and change nothing."""
    settings.WEBHOOK_LOOPBACK = False
    refused = program.post("webhook-endpoints/", {"url": URL, **change})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert refused.json()["errors"][0]["pointer"].startswith(pointer)
    assert not WebhookEndpoint.objects.exists()

    path = f"webhook-endpoints/{make(program)['id']}/"
    before = program.get(path).json()
    assert program.ask("PATCH", path, change).status_code == 400
    assert program.get(path).json() == before


def test_partner_has_ten_endpoints_at_most(program: Program) -> None:
    """Should refuse the eleventh."""
    for _ in range(endpoints.MOST):
        make(program)
    refused = program.post("webhook-endpoints/", {"url": URL})
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_limit")


def test_event_arrives_signed(
    program: Program, contact: Contact, receiver: Receiver, worker: Worker
) -> None:
    """Should be what the standard's own library verifies, and what the list of events shows."""
    secret = make(program, url=receiver.url("/in?x=1"))["secret"]
    happen(contact, "contact.queued")
    worker.clock.pass_by(timedelta(seconds=1))  # type: ignore[attr-defined]
    worker.work_off()

    [got] = receiver.received
    assert got.path == "/in?x=1"
    assert got.headers["Content-Type"] == "application/json"
    verified = Webhook(secret).verify(got.body, dict(got.headers))
    [listed] = program.get("events/").json()["data"]
    assert verified == got.event == listed
    assert got.headers["webhook-id"] == listed["id"]
    assert (listed["type"], listed["api_version"]) == ("contact.queued", "1")
    assert listed["data"]["contact"]["id"] == str(contact.pk)
    assert listed["data"]["contact"]["seq"] == contact.version
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body.replace(b"queued", b"failed"), dict(got.headers))


def test_both_secrets_sign_while_one_replaces_the_other(
    program: Program, contact: Contact, receiver: Receiver, clock: Clock, worker: Worker
) -> None:
    """Should sign with both for a day, then with the new one alone; a third drops the first."""
    made = make(program, url=receiver.url())
    first = made["secret"]
    rotate = f"webhook-endpoints/{made['id']}/rotate/"
    second = program.post(rotate).json()["secret"]
    assert first != second

    def verifies(secret: str) -> bool:
        got = receiver.received[-1]
        try:
            Webhook(secret).verify(got.body, dict(got.headers))
        except WebhookVerificationError:
            return False
        return True

    def deliver() -> None:
        happen(contact, "contact.queued")
        clock.now = max(clock.now, timezone.now())
        before = len(receiver.received)
        worker.work_until(lambda: len(receiver.received) == before + 1 and worker.is_idle)

    deliver()
    assert (verifies(first), verifies(second)) == (True, True)
    third = program.post(rotate).json()["secret"]
    deliver()
    assert [verifies(one) for one in (first, second, third)] == [False, True, True]
    signatures = WebhookEndpoint.objects.get().secrets_at(clock() + timedelta(hours=24, minutes=1))
    assert signatures == [third]


def test_endpoint_is_tried(
    program: Program, receiver: Receiver, worker: Worker, clock: Clock
) -> None:
    """Should send an event of its own, tell what came of it, and list it among no events."""
    made = make(program, url=receiver.url(), types=["contact.ended"])
    path = f"webhook-endpoints/{made['id']}/"
    receiver.status, receiver.body = 418, b"short and stout"
    tried = program.post(f"{path}test/")
    assert (tried.status_code, tried.json()["type"]) == (202, "webhook.test")
    clock.now = timezone.now()
    worker.work_off()

    log = program.get(f"{path}deliveries/{tried.json()['id']}/").json()
    [attempt] = log["attempts"]
    assert (attempt["status"], attempt["response"]) == (418, "short and stout")
    assert log["request_body"].encode() == receiver.received[0].body
    assert log["state"] == "pending"
    assert program.get("events/").json()["data"] == []
    assert program.get(path).json()["last_failure"] == "status 418"


def test_event_is_delivered_again(
    program: Program, contact: Contact, receiver: Receiver, worker: Worker, clock: Clock
) -> None:
    """Should send the same event with the same id, and keep both attempts."""
    made = make(program, url=receiver.url())
    path = f"webhook-endpoints/{made['id']}/deliveries/"
    happen(contact, "contact.ended")
    clock.now = timezone.now()
    worker.work_off()
    [delivery] = program.get(path).json()["data"]
    assert delivery["state"] == "delivered"
    again = program.post(f"{path}{delivery['id']}/redeliver/")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    clock.now = timezone.now()
    worker.work_off()

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert len(program.get(f"{path}{delivery['id']}/").json()["attempts"]) == 2


def test_paused_endpoint_is_sent_nothing(program: Program, contact: Contact) -> None:
    """Should refuse to try it or to deliver again, and go on with what waits once it is resumed."""
    made = make(program)
    happen(contact, "contact.queued")
    path = f"webhook-endpoints/{made['id']}/"
    program.ask("PATCH", path, {"enabled": False})
    [delivery] = program.get(f"{path}deliveries/").json()["data"]
    for refused in (
        program.post(f"{path}test/"),
        program.post(f"{path}deliveries/{delivery['id']}/redeliver/"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_paused")
    happen(contact, "contact.connected")
    assert WebhookDelivery.objects.count() == 1
    assert not WebhookEndpoint.objects.due(at=timezone.now()).exists()
    program.ask("PATCH", path, {"enabled": True})
    assert WebhookEndpoint.objects.due(at=timezone.now()).exists()


def test_missed_events_are_replayed(program: Program, contact: Contact) -> None:
    """Should send what happened while the endpoint was paused, and what was given up; nothing twice."""
    made = make(program, types=["contact.queued", "contact.ended"])
    endpoint = WebhookEndpoint.objects.get(pk=made["id"])
    happen(contact, "contact.queued")
    program.ask("PATCH", f"webhook-endpoints/{made['id']}/", {"enabled": False})
    happen(contact, "contact.connected", "contact.ended")
    program.ask("PATCH", f"webhook-endpoints/{made['id']}/", {"enabled": True})
    endpoint.refresh_from_db()
    since = timezone.now() - timedelta(hours=1)
    assert endpoints.replay(endpoint=endpoint, since=since, at=timezone.now()) == 1
    assert endpoints.replay(endpoint=endpoint, since=since, at=timezone.now()) == 0
    WebhookDelivery.objects.update(
        state="failed", next_attempt_at=None, finished_at=timezone.now()
    )
    assert endpoints.replay(endpoint=endpoint, since=since, at=timezone.now()) == 2
    types = {one.event.type for one in WebhookDelivery.objects.filter(state="pending")}
    assert types == {"contact.queued", "contact.ended"}


def test_others_endpoints_do_not_exist(program: Program, contact: Contact) -> None:
    """Should answer another partner 404 everywhere, and list nothing."""
    made = make(program)
    happen(contact, "contact.queued")
    path = f"webhook-endpoints/{made['id']}/"
    [delivery] = program.get(f"{path}deliveries/").json()["data"]
    other = Program(make_key(make_partner("Other")).made_key)
    own = make(other)
    asked = [
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}rotate/"),
        ("POST", f"{path}test/"),
        ("GET", f"{path}deliveries/"),
        ("GET", f"{path}deliveries/{delivery['id']}/"),
        ("POST", f"{path}deliveries/{delivery['id']}/redeliver/"),
        # another's delivery below one's own endpoint
        ("GET", f"webhook-endpoints/{own['id']}/deliveries/{delivery['id']}/"),
        ("POST", f"webhook-endpoints/{own['id']}/deliveries/{delivery['id']}/redeliver/"),
    ]
    for method, address in asked:
        assert other.ask(method, address, {}).status_code == 404, (method, address)
    assert other.get("events/").json()["data"] == []
    assert [one["id"] for one in other.get("webhook-endpoints/").json()["data"]] == [own["id"]]


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        (Scope.EVENTS_READ, "GET", "events/"),
        (Scope.WEBHOOKS_READ, "GET", "webhook-endpoints/"),
        (Scope.WEBHOOKS_WRITE, "POST", "webhook-endpoints/"),
    ],
)
def test_key_needs_the_scope(scope: Scope, method: str, path: str, partner: Partner) -> None:
    """Should name the one that is missing, and ask for a key where there is none."""
    others = [one for one in Scope if one != scope]
    refused = Program(make_key(partner, *others).made_key).ask(method, path, {"url": URL})
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert scope in refused.json()["detail"]
    let_in = Program(make_key(partner, scope).made_key).ask(method, path, {"url": URL})
    assert let_in.status_code in (200, 201)
    assert Client().generic(method, f"/api/v1/{path}").status_code == 401


def test_events_are_listed_by_pages_and_filters(program: Program, contact: Contact) -> None:
    """Should page through everything once, newest first, and refuse what is no filter."""
    kinds = ["contact.created", "contact.queued", "contact.connected", "contact.ended"]
    happen(contact, *kinds)
    found: list[str] = []
    address = "events/?limit=3"
    while True:
        page = program.get(address).json()
        found += [one["type"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        address = f"events/?limit=3&cursor={page['next_cursor']}"
    assert found == kinds[::-1]

    def asked(query: str) -> list[str]:
        return [one["type"] for one in program.get(f"events/?{query}").json()["data"]]

    assert asked("type=contact.queued") == ["contact.queued"]
    assert len(asked(f"contact={contact.pk}")) == 4
    connected = PartnerEvent.objects.get(type="contact.connected").created_at
    since = connected.isoformat().replace("+", "%2B")
    assert asked(f"created_at[gte]={since}") == ["contact.ended", "contact.connected"]
    for nonsense in ("type=contact.exploded", "kind=x", "cursor=x", "contact=7", "limit=201"):
        assert program.get(f"events/?{nonsense}").status_code == 400
