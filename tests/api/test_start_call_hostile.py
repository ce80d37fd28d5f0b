"""Requests that no page of ours makes: refused with a 4xx, before anything is stored or asked."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.customers import new_customer_key
from contacts.models import Contact, EntryPoint
from tests.api.test_start_call import BODY, URL
from tests.contacts_world import Customer, upstream_contacts
from tests.servers import LocalConnect

LONE_SURROGATE = json.dumps(BODY)[:-1] + ', "description": "\\ud800"}'
MOST_OF_AN_ANSWER = 20_000  # bytes

BODIES: dict[str, str | bytes] = {
    "ten megabytes": json.dumps(BODY | {"description": "x" * 10**7}),
    "ten thousand levels": '{"entry_point": "support", "name": '
    + "[" * 10_000
    + "]" * 10_000
    + "}",
    "ten thousand objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "NaN": '{"entry_point": "support", "name": "Ana", "attributes": {"n": NaN}}',
    "Infinity": '{"entry_point": "support", "name": "Ana", "attributes": {"n": -Infinity}}',
    "a huge number": '{"entry_point": "support", "name": ' + "9" * 5000 + "}",
    "a key twice": '{"entry_point": "support", "name": "Ana", "name": "Eve"}',
    "an attribute twice": '{"entry_point": "support", "name": "Ana", "attributes": {"a": "1", "a": "2"}}',
    "forty thousand attributes": json.dumps(
        BODY | {"attributes": {f"a{n}": "" for n in range(40_000)}}
    ),
    "as many bad attributes as fit": json.dumps(
        BODY | {"attributes": {f"!{n}": 1 for n in range(9_000)}}, separators=(",", ":")
    ),
    "as many unlawful names as fit": json.dumps(
        BODY | {"attributes": {f"!{n}": "" for n in range(9_000)}}, separators=(",", ":")
    ),
    "a lone surrogate": LONE_SURROGATE,
    "a lone surrogate as bytes": json.dumps(BODY | {"name": "\ud800"}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    ),
    "NUL in the name": json.dumps(BODY | {"name": "Ana\x00"}),
    "NUL in an attribute": json.dumps(BODY | {"attributes": {"a": "\x00"}}),
    "NUL in the slug": json.dumps(BODY | {"entry_point": "support\x00"}),
    "no UTF-8": b'{"entry_point": "support", "name": "\xff"}',
    "UTF-16": json.dumps(BODY).encode("utf-16"),
    "nothing": "",
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_body_is_refused_and_nothing_is_called(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, name: str
) -> None:
    """Should answer 400 or 413 in words of ours, and not with more than it was sent."""
    reply = customer.client.post(URL, BODIES[name], content_type="application/json")
    assert reply.status_code in (400, 413)
    assert reply.json()["code"] in ("invalid", "too_large")
    assert len(reply.content) < MOST_OF_AN_ANSWER
    assert not Contact.objects.exists()
    assert upstream_contacts(connect) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency_Key": "x" * 256},
        {"Idempotency_Key": "\x01" * 20},
        {"Idempotency_Key": "short"},
    ],
)
def test_hostile_key_is_refused(entry_point: EntryPoint, headers: dict[str, str]) -> None:
    """Should say that it cannot be one."""
    assert Customer().post(URL, BODY, **headers).status_code == 400
    assert not Contact.objects.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    field=st.sampled_from(
        [*BODY, "attributes", "references", "capabilities", "locale", "identity"]
    ),
    value=JSON,
)
def test_any_value_in_any_field_is_taken_or_refused(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer, field: str, value: Any
) -> None:
    """Should never fail for what somebody sent."""
    body = json.dumps(BODY | {field: value})
    reply = customer.client.post(URL, body, content_type="application/json")
    assert reply.status_code in (201, 400)


SMUGGLED: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000000",
    "state": "connected",
    "reference": "AAAA-AAAA",
    "instance_id": "99999999-9999-4999-8999-999999999999",
    "contact_flow_id": "22222222-2222-4222-8222-222222222223",
    "ContactFlowId": "22222222-2222-4222-8222-222222222223",
    "connect_contact_flow_id": "22222222-2222-4222-8222-222222222223",
    "queue": {"id": "33333333-3333-4333-8333-333333333333"},
    "client_token": "known",
    "customer_key_hash": "0" * 64,
    "identity_subject": "somebody",
    "is_staff": True,
    "entry_point_id": 1,
}


def test_what_is_not_the_customers_to_say_is_not_taken_from_them(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should go to the entry point's own flow, whatever fields or attributes name another."""
    attributes = dict.fromkeys(("ContactFlowId", "QueueId", "sub", "identity", "vip"), "smuggled")
    reply = customer.post(URL, BODY | SMUGGLED | {"attributes": attributes})
    assert reply.status_code == 201
    contact = Contact.objects.get()
    assert str(contact.pk) == reply.json()["id"] != SMUGGLED["id"]
    assert contact.reference != SMUGGLED["reference"]
    assert contact.identity_subject == ""
    [upstream] = upstream_contacts(connect)
    assert contact.connect_instance_id == connect.instance_id
    # What nobody signed can be mistaken for nothing that the company itself would say.
    assert {key for key in contact.attributes if not key.startswith("web_")} == set()
    assert upstream["id"] == contact.connect_contact_id


def test_call_goes_on_with_none_of_a_stranger(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should take as an earlier contact only one of the customer's own, and not tell which others there are."""
    strangers = Customer(new_customer_key()).post(URL, BODY).json()["id"]
    own = customer.post(URL, BODY).json()["id"]

    def going_on_with(earlier: str) -> Any:
        return customer.post(URL, BODY | {"related_contact": earlier}).json()

    refused = [going_on_with(one) for one in (strangers, str(uuid.uuid4()))]

    assert [one["errors"][0]["pointer"] for one in refused] == ["/related_contact"] * 2
    assert refused[0]["errors"] == refused[1]["errors"]
    assert str(Contact.objects.get(pk=going_on_with(own)["id"]).related_contact_id) == own
