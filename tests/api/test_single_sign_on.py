"""Single sign-on of staff, against a provider over the network: who gets in, as whom, and who does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django.fixtures import Settings

from contacts import one_time_codes, second_factors
from contacts.models import AuditEntry
from tests import openid_provider
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, RSA_KEY, Provider

pytestmark = pytest.mark.django_db
START = "/admin/login/provider/?next=/admin/contacts/contact/"
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
STRANGE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """A provider that runs, and a portal that trusts it."""
    cache.clear()
    with openid_provider.running() as provider:
        settings.OIDC_ISSUER = provider.url
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.OIDC_NAME = "Example ID"
        settings.OIDC_GROUPS = {"desk": "Supervisor", "bosses": "Owner"}
        yield provider
    cache.clear()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def sent_back(address: str) -> str:
    """Go to the provider over the network, and return the path to which it sends back."""
    try:
        urllib.request.build_opener(_NoRedirect).open(address, timeout=10)
    except urllib.error.HTTPError as answer:
        location = str(answer.headers["Location"])
        answer.close()
        return location.removeprefix("http://testserver")
    raise AssertionError("the provider did not send back")


def sign_in(client: Client, start: str = START) -> Any:
    """Go the whole way, and return the portal's last answer."""
    return client.get(sent_back(client.get(start).url))


def test_staff_of_a_mapped_group_sign_in(provider: Provider) -> None:
    """Should ask with PKCE, state and nonce, make the account with its group, and lead where one wanted to go."""
    client = Client()
    assert "Sign in with Example ID" in client.get("/admin/login/").content.decode()
    assert sign_in(client).url == "/admin/contacts/contact/"
    assert client.get("/admin/contacts/contact/").status_code == 200
    asked = provider.asked[0]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["nonce"]) >= 20
    assert len(asked["state"]) >= 20
    user = User.objects.get()
    assert (user.username, user.is_staff, user.is_superuser) == ("ana", True, False)
    assert [group.name for group in user.groups.all()] == ["Supervisor"]
    assert not user.has_usable_password()
    entries = AuditEntry.objects.filter(kind="auth.user").order_by("id")
    assert [entry.action for entry in entries] == ["added", "changed"]
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302


def test_tokens_by_elliptic_curves_are_taken(provider: Provider) -> None:
    """Should take ES256."""
    provider.sign = Provider.by_ec
    assert sign_in(Client()).status_code == 302
    assert User.objects.count() == 1


FORGERIES: dict[str, Callable[[Provider, dict[str, Any]], str]] = {
    "alg none": lambda _, claims: jwt.encode(claims, "", algorithm="none"),
    "hs256 by the client's secret": lambda _, claims: jwt.encode(
        claims, CLIENT_SECRET, algorithm="HS256", headers={"kid": "rsa"}
    ),
    "hs256 by the public key": lambda _, claims: _by_public_key(claims),
    "another key": lambda _, claims: jwt.encode(
        claims, STRANGE_KEY, algorithm="RS256", headers={"kid": "rsa"}
    ),
    "unknown key": lambda _, claims: jwt.encode(
        claims, STRANGE_KEY, algorithm="RS256", headers={"kid": "strange"}
    ),
    "cut": lambda provider, claims: provider.by_rsa(claims)[:-20],
    "no token": lambda *_: "",
}


def _by_public_key(claims: dict[str, Any]) -> str:
    """Sign with the public key as if it were a secret, which PyJWT itself refuses to do."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims)}"
    digest = hmac.digest(PUBLIC_PEM, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tokens_let_nobody_in(forgery: str, provider: Provider) -> None:
    """Should believe nothing that the provider's own keys did not sign."""
    provider.sign = FORGERIES[forgery]
    _refused(Client(), 400)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of-another-attempt"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": ""},
    ],
    ids=["nonce", "no-nonce", "audience", "party", "issuer", "expired", "future", "nobody"],
)
def test_tokens_for_others_let_nobody_in(claims: dict[str, Any], provider: Provider) -> None:
    """Should refuse what was signed for another attempt, portal or time."""
    provider.claims = claims
    _refused(Client(), 403 if claims == {"sub": ""} else 400)


def _refused(client: Client, status: int) -> None:
    answer = sign_in(client)
    assert answer.status_code == status
    assert "data-refused" in answer.content.decode()
    assert not User.objects.exists()
    assert client.get("/admin/").status_code == 302


def test_state_is_of_one_session_and_one_attempt(provider: Provider) -> None:
    """Should refuse what comes back twice, to somebody else, or was never asked for."""
    client = Client()
    back = sent_back(client.get(START).url)
    assert Client().get(back).status_code == 400
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400
    assert client.get("/admin/login/callback/?code=x&state=y").status_code == 400
    assert client.get("/admin/login/callback/?error=access_denied&state=y").status_code == 400
    assert client.get("/admin/login/callback/").status_code == 400


def test_code_of_another_attempt_is_refused_by_pkce(provider: Provider) -> None:
    """Should send the verifier of its own attempt, with which another's code is worth nothing."""
    attacker, victim = Client(), Client()
    stolen = sent_back(attacker.get(START).url).partition("code=")[2].partition("&")[0]
    back = sent_back(victim.get(START).url)
    own = back.partition("code=")[2].partition("&")[0]
    assert victim.get(back.replace(own, stolen)).status_code == 400
    assert provider.refused == ["pkce"]


@pytest.mark.parametrize(
    "groups", [[], ["others"], "others", {"desk": 1}, None, [["desk"]]], ids=repr
)
def test_who_is_in_no_mapped_group_is_told_so(groups: Any, provider: Provider) -> None:
    """Should make no account, and say whom to ask."""
    provider.claims = {"groups": groups}
    client = Client()
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "in no group that may use this admin" in answer.content.decode()
    assert not User.objects.exists()


def test_groups_follow_the_provider_at_each_login(provider: Provider) -> None:
    """Should give and take, keep the account, and leave nothing to who lost all."""
    sign_in(Client())
    provider.claims = {"groups": ["bosses", "others"], "preferred_username": "ana-maria"}
    sign_in(Client())
    user = User.objects.get()
    assert user.username == "ana"
    assert [group.name for group in user.groups.all()] == ["Owner"]
    provider.claims = {"groups": []}
    assert sign_in(Client()).status_code == 403
    assert not user.groups.exists()


def test_no_account_is_entered_by_name_or_address(provider: Provider) -> None:
    """Should make another account beside one that is called the same."""
    root = User.objects.create_superuser("ana", "ana@example.com", "a-long-password-1")
    provider.claims = {"email": "ana@example.com", "email_verified": True}
    sign_in(Client())
    made = User.objects.exclude(pk=root.pk).get()
    assert made.username.startswith("ana-")
    assert not made.is_superuser
    provider.claims = {"sub": "sub-2", "email": "eve@example.com", "email_verified": False}
    sign_in(Client())
    assert User.objects.latest("pk").email == ""


def test_closed_account_stays_closed(provider: Provider) -> None:
    """Should refuse whom somebody shut out here."""
    sign_in(Client())
    User.objects.update(is_active=False)
    client = Client()
    answer = sign_in(client)
    assert (answer.status_code, "closed" in answer.content.decode()) == (403, True)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_nobody_is_led_to_another_site(address: str, provider: Provider) -> None:
    """Should lead to the admin instead."""
    assert sign_in(Client(), f"/admin/login/provider/?next={address}").url == "/admin/"


def test_second_factor_is_asked_for_here_too(provider: Provider, settings: Settings) -> None:
    """Should ask for it as after a password, unless the provider is trusted to have asked."""
    sign_in(Client())
    user = User.objects.get()
    secret, at = one_time_codes.new_secret(), timezone.now() - timedelta(hours=1)
    code = one_time_codes._codes_of(secret).generate(at.timestamp()).decode()
    second_factors.switch_second_factor_on(user=user, secret=secret, code=code, at=at)
    client = Client()
    assert sign_in(client).url == "/admin/login/code/"
    assert client.get("/admin/").status_code == 302
    settings.OIDC_TRUST_SECOND_FACTOR = True
    settings.STAFF_TWO_FACTOR = "required"
    assert sign_in(client).url == "/admin/contacts/contact/"
    assert client.get("/admin/").status_code == 200
    settings.OIDC_TRUST_SECOND_FACTOR = False
    assert client.get("/admin/").status_code == 302


def test_passwords_can_be_left_to_superusers(provider: Provider, settings: Settings) -> None:
    """Should keep one way in for when the provider is away."""
    settings.STAFF_PASSWORDS = "superusers"
    form = {"password": "a-long-password-1", "next": "/admin/"}
    User.objects.create_user("sam", password=form["password"], is_staff=True)
    User.objects.create_superuser("root", password=form["password"])
    refused = Client().post("/admin/login/", {**form, "username": "sam"})
    assert "Passwords are for superusers alone" in refused.content.decode()
    assert Client().post("/admin/login/", {**form, "username": "root"}).url == "/admin/"


def test_provider_that_is_away_or_another_is_said(provider: Provider, settings: Settings) -> None:
    """Should say that it cannot be reached, and take no description of another issuer."""
    settings.OIDC_ISSUER = provider.url + "/"
    answer = Client().get(START)
    assert (answer.status_code, "cannot be reached" in answer.content.decode()) == (502, True)
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert Client().get(START).status_code == 502


def test_attempts_are_limited(provider: Provider) -> None:
    """Should make no more sessions for an address than people start logins."""
    for _ in range(60):
        Client().get(START)
    assert Client().get(START).status_code == 429
    assert len(provider.asked) == 0


def test_half_a_configuration_is_reported(settings: Settings) -> None:
    """Should name what is missing, unknown or unsafe."""

    def found() -> set[str]:
        return {str(message.id) for message in run_checks()}

    settings.DEBUG = False
    settings.OIDC_ISSUER = "http://id.example.com"
    settings.OIDC_GROUPS = {"desk": "Desk"}
    settings.STAFF_PASSWORDS = "superusers"
    assert {f"contacts.E01{number}" for number in (1, 2, 3, 4)} <= found()
    settings.OIDC_ISSUER, settings.OIDC_GROUPS = "https://id.example.com", {"desk": "Viewer"}
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "a", "b"
    assert not {f"contacts.E01{number}" for number in (1, 2, 3, 4)} & found()
