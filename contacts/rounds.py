"""What every worker does again and again beside its tasks, each in a thread of its own. One domain operation each.

Several workers may run: ended calls are decided by the database, and places are asked for by the holder of a lease.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections
from django.utils import timezone

from contacts import errors, metrics
from contacts.operations import (
    availabilities,
    customer_presence,
    queue_places,
    reconciling,
    retention,
    settling,
)
from contacts.request_rates import interval_s

logger = logging.getLogger(__name__)

IDLE_S = 1.0
OLD_DATA_EVERY_S = 60.0
AFTER_FAILURE_S = 5.0


_others: dict[str, Callable[[], float]] = {}


def go_also(name: str, one_round: Callable[[], float]) -> None:
    """Have every worker go one more round, of an app that this one does not know of."""
    _others[name] = one_round


def begin(worker: str) -> None:
    """Start the rounds of a worker with that name; they end with the process."""
    rounds: dict[str, Callable[[], float]] = {
        **_others,
        "abandoned-calls": end_abandoned_calls,
        "availabilities": publish_availabilities,
        "queue-figures": lambda: refresh_figures(worker),
        "opening-hours": lambda: refresh_hours(worker),
        "quiet-contacts": lambda: reconcile_next_contact(worker),
        "old-data": lambda: forget_what_is_old(worker),
        "queue-places": lambda: refresh_next_place(worker),
        "unfinished-starts": lambda: settle_next_start(worker),
    }
    for name, one_round in rounds.items():
        threading.Thread(target=_repeat, args=(name, one_round), name=name, daemon=True).start()


def end_abandoned_calls() -> float:
    """End the calls whose customers are gone. Returns the seconds until the next round."""
    ended = customer_presence.end_abandoned_calls(clock=timezone.now)
    if ended:
        logger.info("abandoned_calls_ended", extra={"count": ended})
    return IDLE_S


def refresh_next_place(poller: str) -> float:
    """Ask for one contact's place in the queue. Returns the seconds until the next round."""
    asked = queue_places.refresh_next_place(poller=poller, clock=timezone.now)
    return interval_s("GetContactMetrics") if asked else IDLE_S


def publish_availabilities() -> float:
    """Publish what changed of entry points, be it that one has just opened. Returns the seconds until the next round."""
    availabilities.publish_changes(at=timezone.now())
    return IDLE_S


def refresh_figures(worker: str) -> float:
    """Ask for the figures of queues. Returns the seconds until the next round."""
    availabilities.refresh_figures(worker=worker, clock=timezone.now)
    return IDLE_S


def refresh_hours(worker: str) -> float:
    """Ask for the hours of one entry point. Returns the seconds until the next round."""
    availabilities.refresh_hours(worker=worker, clock=timezone.now)
    return IDLE_S


def reconcile_next_contact(worker: str) -> float:
    """Ask about one contact of which nothing is heard. Returns the seconds until the next round."""
    asked = reconciling.reconcile_next_contact(worker=worker, clock=timezone.now)
    # At most half of what the account allows: customers' own requests come first.
    return 2 * interval_s("DescribeContact") if asked else IDLE_S


def settle_next_start(worker: str) -> float:
    """Give up one start that nobody finished. Returns the seconds until the next round."""
    settled = settling.settle_next_start(worker=worker, clock=timezone.now)
    # At most half of what the account allows: customers' own starts come first.
    return 2 * interval_s("StartWebRTCContact") if settled else IDLE_S


def forget_what_is_old(worker: str) -> float:
    """Erase and delete one batch of what is too old. Returns the seconds until the next round."""
    more = retention.forget_what_is_old(worker=worker, clock=timezone.now)
    return IDLE_S if more else OLD_DATA_EVERY_S


def _repeat(name: str, one_round: Callable[[], float]) -> None:
    while True:
        try:
            pause_s = one_round()
            metrics.ROUNDS.labels(name, "ok").inc()
        except (
            errors.ConnectError
        ) as error:  # which passes, or which the check of the connection explains
            told = {"round": name, "code": error.code, "cause": str(error)}
            logger.warning("round_unanswered", extra=told)
            metrics.ROUNDS.labels(name, "unanswered").inc()
            pause_s = AFTER_FAILURE_S
        except Exception:
            logger.exception("round_failed", extra={"round": name})
            metrics.ROUNDS.labels(name, "failed").inc()
            pause_s = AFTER_FAILURE_S
        finally:
            close_old_connections()
        time.sleep(pause_s)
