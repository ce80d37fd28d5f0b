"""Partners' keys: what lets a program in, how far, and what it is told when it may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts.choices import Scope
from contacts.models import Contact, EntryPoint, Partner
from partners import request_rates
from partners.models import ApiKey
from tests.contacts_world import Customer
from tests.partners_world import Program, make_key

pytestmark = pytest.mark.django_db(transaction=True)


def test_key_lets_in_and_is_not_stored(partner: Partner) -> None:
    """Should show its beginning, and keep no more than its hash."""
    key = make_key(partner)
    assert key.made_key.startswith("vcp_live_")
    assert Program(key.made_key).get("contacts/").status_code == 200

    stored = ApiKey.objects.values().get()
    assert key.made_key not in str(stored)
    assert key.made_key.startswith(stored["prefix"])
    assert stored["last_used_at"] is not None


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"key_hash": "0" * 64},
        {"prefix": "vcp_live_00000000"},
    ],
)
def test_key_that_is_over_is_refused(partner: Partner, change: dict[str, Any]) -> None:
    """Should answer 401 and say how to do better."""
    key = make_key(partner)
    ApiKey.objects.update(**change)
    refused = Program(key.made_key).get("contacts/")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused["Content-Type"] == "application/problem+json"
    assert key.made_key not in refused.content.decode()


@pytest.mark.parametrize("given", ["", "x", "vcp_live_", "vcp_live_" + "a" * 51, "\x7f" * 300])
def test_nonsense_is_no_key(partner: Partner, given: str) -> None:
    """Should refuse it wherever it is sent to, public endpoints among them."""
    make_key(partner)
    for path in ("contacts/", "entry-points/", "availability/?entry_point=support"):
        assert Program(given).get(path).status_code == 401


def test_partner_that_is_closed_has_no_keys(partner: Partner) -> None:
    """Should refuse all of them at once."""
    key = make_key(partner)
    Partner.objects.update(is_active=False)
    assert Program(key.made_key).get("contacts/").status_code == 401


def test_other_schemes_are_none_of_ours(contact: Contact, customer: Customer) -> None:
    """Should let a browser through that sends a password to a proxy in front."""
    reply = customer.client.get(
        f"/api/v1/contacts/{contact.pk}/", headers={"Authorization": "Basic eDp5"}
    )
    assert reply.status_code == 200


def test_two_keys_work_while_one_replaces_the_other(partner: Partner) -> None:
    """Should rotate without a gap."""
    old, new = make_key(partner), make_key(partner)
    assert Program(old.made_key).get("contacts/").status_code == 200
    assert Program(new.made_key).get("contacts/").status_code == 200
    ApiKey.objects.filter(pk=old.pk).update(is_active=False)
    assert Program(old.made_key).get("contacts/").status_code == 401
    assert Program(new.made_key).get("contacts/").status_code == 200


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        (["127.0.0.1"], 200),
        (["10.0.0.0/8", "127.0.0.0/8"], 200),
        (["10.0.0.0/8"], 403),
        (["2001:db8::/32"], 403),
    ],
)
def test_key_may_be_bound_to_addresses(partner: Partner, networks: list[str], status: int) -> None:
    """Should be refused from anywhere else."""
    key = make_key(partner, allowed_networks=networks)
    assert Program(key.made_key).get("contacts/").status_code == status


def test_address_behind_a_proxy_is_the_programs(partner: Partner, settings: Settings) -> None:
    """Should look at what the proxies in front tell, and at nothing the program may have added."""
    from rest_framework.settings import api_settings

    key = make_key(partner, allowed_networks=["192.0.2.7"])
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert api_settings.NUM_PROXIES == 1
    forged = Program(key.made_key).get("contacts/", X_Forwarded_For="192.0.2.7, 198.51.100.1")
    assert forged.status_code == 403
    told = Program(key.made_key).get("contacts/", X_Forwarded_For="198.51.100.1, 192.0.2.7")
    assert told.status_code == 200


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"allowed_networks": ["somewhere"]}, "allowed_networks"),
        ({"allowed_networks": "127.0.0.1"}, "allowed_networks"),
    ],
)
def test_key_of_nonsense_is_not_made(partner: Partner, fields: dict[str, Any], wrong: str) -> None:
    """Should name the field."""
    key = ApiKey(**{"partner": partner, "name": "x", "scopes": Scope.values, **fields})
    key.make_key()
    with pytest.raises(ValidationError) as caught:
        key.full_clean()
    assert set(caught.value.message_dict) == {wrong}


def test_missing_scope_is_named(partner: Partner, contact: Contact) -> None:
    """Should answer 403 with the scope that it takes."""
    Contact.objects.update(partner=partner)
    program = Program(make_key(partner, Scope.CONTACTS_READ).made_key)
    assert program.get(f"contacts/{contact.pk}/").status_code == 200
    refused = program.post(f"contacts/{contact.pk}/end/")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert "contacts:write" in refused.json()["detail"]
    assert 'scope="contacts:write"' in refused["WWW-Authenticate"]


def test_what_is_for_browsers_is_refused(partner: Partner) -> None:
    """Should not let a key take a guest's place."""
    program = Program(make_key(partner).made_key)
    refused = program.post("invitations/accept/", {"token": "x" * 43})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_without_a_key_there_is_a_challenge(db: None) -> None:
    """Should answer 401 where only partners may go."""
    refused = Client().get("/api/v1/contacts/")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_rate_is_told_and_kept(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should say what is left, and refuse what is too much until there is room."""
    monkeypatch.setattr(
        "partners.requests.request_rates.REQUESTS",
        request_rates.Rate("requests", per_s=0.01, burst=2),
    )
    program = Program(make_key(partner).made_key)
    answers = [program.get("contacts/") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one["RateLimit"].split(";")[1] for one in answers] == ["r=1", "r=0", "r=0"]
    assert all(one["RateLimit-Policy"] == '"requests";q=2;w=200' for one in answers)
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 100


@pytest.mark.parametrize("waited_s", [0.0, 0.05, 1.0, 100.0])
def test_bucket_fills_with_time(waited_s: float) -> None:
    """Should have room for as many as fit into the time, and never for more than its burst."""
    cache.clear()
    rate = request_rates.Rate("bucket", per_s=10, burst=5)
    assert [request_rates.take(rate, "a", now=1000).is_allowed for _ in range(6)] == [
        *[True] * 5,
        False,
    ]
    taken = [request_rates.take(rate, "a", now=1000 + waited_s).is_allowed for _ in range(6)]
    assert sum(taken) == min(5, int(waited_s * 10))
    assert request_rates.take(rate, "b", now=1000).remaining == 4


def test_admin_shows_a_fresh_key_once(partner: Partner, admin_client: Client) -> None:
    """Should show it in the answer that made it, and nowhere else."""
    made = admin_client.post(
        "/admin/partners/apikey/add/",
        {
            "partner": str(partner.pk),
            "name": "shop",
            "mode": "test",
            "scopes": ["contacts:read"],
            "allowed_networks": "[]",
            "is_active": "on",
        },
    )
    row = ApiKey.objects.get()
    shown = made.content.decode().split("data-secret>")[1].split("<")[0]
    assert "no-store" in made["Cache-Control"]
    assert shown.startswith(f"{row.prefix}")
    assert Program(shown).get("contacts/").status_code == 200
    page = admin_client.get(f"/admin/partners/apikey/{row.pk}/change/").content.decode()
    assert row.prefix in page
    assert shown not in page


def test_command_prints_a_key_alone(
    entry_point: EntryPoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """Should make the partner too, so that a script needs one line."""
    call_command("create_api_key", "Example", "--entry-point", "support", "--test")
    key = capsys.readouterr().out.strip()
    listed = Program(key).get("entry-points/").json()
    assert key.startswith("vcp_test_")
    assert [one["slug"] for one in listed["data"]] == ["support"]
    with pytest.raises(CommandError, match="support"):
        call_command("create_api_key", "Example", "--entry-point", "elsewhere")
