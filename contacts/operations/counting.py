"""Counts the states that contacts enter, and how long each took, once that is committed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from prometheus_client import Histogram

from contacts import metrics
from contacts.choices import ContactState
from contacts.models import Contact


def count_state_on_commit(contact: Contact) -> None:
    """Count the state that a contact enters, and how long it took, as they are once the transaction has committed."""
    transaction.on_commit(lambda: _count_state(contact))


def _count_state(contact: Contact) -> None:
    metrics.CALL_STATES.labels(contact.state).inc()
    if contact.state == ContactState.INITIATED:
        _observe(metrics.CALL_START_S, contact.requested_at, contact.initiated_at)
    elif contact.state == ContactState.CONNECTED:
        _observe(metrics.CALL_WAIT_S, contact.requested_at, contact.connected_at)
    elif contact.state == ContactState.ENDED:
        metrics.CALL_ENDS.labels(contact.end_reason or "unknown").inc()
        _observe(metrics.CALL_TALK_S, contact.connected_at, contact.ended_at)
    elif contact.state == ContactState.FAILED:
        metrics.CALL_FAILURES.labels(contact.failure_code).inc()


def _observe(histogram: Histogram, began_at: datetime | None, at: datetime | None) -> None:
    """Measure a time, if both its ends are known. Clocks of two parties may say that it was less than none."""
    if began_at is not None and at is not None:
        histogram.observe(max(0.0, (at - began_at).total_seconds()))
