"""The credentials that Amazon Connect is asked with: where they come from, whether newer ones have come, why they were refused.

boto3 renews a role's by itself, and reads a file or the environment once in a process's life. So when some are refused, they
are read again. Knows nothing of requests.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import boto3

REFUSAL_COUNTS_S = 60.0  # then only another request can tell
SKEW_ALLOWED_S = 300  # by Signature Version 4
_refusals: list[tuple[str, float]] = []  # the last one, until a request is accepted


@cache
def session() -> Any:
    """Return the session of the process's clients."""
    return boto3.session.Session()


def has_credentials() -> bool:
    """Whether boto3 finds credentials in any of the places it looks."""
    return boto3.session.Session().get_credentials() is not None


def take_newer() -> bool:
    """Look for credentials again, and have the next session use them. Returns whether they are others than before."""
    if _of(session()) == _of(boto3.session.Session()):
        return False
    session.cache_clear()
    return True


def note_refusal(cause: str) -> None:
    """Keep why credentials were refused just now."""
    _refusals[:] = [(cause, time.monotonic())]


def note_acceptance() -> None:
    """Keep that credentials were accepted just now."""
    _refusals.clear()


def last_refusal() -> str | None:
    """Return why credentials were refused lately; None if they were not, or have been accepted since."""
    lately = time.monotonic() - REFUSAL_COUNTS_S
    return next((cause for cause, at in _refusals if at > lately), None)


def skew_told_by(response: Mapping[str, Any], *, now: float) -> str:
    """Say by how much this machine's clock differs from that of an answer, or nothing if that explains no refusal."""
    told = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        ahead_s = round(now - parsedate_to_datetime(told).timestamp())
    except (TypeError, ValueError):
        return ""
    if abs(ahead_s) < SKEW_ALLOWED_S:
        return ""
    direction = "ahead of" if ahead_s > 0 else "behind"
    return f": this machine's clock is {abs(ahead_s)} s {direction} Amazon Connect's"


def _of(owner: Any) -> tuple[str, str, str | None] | None:
    credentials = owner.get_credentials()
    if credentials is None:
        return None
    frozen = credentials.get_frozen_credentials()
    return frozen.access_key, frozen.secret_key, frozen.token
