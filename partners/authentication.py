"""Who a key is: reads `Authorization: Bearer vcp_…`, and turns it into what the views know of a partner's program."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from contacts.access import PartnerCaller
from contacts.api.callers import KeyRefused
from partners.models import ApiKey
from partners.models.api_keys import Mode

SCHEME = "bearer "
MAX_CHARACTERS = 200


def bearer_of(request: HttpRequest) -> str | None:
    """Return what the request brings as its key, or None if it brings none. Other schemes are not ours."""
    header = request.headers.get("Authorization", "")
    if header[: len(SCHEME)].lower() != SCHEME:
        return None
    return header[len(SCHEME) :].strip()[:MAX_CHARACTERS]


def key_of(request: HttpRequest, *, at: datetime) -> ApiKey | None:
    """Return the key the request was sent with, or None if it came without.

    :raises KeyRefused: it is unknown, revoked or expired.
    :raises PermissionDenied: it may not be used from there.
    """
    given = bearer_of(request)
    if given is None:
        return None
    key = ApiKey.of(given, at=at)
    if key is None:
        raise KeyRefused
    if not key.allows(BaseThrottle().get_ident(request)):  # type: ignore[arg-type]
        raise PermissionDenied("This key may not be used from your address.")
    key.note_use(at=at)
    return key


def caller_with(key: ApiKey) -> PartnerCaller:
    """Return what the views know of who came with a key."""
    return PartnerCaller(
        partner=key.partner, scopes=frozenset(key.scopes), is_test=key.mode == Mode.TEST
    )


class ApiKeyAuthentication(BaseAuthentication):
    """Hands the views the key that the middleware has let in."""

    def authenticate(self, request: Request) -> tuple[Any, PartnerCaller] | None:
        """Return the caller, if there is one."""
        key: ApiKey | None = getattr(request._request, "partner_key", None)
        return None if key is None else (None, caller_with(key))

    def authenticate_header(self, request: Request) -> str:
        """Return what 401 asks for."""
        return KeyRefused.auth_header
