"""What the portal counts and measures of itself, for Prometheus: every metric by its name, and what its labels may be.

Each process counts its own, and is asked by itself; sums are made where they are read. No label has values that strangers
or Amazon Connect could add to: there are as many as this project's own tables have. Listed in docs/reference/metrics.md.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a time beside each count would double what is stored

REGISTRY = CollectorRegistry()
QUICK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)
PATIENT_S = (1, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)

CALL_STATES = Counter(
    "portal_call_states", "Calls that entered a state.", ["state"], registry=REGISTRY
)
CALL_FAILURES = Counter(
    "portal_call_failures", "Calls that could not be started.", ["code"], registry=REGISTRY
)
CALL_ENDS = Counter(
    "portal_call_ends", "Calls that were started and ended.", ["reason"], registry=REGISTRY
)
CALL_START_S = Histogram(
    "portal_call_start_seconds",
    "From a call's request to Amazon Connect's having it.",
    buckets=QUICK_S,
    registry=REGISTRY,
)
CALL_WAIT_S = Histogram(
    "portal_call_wait_seconds",
    "From a call's request to its agent.",
    buckets=PATIENT_S,
    registry=REGISTRY,
)
CALL_TALK_S = Histogram(
    "portal_call_talk_seconds",
    "From a call's agent to its end.",
    buckets=PATIENT_S,
    registry=REGISTRY,
)
CONNECT_REQUESTS = Counter(
    "portal_connect_requests",
    "Requests to Amazon Connect, each attempt by itself.",
    ["operation", "outcome"],
    registry=REGISTRY,
)
CONNECT_REQUEST_S = Histogram(
    "portal_connect_request_seconds",
    "How long Amazon Connect took.",
    ["operation"],
    buckets=QUICK_S,
    registry=REGISTRY,
)
CONNECT_REFUSALS = Counter(
    "portal_connect_refusals",
    "Requests that were not made: Amazon Connect is left alone, too many came, or its rate is used up.",
    ["operation", "guard"],
    registry=REGISTRY,
)
CONTACT_EVENTS = Counter(
    "portal_contact_events",
    "Contact events that came.",
    ["outcome"],
    registry=REGISTRY,
)
WEBHOOK_ATTEMPTS = Counter(
    "portal_webhook_attempts",
    "Attempts to deliver a webhook.",
    ["outcome"],
    registry=REGISTRY,
)
WEBHOOK_ATTEMPT_S = Histogram(
    "portal_webhook_attempt_seconds",
    "How long receivers took to answer, or did not.",
    buckets=QUICK_S,
    registry=REGISTRY,
)
SOCKETS = Gauge("portal_sockets", "Status sockets that are open.", ["topic"], registry=REGISTRY)
ROUNDS = Counter(
    "portal_worker_rounds", "Rounds of the worker.", ["round", "outcome"], registry=REGISTRY
)
REQUESTS = Counter(
    "portal_http_requests",
    "Requests that were answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
REQUEST_S = Histogram(
    "portal_http_request_seconds",
    "How long an answer took.",
    ["route"],
    buckets=QUICK_S,
    registry=REGISTRY,
)
