"""Keeps what is known of entry points: asks Amazon Connect for hours and figures, and publishes what changed.

Entry points that nobody looks at are kept as well, at a slower pace, so that whoever looks next is told what is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from contacts.availability import (
    AvailabilityFrame,
    availability_frame,
    availability_of,
    is_news,
)
from contacts.availability_push import publish_on_commit
from contacts.connect_queues import (
    QUEUES_PER_REQUEST,
    opening_hours,
    queue_figures,
    queue_of_flow,
)
from contacts.models import Availability, EntryPoint, Lease

FIGURES_LEASE = "queue-figures"
HOURS_LEASE = "opening-hours"
LEASE_LENGTH = timedelta(seconds=15)  # a worker that died is replaced after this
WATCHED_FOR = timedelta(seconds=30)  # after somebody looked
HOURS_EVERY = timedelta(minutes=5)
UNWATCHED_HOURS_EVERY = timedelta(minutes=30)
UNWATCHED_FIGURES_EVERY = timedelta(minutes=1)
HOURS_AGAIN_AFTER = timedelta(minutes=1)  # after a failure
DAYS_AHEAD = 15
ROWS_PER_REQUEST = 1000


def read_availability(*, entry_point: EntryPoint, at: datetime) -> AvailabilityFrame:
    """Return an entry point's availability as it is known now. Writes nothing."""
    known = Availability.objects.filter(pk=entry_point.pk).first() or Availability()
    known.entry_point = entry_point
    return availability_frame(known, at=at)


def watch_availability(*, slug: str, at: datetime) -> AvailabilityFrame | None:
    """Return an entry point's availability and keep it fresh for a while, or None if there is no such entry point."""
    entry_point = EntryPoint.objects.filter(slug=slug).first()
    if entry_point is None:
        return None
    known, _ = Availability.objects.get_or_create(entry_point=entry_point)
    Availability.objects.filter(pk=known.pk).note_watched(at=at)
    return availability_frame(known, at=at)


def ask_anew(*, entry_point: EntryPoint, at: datetime) -> None:
    """Have hours and figures asked for at once, as the entry point may lead elsewhere now."""
    Availability.objects.filter(pk=entry_point.pk).update(
        hours_asked_at=None, figures_asked_at=None, watched_at=at
    )


def publish_changes(*, at: datetime) -> int:
    """Publish the availabilities looked at that are no longer as shown, be it that time has passed. Returns how many."""
    changed = 0
    watched = Availability.objects.select_related("entry_point").watched(since=at - WATCHED_FOR)
    for known in watched.prefetch_related("entry_point__hours_overrides"):
        now = availability_of(known, at=at)
        if is_news(known.shown or None, now) and known.show(dict(now)):
            publish_on_commit(known.entry_point)
            changed += 1
    return changed


def refresh_figures(*, worker: str, clock: Callable[[], datetime]) -> bool:
    """Ask for the figures of one instance's queues, in one request. Returns whether Amazon Connect was asked.

    It is not asked while all figures are fresh, or while another worker holds the lease.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    at = clock()
    every = timedelta(seconds=settings.QUEUE_FIGURES_EVERY_S)
    known = Availability.objects.select_related("entry_point").exclude(queue_id="")
    watched = known.watched(since=at - WATCHED_FOR)
    due = (
        watched.due_for_figures(asked_before=at - every).first()
        or known.due_for_figures(asked_before=at - UNWATCHED_FIGURES_EVERY).first()
    )
    if due is None or not Lease.hold(
        name=FIGURES_LEASE, holder=worker, at=at, length=LEASE_LENGTH
    ):
        return False
    instance_id = due.entry_point.instance_id
    rows = [due, *_others_of(instance_id, asked_before=at - every / 2, but=due)]
    queue_ids = list(dict.fromkeys(row.queue_id for row in rows))[:QUEUES_PER_REQUEST]
    asked = Availability.objects.filter(
        pk__in=[row.pk for row in rows if row.queue_id in queue_ids]
    )
    # Stored before the answer: an instance that cannot be asked must not keep the others waiting.
    asked.update(figures_asked_at=at)
    for queue_id, told in queue_figures(instance_id=instance_id, queue_ids=queue_ids).items():
        asked.filter(queue_id=queue_id).update(
            agents_online=told.agents_online,
            agents_available=told.agents_available,
            contacts_in_queue=told.contacts_in_queue,
            estimated_wait_s=told.estimated_wait_s,
            figures_at=at,
        )
    return True


def refresh_hours(*, worker: str, clock: Callable[[], datetime]) -> bool:
    """Ask for the hours of the entry point that was asked for longest ago. Returns whether Amazon Connect was asked.

    It is not asked while all hours are fresh, or while another worker holds the lease. After a failure, it is asked again
    within a minute.

    :raises ConnectError: Amazon Connect refused, failed, did not answer in time, or answered what cannot be read.
    """
    at = clock()
    _add_missing()
    known = Availability.objects.select_related("entry_point")
    watched = known.watched(since=at - WATCHED_FOR)
    due = (
        watched.due_for_hours(asked_before=at - HOURS_EVERY).first()
        or known.due_for_hours(asked_before=at - UNWATCHED_HOURS_EVERY).first()
    )
    if due is None or not Lease.hold(name=HOURS_LEASE, holder=worker, at=at, length=LEASE_LENGTH):
        return False
    row = Availability.objects.filter(pk=due.pk)
    row.update(hours_asked_at=at - UNWATCHED_HOURS_EVERY + HOURS_AGAIN_AFTER)
    _ask_for_hours(due, at)
    row.update(hours_asked_at=at)
    return True


def _add_missing() -> None:
    missing = EntryPoint.objects.filter(availability__isnull=True)
    Availability.objects.bulk_create(
        [Availability(entry_point=one) for one in missing], ignore_conflicts=True
    )


def _others_of(
    instance_id: str, *, asked_before: datetime, but: Availability
) -> list[Availability]:
    """Those whose figures the same request may bring along."""
    own = Q(entry_point__connect_instance_id=instance_id)
    if instance_id == settings.CONNECT_INSTANCE_ID:
        own |= Q(entry_point__connect_instance_id="")
    others = Availability.objects.exclude(queue_id="").exclude(pk=but.pk).filter(own)
    return list(others.due_for_figures(asked_before=asked_before)[:ROWS_PER_REQUEST])


def _ask_for_hours(known: Availability, at: datetime) -> None:
    entry_point = known.entry_point
    row = Availability.objects.filter(pk=known.pk)
    queue_id = entry_point.connect_queue_id.rpartition("/")[2] or queue_of_flow(
        instance_id=entry_point.instance_id, flow_id=entry_point.contact_flow_id
    )
    if queue_id != known.queue_id:
        row.update(queue_id=queue_id, schedule=None, figures_asked_at=None, figures_at=None)
    if queue_id:
        schedule = opening_hours(
            instance_id=entry_point.instance_id,
            queue_id=queue_id,
            first=at.date() - timedelta(days=1),
            last=at.date() + timedelta(days=DAYS_AHEAD),
        )
        row.update(schedule=schedule.to_json())
