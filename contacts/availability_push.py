"""Pushes each new version of an entry point's availability to the sockets that watch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from contacts import publishing
from contacts.availability import last_shown_frame
from contacts.models import Availability, EntryPoint
from contacts.topics import Frame, Topic


def publish_on_commit(entry_point: EntryPoint) -> None:
    """Tell every process of the entry point's availability as it is once the transaction has committed."""
    publishing.publish_on_commit(AVAILABILITY, entry_point.slug)


def _newer_frames(known: Mapping[str, int]) -> dict[str, Frame]:
    """Return the frames of those entry points whose availability is of a version above the given one."""
    rows = Availability.objects.of_slugs(known)
    return {
        row.entry_point.slug: last_shown_frame(row)
        for row in rows
        if row.shown and row.version > known[row.entry_point.slug]
    }


def _note_watched(slugs: Iterable[str], at: datetime) -> None:
    Availability.objects.of_slugs(slugs).note_watched(at=at)


AVAILABILITY = Topic("contacts.availability", _newer_frames, _note_watched)
