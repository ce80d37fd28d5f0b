"""What a setting may be: the shapes of those that are more than a number, and the check of every value that is given.

Knows names and values, not the object that holds them (localconnect.settings).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NotRequired, TypedDict, cast, final

from localconnect.media.network import parse_address, parse_ports

ANY_ORIGIN = "*"
MAX_NUMBER = 1e9
_ATTRIBUTE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class RateLimit(TypedDict):
    """A token bucket: `rate` requests a second in the long run, `burst` at once."""

    rate: float
    burst: float


@final
class HttpTarget(TypedDict):
    """Where contact events are POSTed; `key` travels as the header X-Events-Key."""

    url: str
    key: NotRequired[str | None]


@final
class QueueTarget(TypedDict):
    """The name of a message queue of this server that contact events are sent to."""

    queue: str


EventTarget = HttpTarget | QueueTarget
QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""What Amazon SQS lets a standard queue be called."""


class UnableToChangeSettings(ValueError):
    """A change names no setting or has an impossible value; the text says which and why."""


def checked(name: str, value: Any, current: Any) -> Any:
    """Return the value as the setting `name`, now `current`, takes it.

    :raises UnableToChangeSettings: it is none that the setting may have.
    """
    if name in _CHECKS:
        return _CHECKS[name](value, current)
    if isinstance(current, bool):
        if not isinstance(value, bool):
            raise UnableToChangeSettings(f"{name}: expected true or false")
        return value
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not 0 <= value <= MAX_NUMBER
    ):
        raise UnableToChangeSettings(f"{name}: expected a number from 0 to {MAX_NUMBER:g}")
    if isinstance(current, int) and not isinstance(value, int):
        raise UnableToChangeSettings(f"{name}: expected a whole number")
    return type(current)(value)


def _checked_replay(value: Any, _current: object) -> str:
    if value not in ("full", "contact_id_only"):
        raise UnableToChangeSettings("replay: expected full or contact_id_only")
    return cast("str", value)


def _checked_url(value: Any, _current: object) -> str | None:
    if value is None:
        return None
    return _http_url("public_url", value).rstrip("/")


def _checked_by(name: str, parse: Callable[[str], object]) -> Callable[[Any, object], str | None]:
    def check(value: Any, _current: object) -> str | None:
        try:
            return None if value is None else str(parse(str(value)) and value)
        except ValueError as error:
            raise UnableToChangeSettings(f"{name}: {error}") from None

    return check


def _http_url(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise UnableToChangeSettings(f"{name}: expected an http:// or https:// address")
    return value


def _checked_attribute(value: Any, _current: object) -> str:
    if not isinstance(value, str) or not _ATTRIBUTE.fullmatch(value):
        raise UnableToChangeSettings(
            "customer_attribute: expected a name of letters, digits, - and _, at most 100 of them"
        )
    return value


def _checked_tokens(value: Any, _current: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UnableToChangeSettings("expired_session_tokens: expected a list of strings")
    return value


def _checked_origins(value: Any, _current: object) -> list[str]:
    if not isinstance(value, list) or not all(
        isinstance(item, str) and (item == ANY_ORIGIN or _ORIGIN.fullmatch(item)) for item in value
    ):
        raise UnableToChangeSettings(
            "browser_origins: expected a list of origins such as https://shop.example, or *"
        )
    return value


def _checked_targets(value: Any, _current: object) -> list[EventTarget]:
    if not isinstance(value, list):
        raise UnableToChangeSettings(_EXPECTED_TARGETS)
    return [_checked_target({"url": item} if isinstance(item, str) else item) for item in value]


def _checked_target(target: Any) -> EventTarget:
    if not isinstance(target, dict):
        raise UnableToChangeSettings(_EXPECTED_TARGETS)
    if target.keys() == {"queue"}:
        name = target["queue"]
        if not isinstance(name, str) or not QUEUE_NAME.fullmatch(name):
            raise UnableToChangeSettings(
                "events_targets: a queue's name is 1 to 80 letters, digits, hyphens and underscores"
            )
        return QueueTarget(queue=name)
    if not target.keys() <= {"url", "key"}:
        raise UnableToChangeSettings(_EXPECTED_TARGETS)
    key = target.get("key")
    if key is not None and not isinstance(key, str):
        raise UnableToChangeSettings("events_targets: a key is a string")
    return HttpTarget(url=_http_url("events_targets", target.get("url")), key=key)


_EXPECTED_TARGETS = "events_targets: expected a list of {url, key} and {queue}"


def _checked_rate_limits(value: Any, current: dict[str, RateLimit]) -> dict[str, RateLimit]:
    if not isinstance(value, dict):
        raise UnableToChangeSettings("rate_limits: expected {operation: {rate, burst}}")
    merged = dict(current)
    for operation, limit in value.items():
        if not isinstance(limit, dict) or limit.keys() != {"rate", "burst"}:
            raise UnableToChangeSettings(f"rate_limits.{operation}: expected {{rate, burst}}")
        numbers = {
            key: checked(f"rate_limits.{operation}.{key}", limit[key], 0.0) for key in limit
        }
        merged[operation] = RateLimit(rate=numbers["rate"], burst=numbers["burst"])
    return merged


_CHECKS = {
    "customer_attribute": _checked_attribute,
    "replay": _checked_replay,
    "public_url": _checked_url,
    "expired_session_tokens": _checked_tokens,
    "browser_origins": _checked_origins,
    "events_targets": _checked_targets,
    "rate_limits": _checked_rate_limits,
    "media_ports": _checked_by("media_ports", parse_ports),
    "media_address": _checked_by("media_address", parse_address),
}
