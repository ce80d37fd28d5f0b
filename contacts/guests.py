"""The guest's key: a random secret in a cookie that makes a browser the guest of the invitations it accepted.

Apart from the customer's, so that a customer who opens their own link is a guest there and nothing else is mixed up.
Only its SHA-256 is stored.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from contacts.customers import cookies_of, new_customer_key, set_secret_cookie, well_formed_key

COOKIE = "vcp_guest"
COOKIE_AGE_S = 2 * 24 * 3600  # longer than any call


def guest_key_of(request: HttpRequest) -> str | None:
    """Return the guest key the request carries, if it carries a well-formed one."""
    return well_formed_key(request.COOKIES.get(COOKIE))


def guest_key_of_socket(scope: Mapping[str, Any]) -> str | None:
    """Return the guest key of a WebSocket handshake, if it carries a well-formed one."""
    return well_formed_key(cookies_of(scope).get(COOKIE))


def new_guest_key() -> str:
    """Return a fresh random key."""
    return new_customer_key()


def guest_key_from(idempotency_key: str, token: str) -> str:
    """Return the key of a guest who sent no cookie but an idempotency key.

    Derived from it and the link's token, so that a repeat of a request whose answer and cookie may be lost is the same guest's.
    """
    text = f"guest\x00{token}\x00{idempotency_key}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def set_guest_key(response: HttpResponse, key: str) -> None:
    """Give the browser its key."""
    set_secret_cookie(response, COOKIE, key, max_age_s=COOKIE_AGE_S)
