"""Identity keys in Django admin: made, shown once, retired."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.test import Client

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contacts.models import EntryPoint, IdentityKey
from contacts.sealing import unseal

ADD = "/admin/contacts/identitykey/add/"


@pytest.fixture
def admin_client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """Return the public half as PEM."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_secret_is_made_here_and_shown_once(admin_client: Client, entry_point: EntryPoint) -> None:
    """Should show the secret in the answer that made it, keep it sealed, and show it nowhere else."""
    form = {
        "entry_point": entry_point.pk,
        "key_id": "site-1",
        "algorithm": "HS256",
        "is_active": "on",
    }

    answer = admin_client.post(ADD, form)

    assert "no-store" in answer["Cache-Control"]
    shown = re.search(r"<code data-secret>(.*?)</code>", answer.content.decode())
    key = IdentityKey.objects.get()
    assert shown is not None
    assert shown.group(1) == unseal(key.sealed_secret)
    assert len(shown.group(1)) == 64
    page = admin_client.get(f"/admin/contacts/identitykey/{key.pk}/change/").content.decode()
    assert shown.group(1) not in page
    assert key.sealed_secret not in page
    assert "messages" not in admin_client.cookies


def test_key_is_retired_and_never_changed(admin_client: Client, entry_point: EntryPoint) -> None:
    """Should let nothing of a key be changed but whether it is active."""
    key = IdentityKey.objects.create(entry_point=entry_point, key_id="site-1", sealed_secret="s")

    admin_client.post(f"/admin/contacts/identitykey/{key.pk}/change/", {"key_id": "other"})

    key.refresh_from_db()
    assert (key.key_id, key.is_active, key.sealed_secret) == ("site-1", False, "s")


@pytest.mark.parametrize(
    ("algorithm", "public_key", "told"),
    [
        ("ES256", "", "P-256"),
        ("ES256", "not a key", "P-256"),
        ("ES256", pem_of(rsa.generate_private_key(65537, 2048)), "P-256"),
        ("ES256", pem_of(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        ("HS256", pem_of(ec.generate_private_key(ec.SECP256R1())), "HS256 has no public key"),
    ],
)
def test_key_that_cannot_verify_is_refused(
    admin_client: Client, entry_point: EntryPoint, algorithm: str, public_key: str, told: str
) -> None:
    """Should say what is wrong with the public key."""
    form = {"entry_point": entry_point.pk, "key_id": "site-1", "algorithm": algorithm}

    answer = admin_client.post(ADD, {**form, "public_key": public_key})

    assert told in answer.content.decode()
    assert not IdentityKey.objects.exists()


def test_websites_are_checked_when_they_are_saved(
    admin_client: Client, entry_point: EntryPoint
) -> None:
    """Should say which origin is none."""
    address = f"/admin/contacts/entrypoint/{entry_point.pk}/change/"

    answer = admin_client.post(address, {"allowed_origins": '["https://shop.example/page"]'})

    assert "https://shop.example/page" in answer.content.decode()
    assert "is no origin" in answer.content.decode()
