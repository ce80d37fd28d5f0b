"""Human references of calls such as K7QX-2M4P: short enough to read out, without characters that are mistaken."""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U
LENGTH = 8


def new_reference() -> str:
    """Return a reference nobody can guess: one of 30^8."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normal_reference(typed: str) -> str:
    """Return what somebody typed in the form it is stored in."""
    letters = re.sub(r"[^A-Z0-9]", "", typed.upper())
    return f"{letters[:4]}-{letters[4:]}"
