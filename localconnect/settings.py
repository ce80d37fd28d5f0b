"""Every tunable of localconnect, with its default and what it means.

`GET /_local/settings` lists the fields of `Settings`; `PATCH /_local/settings` changes them while the server runs, so
whoever needs a value reads it from the shared object at the moment of use. Assumed behaviour of Amazon Connect (what
its documentation leaves open) belongs here as a named setting, never as a constant elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

from localconnect.setting_values import (
    ANY_ORIGIN,
    EventTarget,
    RateLimit,
    UnableToChangeSettings,
    checked,
)

T = TypeVar("T")

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
    "sqs:*": (100_000, 100_000),
}


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
        metadata={
            "meaning": "Token bucket of each operation; * is for those not listed, sqs:* for those of SQS."
        },
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
    desk_transfer_keeps_contact: bool = _tunable(
        False,
        "Whether a call that an agent sends to a queue stays the same contact; false: a new one carries it on.",
    )
    requeue_when_agent_lost: bool = _tunable(
        True,
        "Whether a call whose agent's connection broke goes back to the front of its queue; false ends it.",
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
    waiting_is_audible: bool = _tunable(
        True, "Whether customers hear greeting and music while they wait, and music on hold."
    )
    announce_position_s: float = _tunable(
        0.0, "How often a waiting customer hears the place in the queue, as beeps; 0: never."
    )
    people_in_call: int = _tunable(
        6, "People a call has room for, its agent included; who joins beyond that is sent away."
    )
    invitations_per_call: int = _tunable(
        100, "People invited into one call at a time before ServiceQuotaExceededException."
    )
    supervisors_per_call: int = _tunable(
        2, "Supervisors who may listen to one call before ServiceQuotaExceededException."
    )
    customer_attribute: str = _tunable(
        "customer_id", "The attribute by which the desk knows a customer's earlier contacts."
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
    media_ports: str | None = _tunable(
        None, "UDP ports that media of new connections may use, e.g. 40000-40199; null: any."
    )
    media_address: str | None = _tunable(
        None, "The only IP address clients are told to send media to; null: all of this host's."
    )
    media_process_silent_s: float = _tunable(
        5.0,
        "How long a media process may not answer before it is ended and another takes up its calls.",
    )
    browser_origins: list[str] = field(
        default_factory=lambda: [ANY_ORIGIN],
        metadata={
            "meaning": "Origins whose pages may call /participant/*, e.g. https://shop.example; * for any, none if empty."
        },
    )
    max_connections: int = _tunable(
        12_000, "Connections there may be at once; fewer where file descriptors are scarce."
    )
    idle_connection_s: float = _tunable(
        65.0, "How long a connection may wait for its first or next request."
    )
    request_head_s: float = _tunable(10.0, "How long a request's head may take to arrive.")
    request_body_s: float = _tunable(30.0, "How long a request's body may take to arrive.")
    signaling_join_s: float = _tunable(
        15.0, "How long a signalling socket may stay open before its client joins the meeting."
    )
    stalled_client_s: float = _tunable(
        30.0, "How long a client may leave an answer unread before its connection is cut."
    )
    events_targets: list[EventTarget] = field(
        default_factory=list,
        metadata={
            "meaning": "Where contact events go: a list of {url, key} to POST to and {queue} to send to."
        },
    )
    events_history: int = _tunable(
        1000, "Published events kept for GET /_local/events and for replay; the oldest go first."
    )
    queue_bytes: int = _tunable(
        64 * 1024 * 1024, "Bytes of messages that one message queue holds; the oldest go first."
    )
    queue_pause_s: float = _tunable(
        60.0,
        "How long after PurgeQueue no further one is allowed, nor CreateQueue after DeleteQueue of that name.",
    )
    events_timeout_s: float = _tunable(5.0, "How long a target may take to answer one event.")
    events_attempts: int = _tunable(
        186, "Attempts to POST one event before it is given up: the first, and 185 retries."
    )
    events_max_age_s: float = _tunable(86_400.0, "How long an event is retried.")
    events_retry_s: float = _tunable(
        0.5, "Pause before the second attempt; it doubles with each further one."
    )
    events_retry_max_s: float = _tunable(60.0, "The longest pause between two attempts.")

    def rate_limit(self, operation: str) -> RateLimit:
        """The token bucket of `operation`."""
        service, colon, _ = operation.rpartition(":")
        return self.rate_limits.get(operation) or self.rate_limits[f"{service}{colon}*"]

    def listed(self) -> dict[str, Any]:
        """Every setting by name, as JSON values; the keys of event targets are masked."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["events_targets"] = [
            target
            if "queue" in target
            else {"url": target["url"], "key": "***" if target.get("key") else None}
            for target in self.events_targets
        ]
        return values

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set all of `changes` or, when one is wrong, none.

        `rate_limits` is merged by operation; every other value is replaced.

        :raises UnableToChangeSettings: an unknown name or an impossible value.
        """
        known = {item.name for item in fields(self)}
        wanted: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise UnableToChangeSettings(f"{name}: there is no such setting")
            wanted[name] = checked(name, value, getattr(self, name))
        for name, value in wanted.items():
            setattr(self, name, value)

    def restore(self, source: Settings) -> None:
        """Take every value of `source` over."""
        for item in fields(self):
            value = getattr(source, item.name)
            setattr(self, item.name, value.copy() if isinstance(value, dict | list) else value)
