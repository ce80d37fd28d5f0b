"""Every tunable of localconnect, with its default and what it means, and the demo identity.

`GET /_local/settings` lists the fields of `Settings`; `PATCH /_local/settings` changes them while the server runs, so
whoever needs a value reads it from the shared object at the moment of use. Assumed behaviour of Amazon Connect (what
its documentation leaves open) belongs here as a named setting, never as a constant elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NotRequired, TypedDict, TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """The account, credentials and resources that exist without any configuration."""

    access_key: str = "localconnect"
    secret_key: str = "localconnect-secret"  # noqa: S105 - a published demo credential
    region: str = "us-east-1"
    account_id: str = "000000000000"
    instance_id: str = "11111111-1111-4111-8111-111111111111"
    flow_id: str = "22222222-2222-4222-8222-222222222222"
    saved_flow_id: str = "22222222-2222-4222-8222-222222222223"
    queue_id: str = "33333333-3333-4333-8333-333333333333"

    @property
    def instance_arn(self) -> str:
        return f"arn:aws:connect:{self.region}:{self.account_id}:instance/{self.instance_id}"


DEMO = Identity()


class RateLimit(TypedDict):
    """A token bucket: `rate` requests a second in the long run, `burst` at once."""

    rate: float
    burst: float


class EventTarget(TypedDict):
    """Where contact events are POSTed; `key` travels as the header X-Events-Key."""

    url: str
    key: NotRequired[str | None]


_RATES: dict[str, tuple[float, float]] = {
    "*": (2, 5),
    "StartWebRTCContact": (2, 5),
    "CreateParticipant": (5, 8),
    "CreateParticipantConnection": (6, 9),
    "DisconnectParticipant": (3, 5),
    "SendMessage": (10, 15),
    "SendEvent": (10, 15),
    "StopContact": (10, 15),
    "DescribeContact": (10, 15),
    "UpdateContact": (10, 15),
    "GetContactAttributes": (10, 15),
    "UpdateContactAttributes": (10, 15),
    "ListContactReferences": (10, 15),
    "TagContact": (20, 25),
    "UntagContact": (20, 25),
    "ListQueues": (10, 15),
    "DescribeQueue": (10, 15),
    "GetCurrentMetricData": (5, 8),
    "GetMetricDataV2": (10, 15),
    "UpdateContactRoutingData": (20, 25),
}


class UnableToChangeSettings(ValueError):
    """A change names no setting or has an impossible value; the text says which and why."""


def _tunable(default: T, meaning: str) -> T:
    value: T = field(default=default, metadata={"meaning": meaning})
    return value


def _default_rate_limits() -> dict[str, RateLimit]:
    return {name: RateLimit(rate=rate, burst=burst) for name, (rate, burst) in _RATES.items()}


@dataclass(slots=True, kw_only=True)
class Settings:
    """What can be tuned. Durations end in `_s` and are seconds."""

    rate_limits: dict[str, RateLimit] = field(
        default_factory=_default_rate_limits,
        metadata={"meaning": "Token bucket of each operation; * is for those not listed."},
    )
    concurrent_calls: int = _tunable(
        10, "Contacts that may live at once before LimitExceededException."
    )
    never_arrived_s: float = _tunable(
        60.0, "A customer whose media has not joined by then ends as CUSTOMER_NEVER_ARRIVED."
    )
    rejoin_window_s: float = _tunable(
        60.0, "How long someone whose connection broke may come back."
    )
    presence_grace_s: float = _tunable(
        5.0, "How long a broken connection is hidden from the other people of a call."
    )
    ring_s: float = _tunable(20.0, "How long an agent is rung before the offer counts as missed.")
    agent_join_s: float = _tunable(
        20.0, "How long after accepting the agent's media may take to join."
    )
    wrap_up_s: float = _tunable(30.0, "After-contact work of an agent at the desk; 0 for none.")
    max_call_s: float = _tunable(86_400.0, "The longest life of a meeting, and so of a contact.")
    replay: Literal["full", "contact_id_only"] = _tunable(
        "full",
        "What a repeated ClientToken is answered with: the whole first reply, or its ContactId alone.",
    )
    client_token_s: float = _tunable(604_800.0, "How long a ClientToken is remembered.")
    flow_waits_for_media: bool = _tunable(
        True,
        "Queue a contact when its customer's media joins; false queues it at once and lets it wait without media.",
    )
    retained_contacts: int = _tunable(
        10_000, "Ended contacts kept for DescribeContact; the oldest go first."
    )
    people_in_call: int = _tunable(
        6, "People a call has room for, its agent included; who joins beyond that is sent away."
    )
    invitations_per_call: int = _tunable(
        100, "People invited into one call at a time before ServiceQuotaExceededException."
    )
    call_ends_with_customer: bool = _tunable(
        True,
        "Whether a call ends for all when its first customer leaves; false lets agent and guests go on.",
    )
    first_customer_may_reconnect: bool = _tunable(
        True, "Whether the first customer's ParticipantToken also yields a WEBRTC_CONNECTION."
    )
    connection_token_s: float = _tunable(86_400.0, "How long a ConnectionToken is good for.")
    websocket_open_s: float = _tunable(
        100.0, "How soon the address of a participant's WebSocket must be opened."
    )
    dtmf_digits: int = _tunable(20, "Keys that one audio/dtmf message may hold.")
    contact_tags: int = _tunable(6, "Tags that a contact may have besides Amazon Connect's own.")
    handling_s: float = _tunable(
        120.0,
        "What ESTIMATED_WAIT_TIME reckons with: how long one agent is busy with one contact.",
    )
    search_range_s: float = _tunable(
        8 * 7 * 86_400.0, "The longest time range that SearchContacts looks through."
    )
    transfer_calls: bool = _tunable(
        False,
        "Whether TransferContact moves calls too; Amazon Connect documents it for tasks and e-mail only.",
    )
    effective_hours_days: int = _tunable(
        366, "The longest range of days for GetEffectiveHoursOfOperations."
    )
    signature_skew_s: float = _tunable(
        900.0, "How far a request's X-Amz-Date may be from this machine's clock."
    )
    expired_session_tokens: list[str] = field(
        default_factory=list,
        metadata={"meaning": "Session tokens answered with ExpiredTokenException."},
    )
    public_url: str | None = _tunable(
        None,
        "The address browsers reach this server at, e.g. https://connect.example; null: the Host of each request.",
    )
    events_targets: list[EventTarget] = field(
        default_factory=list,
        metadata={"meaning": "Where contact events are POSTed: a list of {url, key}."},
    )
    events_timeout_s: float = _tunable(5.0, "How long a target may take to answer one event.")
    events_attempts: int = _tunable(185, "Attempts to deliver one event before it is given up.")
    events_retry_s: float = _tunable(
        0.5, "Pause before the second attempt; it doubles with each further one."
    )
    events_retry_max_s: float = _tunable(60.0, "The longest pause between two attempts.")

    def rate_limit(self, operation: str) -> RateLimit:
        """The token bucket of `operation`."""
        return self.rate_limits.get(operation) or self.rate_limits["*"]

    def listed(self) -> dict[str, Any]:
        """Every setting by name, as JSON values; the keys of event targets are masked."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["events_targets"] = [
            {"url": target["url"], "key": "***" if target.get("key") else None}
            for target in self.events_targets
        ]
        return values

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set all of `changes` or, when one is wrong, none.

        `rate_limits` is merged by operation; every other value is replaced.

        :raises UnableToChangeSettings: an unknown name or an impossible value.
        """
        known = {item.name for item in fields(self)}
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise UnableToChangeSettings(f"{name}: there is no such setting")
            checked[name] = _checked(name, value, getattr(self, name))
        for name, value in checked.items():
            setattr(self, name, value)

    def restore(self, source: Settings) -> None:
        """Take every value of `source` over."""
        for item in fields(self):
            value = getattr(source, item.name)
            setattr(self, item.name, value.copy() if isinstance(value, dict | list) else value)


def _checked(name: str, value: Any, current: Any) -> Any:
    if name in _CHECKS:
        return _CHECKS[name](value, current)
    if isinstance(current, bool):
        if not isinstance(value, bool):
            raise UnableToChangeSettings(f"{name}: expected true or false")
        return value
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not 0 <= value < float("inf")
    ):
        raise UnableToChangeSettings(f"{name}: expected a number from 0 up")
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


def _http_url(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise UnableToChangeSettings(f"{name}: expected an http:// or https:// address")
    return value


def _checked_tokens(value: Any, _current: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UnableToChangeSettings("expired_session_tokens: expected a list of strings")
    return value


def _checked_targets(value: Any, _current: object) -> list[EventTarget]:
    if not isinstance(value, list):
        raise UnableToChangeSettings("events_targets: expected a list of {url, key}")
    targets = []
    for item in value:
        target = {"url": item} if isinstance(item, str) else item
        if not isinstance(target, dict) or not target.keys() <= {"url", "key"}:
            raise UnableToChangeSettings("events_targets: expected a list of {url, key}")
        key = target.get("key")
        if key is not None and not isinstance(key, str):
            raise UnableToChangeSettings("events_targets: a key is a string")
        targets.append(EventTarget(url=_http_url("events_targets", target.get("url")), key=key))
    return targets


def _checked_rate_limits(value: Any, current: dict[str, RateLimit]) -> dict[str, RateLimit]:
    if not isinstance(value, dict):
        raise UnableToChangeSettings("rate_limits: expected {operation: {rate, burst}}")
    merged = dict(current)
    for operation, limit in value.items():
        if not isinstance(limit, dict) or limit.keys() != {"rate", "burst"}:
            raise UnableToChangeSettings(f"rate_limits.{operation}: expected {{rate, burst}}")
        numbers = {
            key: _checked(f"rate_limits.{operation}.{key}", limit[key], 0.0) for key in limit
        }
        merged[operation] = RateLimit(rate=numbers["rate"], burst=numbers["burst"])
    return merged


_CHECKS = {
    "replay": _checked_replay,
    "public_url": _checked_url,
    "expired_session_tokens": _checked_tokens,
    "events_targets": _checked_targets,
    "rate_limits": _checked_rate_limits,
}
