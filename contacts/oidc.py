"""The provider that signs staff in, by OpenID Connect. The only module that knows Authlib, which does the protocol:

authorization code with PKCE, a state and a nonce of each attempt in the session, and an ID token whose signature, issuer,
audience, times and nonce are verified with the keys that the provider publishes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

ALGORITHMS = ["RS256", "ES256"]  # of ID tokens: by a key of the provider's, never by our secret
TIMEOUT_S = 5
LEEWAY_S = 60  # by which clocks may differ


class ProviderFailed(Exception):
    """The provider cannot be reached, or what came from it cannot be believed."""


def is_on() -> bool:
    """Whether a provider is configured."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def send_to_provider(request: HttpRequest, *, callback: str) -> HttpResponse:
    """Return the way to the provider, and keep in the session what the way back is held against.

    :raises ProviderFailed: it does not describe itself.
    """
    try:
        answer: HttpResponse = _provider().authorize_redirect(request, callback)
    except _failures() as error:
        raise _failed(error) from error
    return answer


def claims_of_callback(request: HttpRequest) -> Mapping[str, Any]:
    """Return what the provider vouches for, once: the state of an attempt is forgotten as soon as it comes back.

    :raises ProviderFailed: the state is not of this session, the provider refused, or its token is not to be believed.
    """
    options = {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
    }
    try:
        token = _provider().authorize_access_token(
            request, claims_options=options, leeway=LEEWAY_S
        )
        claims: Mapping[str, Any] = token["userinfo"]
    except _failures() as error:
        raise _failed(error) from error
    return claims


def _provider() -> Any:
    """Return the client of the provider, which has been described once."""
    client = _client(
        settings.OIDC_ISSUER,
        settings.OIDC_CLIENT_ID,
        settings.OIDC_CLIENT_SECRET,
        settings.OIDC_SCOPES,
    )
    described = client.load_server_metadata()
    if described.get("issuer") != settings.OIDC_ISSUER:
        _client.cache_clear()
        raise ProviderFailed("the description is of another issuer")
    described["id_token_signing_alg_values_supported"] = ALGORITHMS
    return client


@lru_cache(maxsize=4)
def _client(issuer: str, client_id: str, secret: str, scopes: str) -> Any:
    from authlib.integrations.django_client import OAuth  # read where a provider is configured

    return OAuth().register(
        "staff",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scopes,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )


def _failures() -> tuple[type[Exception], ...]:
    """Return what the libraries raise: for the protocol, tokens, the network, and what is no JSON or lacks a field."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    return (
        *(AuthlibBaseError, JoseError, RequestException, ProviderFailed),
        *(KeyError, TypeError, ValueError, RuntimeError),
    )


def _failed(error: Exception) -> ProviderFailed:
    """Log what failed by its kind alone: messages of libraries may quote tokens."""
    kind = getattr(error, "error", "") or type(error).__name__
    logger.warning("oidc_failed", extra={"kind": str(kind)[:60]})
    return ProviderFailed(type(error).__name__)
