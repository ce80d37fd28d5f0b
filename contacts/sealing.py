"""Seals what must not be readable in the database: participant tokens, meeting connections, the secrets of keys and of authenticator apps.

Fernet with rotating keys: the first key of `TOKEN_ENCRYPTION_KEYS` seals, all of them open. Without any key, one is
derived from `SECRET_KEY`, so that a portal on your own machine needs no set-up; a check asks for real keys elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from django.conf import settings

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnableToUnseal(Exception):
    """None of the keys opens it: the key it was sealed with is no longer among them."""


def seal(value: Any) -> str:
    """Return a JSON value, sealed."""
    return _box().encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: str) -> Any:
    """Return the JSON value that was sealed.

    :raises UnableToUnseal: no key opens it.
    """
    try:
        return json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise UnableToUnseal from error


def key_problem(key: str) -> str | None:
    """Say what is wrong with a key, or None."""
    try:
        Fernet(key)
    except ValueError:
        return "not 32 bytes as URL-safe base64"
    return None


def _box() -> MultiFernet:
    keys: list[str | bytes] = list(settings.TOKEN_ENCRYPTION_KEYS)
    if not keys:
        digest = hashlib.sha256(b"contacts.sealing\x00" + settings.SECRET_KEY.encode()).digest()
        keys = [base64.urlsafe_b64encode(digest)]
    return MultiFernet([Fernet(key) for key in keys])
