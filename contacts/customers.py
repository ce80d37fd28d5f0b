"""The customer's key: a random secret that makes a browser the owner of the contacts it started.

Our own pages hold it in a cookie. A page inside another site's has no cookies: it makes its own key, keeps it in the
tab, and sends it as a header with each request and as a subprotocol with each socket.

Only its SHA-256 is stored. No session, no login: the key says "the same browser", nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils.cache import patch_cache_control, patch_vary_headers

COOKIE = "vcp_customer"
HEADER = "X-Customer-Key"
SUBPROTOCOL = "vcp.v1"
KEY_SUBPROTOCOL = "vcp.customer."  # and the key after it
COOKIE_AGE_S = 30 * 24 * 3600
KEY = re.compile(r"[A-Za-z0-9_-]{43}\Z")  # 256 bits


def customer_key_of(request: HttpRequest) -> str | None:
    """Return the customer key the request carries, if it carries a well-formed one."""
    return well_formed_key(request.headers.get(HEADER) or request.COOKIES.get(COOKIE))


def customer_key_of_socket(scope: Mapping[str, Any]) -> str | None:
    """Return the customer key of a WebSocket handshake, if it carries a well-formed one."""
    for offered in scope["subprotocols"]:
        if offered.startswith(KEY_SUBPROTOCOL):
            return well_formed_key(offered.removeprefix(KEY_SUBPROTOCOL))
    return well_formed_key(cookies_of(scope).get(COOKIE))


def cookies_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return the cookies of a WebSocket handshake."""
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    return parse_cookie(header)


def subprotocol_of(scope: Mapping[str, Any]) -> str | None:
    """Return the subprotocol to speak: a page that offers its key as one must be answered with another."""
    return SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None


def keeps_its_own_key(request: HttpRequest) -> bool:
    """Whether the customer's page needs no cookie."""
    return HEADER in request.headers


def well_formed_key(value: str | None) -> str | None:
    """Return the value if it can be a customer key."""
    return value if value and KEY.match(value) else None


def new_customer_key() -> str:
    """Return a fresh random key."""
    return secrets.token_urlsafe(32)


def customer_key_from(idempotency_key: str) -> str:
    """Return the key of a customer who sent no cookie but an idempotency key.

    Derived from it, so that a repeat of the first request, whose answer and cookie may be lost, is the same customer's.
    """
    digest = hmac.digest(
        settings.SECRET_KEY.encode(), b"customer\x00" + idempotency_key.encode(), "sha256"
    )
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_customer_key(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def set_customer_key(response: HttpResponse, key: str) -> None:
    """Give the browser its key."""
    set_secret_cookie(response, COOKIE, key, max_age_s=COOKIE_AGE_S)


def set_secret_cookie(
    response: HttpResponse, name: str, value: str, *, max_age_s: int, path: str = "/"
) -> None:
    """Give the browser a secret that no script reads and no other site's request carries."""
    response.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def ensure_customer_key(request: HttpRequest, response: HttpResponse) -> str:
    """Return the request's key, or make one and set it on the response, which then no shared cache may keep."""
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True, no_cache=True)
    key = customer_key_of(request)
    if key is None:
        key = new_customer_key()
        set_customer_key(response, key)
    return key
