"""Sealed secrets and their rotating keys."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from contacts.sealing import UnableToUnseal, key_problem, seal, unseal

VALUE = {"Attendee": {"JoinToken": "canary"}}


def test_sealed_value_opens_and_shows_nothing() -> None:
    """Should give back the value, and not contain it."""
    sealed = seal(VALUE)
    assert unseal(sealed) == VALUE
    assert "canary" not in sealed


def test_sealed_value_after_rotation_opens_until_its_key_is_gone(
    settings: Settings,
) -> None:
    """Should open with any of the keys, and say so when none is left that can."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [old]
    sealed = seal(VALUE)

    settings.TOKEN_ENCRYPTION_KEYS = [new, old]
    assert unseal(sealed) == VALUE

    settings.TOKEN_ENCRYPTION_KEYS = [new]
    with pytest.raises(UnableToUnseal):
        unseal(sealed)


def test_key_of_another_form_is_described() -> None:
    """Should say what is wrong with a key that cannot work."""
    assert key_problem("short") == "not 32 bytes as URL-safe base64"
    assert key_problem(Fernet.generate_key().decode()) is None
