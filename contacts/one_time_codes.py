"""The codes of authenticator apps, as RFC 6238 has them: six digits, another every 30 seconds, by HMAC-SHA-1.

That is what every app reads from a QR code without being told. Knows nothing of who has which secret.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
# Clocks differ, and people type: the code before and the one after are taken too.
STEPS_AROUND = (0, -1, 1)
ISSUER = "Connect Video Portal"


def new_secret() -> str:
    """Return a fresh secret, in base 32 as people type it into an app."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def address_of(secret: str, *, account: str) -> str:
    """Return the `otpauth:` address that an app reads from a QR code."""
    return _codes_of(secret).get_provisioning_uri(account, ISSUER)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the number of the half-minute in which a code is shown, if it is shown around `at`."""
    now = int(at.timestamp()) // STEP_S
    given, codes = code.encode("utf-8", "surrogatepass"), _codes_of(secret)
    for step in (now + around for around in STEPS_AROUND):
        if hmac.compare_digest(codes.generate(step * STEP_S), given):
            return step
    return None


def _codes_of(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)  # noqa: S303 (an HMAC's, as apps have it)
