"""The socket of staff: which calls of their entry points changed, and how far each has come.

What it says holds no name of a customer, so that it is the same for everybody, and nothing has to be hidden. Names are in the pages.
It is written from what the hub carries anyway: however many watch, a change is read once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from contacts.access import contacts_of_staff, entry_points_of_staff, user_of_session
from contacts.choices import OVER_STATES, ParticipantRole
from contacts.consumers import ShowingConsumer
from contacts.hubs import EVERYTHING, HEARTBEAT, Changes, Mailbox
from contacts.push import CONTACTS
from contacts.snapshots import status_frame, timestamp
from contacts.socket_reads import in_read_thread, read_together
from contacts.topics import FRAME_FORMAT, Status

TYPE = "staff.contacts"
AT_MOST_EVERY_S = 0.25  # what changes meanwhile is told together
MOST_AT_FIRST = 500
LONGEST_AWAY = timedelta(hours=1)  # of which the end of calls is told to who comes again
SHOWN = (
    *("id", "reference", "entry_point", "state", "end_reason", "on_hold"),
    *("requested_at", "queued_at", "connected_at", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which calls a member of staff may see, as it was when it was last looked at."""

    user: User
    slugs: frozenset[str] | None
    """Of the entry points they were granted; None stands for every one."""

    def includes(self, slug: str) -> bool:
        """Whether the calls of an entry point are among them."""
        return self.slugs is None or slug in self.slugs


class StaffConsumer(ShowingConsumer):
    """Shows what goes on to one member of staff."""

    topic = CONTACTS
    sight: Sight | None = None
    has_sent = False

    def key_of_address(self) -> str:
        """Watch every contact."""
        return EVERYTHING

    async def read(self) -> Status | None:
        """Read what goes on, and what has ended since the page was written, if it is staff who ask."""
        self.sight = await self._look()
        if self.sight is None:
            return None
        since = _since(self.scope["query_string"])
        for status in await in_read_thread(_read_first, self.sight, since):
            if self.mailbox is not None:
                self.mailbox.put(status)
        return Status(EVERYTHING, 1, "")  # so that something is sent though nothing goes on

    async def take(self, mailbox: Mailbox) -> str | None:
        """Wait for changes of calls that they may see; None if they may see none any longer."""
        while isinstance(mailbox, Changes):  # as the hub makes them for everything
            if self.has_sent:
                await asyncio.sleep(AT_MOST_EVERY_S)
            changed, is_beat = await mailbox.take_all()
            if is_beat and await self._look_again() is None:
                return None
            told = [text for slug, text in map(_row_of, changed) if self._includes(slug)]
            if told or not self.has_sent:
                self.has_sent = True
                return _frame_of(told)
            if is_beat:
                return HEARTBEAT
        return None

    def _includes(self, slug: str) -> bool:
        return slug != EVERYTHING and self.sight is not None and self.sight.includes(slug)

    async def _look(self) -> Sight | None:
        session_key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        return await read_together(_read_sights, session_key) if session_key else None

    async def _look_again(self) -> Sight | None:
        self.sight = await self._look()
        return self.sight


@lru_cache(maxsize=1024)
def _row_of(status: Status) -> tuple[str, str]:
    """Return the slug of a call's entry point, and what staff are told of the call: nobody's name but the agents'."""
    if status.key == EVERYTHING:
        return EVERYTHING, ""
    contact = json.loads(status.text)["contact"]
    agents = [one for one in contact["participants"] if one["role"] == ParticipantRole.AGENT]
    row = {name: contact[name] for name in SHOWN} | {
        "version": status.version,
        "agents": [one["display_name"] for one in agents],
    }
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return contact["entry_point"], text


def _frame_of(rows: Iterable[str]) -> str:
    at = timestamp(timezone.now())
    return f'{{"v":{FRAME_FORMAT},"type":"{TYPE}","at":"{at}","contacts":[{",".join(rows)}]}}'


def _read_sights(session_keys: Collection[str]) -> dict[str, Sight]:
    """Return what the members of staff who are logged in by the sessions may see."""
    users = {key: user_of_session(key) for key in session_keys}
    return {
        key: Sight(user, _slugs_of(user))
        for key, user in users.items()
        if isinstance(user, User) and user.is_staff and user.has_perm("contacts.view_contact")
    }


def _slugs_of(user: User) -> frozenset[str] | None:
    if user.has_perm("contacts.see_every_entrypoint"):
        return None
    return frozenset(entry_points_of_staff(user).values_list("slug", flat=True))


def _read_first(sight: Sight, since: datetime | None) -> list[Status]:
    """Read the newest calls that go on, and those that ended since the client last knew."""
    visible = contacts_of_staff(sight.user).select_related("entry_point")
    shown = visible.prefetch_related("participants").order_by("-requested_at")
    found = list(shown.active()[:MOST_AT_FIRST])
    if since is not None:
        began = max(since, timezone.now() - LONGEST_AWAY)
        over = shown.filter(ended_at__gte=began, erased_at__isnull=True, state__in=OVER_STATES)
        found += over[:MOST_AT_FIRST]
    return [Status.of(str(contact.pk), status_frame(contact)) for contact in found]


def _since(query: bytes) -> datetime | None:
    """Return the time that the client gives, if it is one."""
    given = parse_qs(query.decode("latin-1")).get("since", [""])[0]
    try:
        at = parse_datetime(given)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
