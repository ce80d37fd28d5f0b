"""Test keys: calls that an embedded contact centre has, told apart from all others, and told to nobody who wants real ones."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from contacts.models import Contact, Partner
from partners.models import ApiKey, PartnerEvent, WebhookDelivery
from partners.models.api_keys import Mode
from tests.contacts_world import Customer, upstream_contacts
from tests.partners_world import Program, make_key, partner, program
from tests.servers import LocalConnect

__all__ = ["partner", "program"]

pytestmark = pytest.mark.django_db(transaction=True)

START = {"entry_point": "support", "name": "no-agent"}


@pytest.fixture
def rehearsal(partner: Partner) -> Program:
    """The partner's program, with a test key for everything."""
    key: ApiKey = make_key(partner, mode=Mode.TEST)
    assert key.made_key.startswith("vcp_test_")
    return Program(key.made_key)


def start(sender: Program, **headers: str) -> dict[str, Any]:
    reply = sender.post("contacts/", START, **headers)
    assert reply.status_code == 201, reply.content
    return dict(reply.json())


def test_tests_and_real_calls_do_not_see_each_other(
    program: Program, rehearsal: Program, connect: LocalConnect
) -> None:
    """Should mark calls with the key's mode, and show each key those of its own alone, whatever it asks for."""
    tried, real = start(rehearsal), start(program)
    assert (tried["livemode"], real["livemode"]) == (False, True)

    for sender, own, other in ((rehearsal, tried, real), (program, real, tried)):
        listed = sender.get("contacts/").json()["data"]
        assert [(one["id"], one["livemode"]) for one in listed] == [(own["id"], own["livemode"])]
        events = sender.get("events/").json()["data"]
        assert {one["data"]["contact"]["id"] for one in events} == {own["id"]}
        assert {one["livemode"] for one in events} == {own["livemode"]}
        hidden = f"contacts/{other['id']}/"
        assert sender.get(hidden).status_code == 404
        for path in ("end/", "connection/", "invitations/"):
            assert sender.post(hidden + path, {}).status_code == 404
        related = sender.post("contacts/", {**START, "related_contact": other["id"]})
        assert related.status_code == 400


def test_surveys_of_tests_are_apart(
    program: Program, rehearsal: Program, connect: LocalConnect
) -> None:
    """Should not spoil what real customers said."""
    tried = start(rehearsal)
    assert rehearsal.post(f"contacts/{tried['id']}/end/").status_code == 200
    assert rehearsal.post(f"contacts/{tried['id']}/survey/", {"rating": 1}).status_code < 300

    assert len(rehearsal.get("surveys/").json()["data"]) == 1
    assert program.get("surveys/").json()["data"] == []


def test_endpoints_are_told_of_their_mode_alone(
    program: Program, rehearsal: Program, connect: LocalConnect
) -> None:
    """Should have a live endpoint hear nothing of tests, not even when it is replayed, nor a test's anything real."""
    hook = {"url": "https://hooks.example.com/"}
    live, test = (one.post("webhook-endpoints/", hook).json() for one in (program, rehearsal))
    assert (live["livemode"], test["livemode"]) == (True, False)
    assert program.get(f"webhook-endpoints/{test['id']}/").status_code == 404
    assert rehearsal.get(f"webhook-endpoints/{live['id']}/").status_code == 404
    listed = [one["id"] for one in rehearsal.get("webhook-endpoints/").json()["data"]]
    assert listed == [test["id"]]

    real, tried = start(program), start(rehearsal)

    told = {
        (str(one.endpoint_id), str(one.event.contact_id)) for one in WebhookDelivery.objects.all()
    }
    assert told == {(live["id"], real["id"]), (test["id"], tried["id"])}
    delivery = WebhookDelivery.objects.get(endpoint=test["id"])
    log = rehearsal.get(f"webhook-endpoints/{test['id']}/deliveries/{delivery.pk}/").json()
    assert '"livemode":false' in log["request_body"]


def test_repeats_are_of_one_mode(
    program: Program, rehearsal: Program, connect: LocalConnect
) -> None:
    """Should never answer a live key with a test, though its idempotency key is the same."""
    tried = start(rehearsal, Idempotency_Key="order-1")
    again = rehearsal.post("contacts/", START, Idempotency_Key="order-1")
    assert (again["Idempotent-Replayed"], again.json()["id"]) == ("true", tried["id"])

    clash = program.post("contacts/", START, Idempotency_Key="order-1")
    assert (clash.status_code, clash.json()["code"]) == (422, "idempotency_mismatch")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://vpce-0a1b.connect.us-east-1.vpce.amazonaws.com",
        "https://connect.cn-north-1.amazonaws.com.cn",
        "https://connect.us-east-1.api.aws",
    ],
)
def test_no_test_reaches_a_real_contact_centre(
    rehearsal: Program, connect: LocalConnect, settings: Settings, endpoint: str
) -> None:
    """Should refuse to start it, say why, and keep nothing."""
    settings.CONNECT_ENDPOINT_URL = endpoint

    refused = rehearsal.post("contacts/", START)

    assert (refused.status_code, refused.json()["code"]) == (403, "test_key")
    assert not Contact.objects.exists()
    assert not PartnerEvent.objects.exists()
    assert upstream_contacts(connect) == []


def test_nobody_is_called_back_for_a_test(
    rehearsal: Program, program: Program, customer: Customer, connect: LocalConnect
) -> None:
    """Should neither make nor show callback requests: people would be called."""
    wish = {"entry_point": "support", "name": "Ana", "phone": "+4930123456"}
    made = program.post("callbacks/", wish).json()
    for reply in (
        rehearsal.post("callbacks/", wish),
        rehearsal.get("callbacks/"),
        rehearsal.get(f"callbacks/{made['id']}/"),
        rehearsal.post(f"callbacks/{made['id']}/cancel/"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "test_key")
