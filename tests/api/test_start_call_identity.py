"""Callers whose company signed who they are, those who only say so, and those who pretend."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contacts.choices import IdentityAlgorithm, IdentityRule
from contacts.models import Contact, EntryPoint, IdentityKey, SpentIdentity
from contacts.sealing import seal
from tests.contacts_world import Customer
from tests.servers import LocalConnect

URL = "/api/v1/contacts/"
SECRET = "a-secret-of-the-company-with-32-bytes-or-more"
BODY = {"entry_point": "support", "name": "Mallory", "attributes": {"plan": "gold"}}
REFUSED = {"code": "identity_refused", "status": 403}


@pytest.fixture
def key(entry_point: EntryPoint) -> IdentityKey:
    """A key of the company's, which takes signed callers only."""
    entry_point.identity_rule = IdentityRule.REQUIRED
    entry_point.save()
    return IdentityKey.objects.create(
        entry_point=entry_point, key_id="site-1", sealed_secret=seal(SECRET)
    )


def claims(**changes: Any) -> dict[str, Any]:
    """What a company says of Ana, for one call within the next minutes."""
    return {
        "aud": "support",
        "exp": int(time.time()) + 300,
        "jti": str(uuid.uuid4()),
        "sub": "customer-17",
        "name": "Ana Lima",
        "locale": "de",
        "attributes": {"tier": "platinum"},
        **changes,
    }


def signed(said: dict[str, Any], *, key: Any = SECRET, kid: str | None = "site-1") -> str:
    """Return the token a company would make of it."""
    algorithm = "HS256" if isinstance(key, str) else "ES256"
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def segment(part: dict[str, Any]) -> bytes:
    """Return a part of a token as it is written."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def unsigned(said: dict[str, Any]) -> str:
    """Return a token that claims to need no signature."""
    header = {"alg": "none", "typ": "JWT", "kid": "site-1"}
    return (segment(header) + b"." + segment(said) + b".").decode()


def test_signed_caller_is_who_the_company_says(
    connect: LocalConnect, key: IdentityKey, customer: Customer
) -> None:
    """Should put the signed name and attributes before what was typed, and mark the rest as unsigned (case 9)."""
    reply = customer.post(URL, {**BODY, "identity": signed(claims())})

    assert reply.status_code == 201, reply.content
    contact = Contact.objects.get()
    assert (contact.name, contact.identity_subject, contact.locale) == (
        "Ana Lima",
        "customer-17",
        "de",
    )
    assert contact.attributes == {
        "customer_id": "customer-17",
        "tier": "platinum",
        "web_plan": "gold",
    }


@pytest.fixture
def private_key(entry_point: EntryPoint) -> ec.EllipticCurvePrivateKey:
    """A key the company keeps to itself; the entry point has its public half."""
    private = ec.generate_private_key(ec.SECP256R1())
    IdentityKey.objects.create(
        entry_point=entry_point,
        key_id="site-2",
        algorithm=IdentityAlgorithm.ES256,
        public_key=public_half(private).decode(),
    )
    return private


def public_half(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public key as PEM."""
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_company_may_keep_the_private_key_to_itself(
    connect: LocalConnect, private_key: ec.EllipticCurvePrivateKey, customer: Customer
) -> None:
    """Should read ES256 with nothing but the public key."""
    reply = customer.post(
        URL, {**BODY, "identity": signed(claims(), key=private_key, kid="site-2")}
    )

    assert reply.status_code == 201, reply.content
    assert Contact.objects.get().identity_subject == "customer-17"


def test_public_key_is_no_secret(
    connect: LocalConnect,
    key: IdentityKey,
    private_key: ec.EllipticCurvePrivateKey,
    customer: Customer,
) -> None:
    """Should not take the public key as the secret of the other algorithm."""
    signing_input = segment({"alg": "HS256", "kid": "site-2"}) + b"." + segment(claims())
    mac = hmac.digest(public_half(private_key), signing_input, "sha256")
    forged = signing_input + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")

    reply = customer.post(URL, {**BODY, "identity": forged.decode()})

    assert reply.json()["code"] == "identity_refused"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not a token",
        "a.b.c",
        "x" * 70_000,
        unsigned(claims()),
        signed(claims(), key="another-secret-of-the-length-it-takes-000"),
        signed(claims(), kid=None),
        signed(claims(), kid="site-9"),
        signed(claims(aud="sales")),
        signed(claims(exp=int(time.time()) - 120)),
        signed(claims(exp=int(time.time()) + 3600)),
        signed({name: value for name, value in claims().items() if name != "jti"}),
        signed({name: value for name, value in claims().items() if name != "exp"}),
        signed({name: value for name, value in claims().items() if name != "aud"}),
        signed(claims(name=5)),
        signed(claims(name="n" * 257)),
        signed(claims(sub="s" * 256)),
        signed(claims(attributes={"a b": "c"})),
        signed(claims(attributes={"a": 1})),
        signed(claims(attributes={"web_a": "1"})),
        signed(claims(attributes={"a": "x" * 32_768})),
    ],
    ids=[
        "missing",
        "words",
        "dots",
        "long",
        "unsigned",
        "other-key",
        "no-kid",
        "unknown-kid",
        "other-aud",
        "expired",
        "too-long-valid",
        "no-jti",
        "no-exp",
        "no-aud",
        "name-no-text",
        "name-long",
        "sub-long",
        "attribute-name",
        "attribute-value",
        "attribute-unsigned",
        "attributes-long",
    ],
)
def test_caller_nobody_vouches_for_is_refused_where_that_is_the_rule(
    connect: LocalConnect, key: IdentityKey, customer: Customer, token: str
) -> None:
    """Should start no call for a token that is missing, forged, too old, too young or of another place (case 10)."""
    reply = customer.post(URL, {**BODY, "identity": token})

    assert {name: reply.json()[name] for name in REFUSED} == REFUSED
    assert not Contact.objects.exists()
    assert token == "" or token not in reply.content.decode()


def test_caller_nobody_vouches_for_is_anonymous_where_those_are_taken(
    connect: LocalConnect, key: IdentityKey, customer: Customer
) -> None:
    """Should take the call, and treat nothing of the false token as signed (case 10)."""
    EntryPoint.objects.update(identity_rule=IdentityRule.OPTIONAL)

    reply = customer.post(URL, {**BODY, "identity": unsigned(claims())})

    assert reply.status_code == 201
    contact = Contact.objects.get()
    assert (contact.name, contact.identity_subject) == ("Mallory", "")
    assert contact.attributes == {"web_plan": "gold"}


def test_signed_identity_is_good_for_one_call(
    connect: LocalConnect, key: IdentityKey, customer: Customer
) -> None:
    """Should refuse it the second time, but answer a repeat of the same request as before (case 10)."""
    body = {**BODY, "identity": signed(claims())}

    first = customer.post(URL, body, Idempotency_Key="one")
    again = customer.post(URL, body, Idempotency_Key="one")
    other = customer.post(URL, body, Idempotency_Key="two")

    assert first.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert other.json()["code"] == "identity_refused"
    assert SpentIdentity.objects.count() == Contact.objects.count() == 1


def test_retired_key_signs_nothing(
    connect: LocalConnect, key: IdentityKey, customer: Customer
) -> None:
    """Should refuse what a key signed that is no longer active."""
    IdentityKey.objects.update(is_active=False)

    assert customer.post(URL, {**BODY, "identity": signed(claims())}).status_code == 403


def test_attributes_of_a_page_are_marked_as_unsigned(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should mark them once, whatever the page calls them, so that a flow can tell them from signed ones."""
    customer.post(URL, {**BODY, "attributes": {"tier": "platinum", "web_page": "shoes"}})

    assert Contact.objects.get().attributes == {"web_tier": "platinum", "web_page": "shoes"}
