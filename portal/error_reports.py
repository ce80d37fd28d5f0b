"""Reports errors to Sentry, for sites that set `SENTRY_DSN` and have installed its SDK: what failed and where, never with what.

Bodies, cookies, headers, queries and local variables are not sent at all; what looks like a secret of ours is taken
out of the rest, whoever put it there.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.logs import LINK

HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"""
    vcp_(?:live|test)_[A-Za-z0-9_]+             # partners' keys
    | whsec_[A-Za-z0-9+/=]+                     # webhooks' secrets
    | gAAAA[A-Za-z0-9_=-]{20,}                  # what contacts.sealing seals
    | eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*  # signed identities
    | (?:AKIA|ASIA)[A-Z0-9]{16}                 # AWS's access keys
    | (?i:bearer|basic)\s+\S+
    | (?P<scheme>\w+://[^\s:/@]+:)[^\s@]+@      # a password in an address
    """,
    re.VERBOSE,
)
KEPT_OF_REQUEST = ("method", "url")


def begin(*, dsn: str, environment: str) -> None:
    """Report errors from here on; without an address, nothing is.

    :raises ImproperlyConfigured: the SDK is not installed.
    """
    if not dsn:
        return
    try:
        import sentry_sdk
    except ImportError:
        hint = "pip install --require-hashes -r requirements/sentry.txt"
        raise ImproperlyConfigured(f"SENTRY_DSN is set: {hint}") from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrubbed,
    )


def scrubbed(event: Any, _hint: Any) -> Any:
    """Return a report without what must not leave the portal."""
    request = event.get("request") or {}
    event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    event.get("extra", {}).pop("sys.argv", None)  # commands are given names, numbers and keys
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    return _clean(event)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return SECRETS.sub(_hide, LINK.sub(r"/\1/…", value))
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items() if name != "vars"}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


def _hide(found: re.Match[str]) -> str:
    return f"{found['scheme']}{HIDDEN}@" if found["scheme"] else HIDDEN
