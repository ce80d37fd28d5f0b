"""What Prometheus is shown, and who may see it: what this process has counted, and what the database says now.

The figures of the database are the same whichever process tells them; while it is away, they are left out.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Case, Count, F, Min, When
from django.utils import timezone

from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from contacts.choices import ContactState
from contacts.metrics import REGISTRY
from contacts.models import Contact, DeadLetter

logger = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def may_read(authorization: str, address: str) -> bool:
    """Whether somebody at an address, with that `Authorization`, may see the metrics: by the token, or by where they are."""
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return True
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    known = getattr(known, "ipv4_mapped", None) or known
    return any(known in network for network in settings.METRICS_NETWORKS)


def page() -> bytes:
    """Return the metrics as Prometheus reads them."""
    return generate_latest(_whole)


class _Figures(Collector):
    """What the database says."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask for figures; indexes answer each, however many calls there were."""
        try:
            yield from list(_figures())
        except DatabaseError:
            logger.warning("figures_not_read", exc_info=True)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked until somebody reads."""
        return []


def _figures() -> Iterator[GaugeMetricFamily]:
    calls = GaugeMetricFamily(
        "portal_calls_open", "Calls that are not over, by their state.", labels=["state"]
    )
    counted = Contact.objects.active().order_by().values_list("state").annotate(Count("pk"))
    by_state = dict(counted)
    for state in (one for one in ContactState if not one.is_over):
        calls.add_metric([state.value], by_state.get(state.value, 0))
    yield calls
    now = timezone.now()
    due = DBTaskResult.objects.ready()
    yield GaugeMetricFamily("portal_tasks_due", "Tasks that wait for a worker.", due.count())
    # A task to be run at once has a time to be run at that never comes.
    since = Case(When(run_after__gt=now, then=F("enqueued_at")), default=F("run_after"))
    oldest = due.aggregate(oldest=Min(since))["oldest"]
    waits_s = (now - oldest).total_seconds() if oldest else 0.0
    yield GaugeMetricFamily(
        "portal_task_wait_seconds", "How long the oldest of them has waited.", waits_s
    )
    yield GaugeMetricFamily(
        "portal_dead_letters",
        "Contact events that could not be read, until somebody has looked at them.",
        DeadLetter.objects.count(),
    )


_whole = CollectorRegistry()
_whole.register(REGISTRY)
_whole.register(_Figures())
ProcessCollector(registry=_whole)
