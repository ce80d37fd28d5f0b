"""Credentials that expire, are replaced or are refused, and a clock that is wrong: told where somebody can mend it."""

from __future__ import annotations

import time
from email.utils import formatdate
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from contacts.connect_credentials import skew_told_by
from contacts.models import Contact
from tests.faults.fault_world import FaultWorld

REFUSED = (502, "upstream_permission")


@pytest.mark.parametrize(
    "error", ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"]
)
def test_f9_credentials_that_are_refused_are_told_of(world: FaultWorld, error: str) -> None:
    """Should name the cause on the contact and at /readyz, until they are accepted again."""
    world.order(error=error, times=1)
    reply = world.start()
    assert (reply.status, reply.body["code"]) == REFUSED
    assert Contact.objects.get().failure_detail == error
    status, parts = world.readiness()
    assert (status, parts["connect"]) == (503, "refused")

    assert world.start().status == 201
    assert world.readiness() == (200, dict.fromkeys(parts, "ok"))


def test_f9_permission_that_is_missing_is_none_of_readiness(world: FaultWorld) -> None:
    """Should not stop everything because one operation is not allowed."""
    world.order(error="AccessDeniedException", times=1)
    assert world.start().body["code"] == "upstream_permission"
    assert world.readiness()[0] == 200


def test_f9_credentials_that_were_replaced_are_read_again(
    world: FaultWorld, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Should take the new ones within the customer's request, without a restart."""
    file = tmp_path / "credentials"
    profile = "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n"
    file.write_text(profile.format(world.server.access_key, "of last year"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    settings.CONNECT_REGION = world.server.region  # forgets the client of before
    reply = world.start()
    assert (reply.status, reply.body["code"]) == REFUSED

    file.write_text(profile.format(world.server.access_key, world.server.secret_key))
    assert world.start().status == 201
    assert world.readiness()[0] == 200


@pytest.mark.parametrize(
    ("ahead_s", "said"),
    [
        (0, ""),
        (-200, ""),
        (600, ": this machine's clock is 600 s ahead of Amazon Connect's"),
        (-600, ": this machine's clock is 600 s behind Amazon Connect's"),
    ],
)
def test_f9_clock_is_compared_with_that_of_the_answer(ahead_s: int, said: str) -> None:
    """Should say by how much to set it, where it is far off."""
    now = float(round(time.time()))
    headers = {"date": formatdate(now - ahead_s, usegmt=True)}
    assert skew_told_by({"ResponseMetadata": {"HTTPHeaders": headers}}, now=now) == said
    assert skew_told_by({}, now=now) == ""
