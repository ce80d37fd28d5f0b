"""Contact events: written in EventBridge's envelope and sent to every target, at least once.

As in Amazon Connect, a receiver must expect events late, twice, or out of order, and `EventTrouble` makes that happen on
purpose. The latest events are kept, and can be sent again. Knows contacts as values, nothing of how they change.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import orjson

from localconnect.clock import Clock
from localconnect.contacts import Contact
from localconnect.event_envelope import Event, EventType, envelope
from localconnect.event_history import EventHistory
from localconnect.event_posts import EventPosts
from localconnect.event_replay import Replay
from localconnect.event_trouble import EventTrouble
from localconnect.journal import Journal
from localconnect.message_queues import MessageQueues
from localconnect.settings import Settings

_HOLD_BACK_S = 1.0


class ContactEvents:
    """Publishes events to the targets the settings name at that moment."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        queues: MessageQueues,
        journal: Journal | None = None,
    ) -> None:
        self.trouble = EventTrouble()
        self.history = EventHistory()
        self.posts = EventPosts(settings=settings, clock=clock, journal=journal)
        self._settings = settings
        self._clock = clock
        self._queues = queues
        self._held_back: dict[str, Event] = {}

    def publish(self, event_type: EventType, contact: Contact, *updated: str) -> None:
        """Tell every target that `event_type` has happened to `contact` just now. Returns at once.

        :param updated: for CONTACT_DATA_UPDATED, what has changed.
        """
        settings = self._settings
        if not settings.events_targets and not settings.events_history:
            return
        at = self._clock.time()
        body = orjson.dumps(envelope(event_type, contact, at=at, updated=updated))
        event = Event(
            contact.id, str(event_type), at, body, contact.initial_contact_id or contact.id
        )
        self.history.add(event, settings.events_history)
        self._send(event)

    def replay(self, events: Sequence[Event], replay: Replay) -> None:
        """Send events again, through whatever trouble there is; the history stays as it is. Returns at once."""
        for delay_s, event in replay.planned(events):
            if delay_s > 0:
                self._clock.call_later(delay_s, partial(self._send, event))
            else:
                self._send(event)

    async def close(self) -> None:
        """Give up what is under way."""
        await self.forget()
        await self.posts.close()

    async def forget(self) -> None:
        """Cancel every delivery, forget the history and stop making trouble."""
        self.trouble = EventTrouble()
        self.history.clear()
        self._held_back.clear()
        await self.posts.forget()

    def _send(self, event: Event) -> None:
        if not self._settings.events_targets or self.trouble.loses(event.type):
            return
        for _ in range(1 + self.trouble.duplicate):
            self._order(event)

    def _order(self, event: Event) -> None:
        if not self.trouble.reorder:
            self._delay(event)
        elif event.contact_id in self._held_back:
            self._delay(event)
            self._release(event.contact_id)
        else:
            self._held_back[event.contact_id] = event
            self._clock.call_later(_HOLD_BACK_S, partial(self._release, event.contact_id))

    def _release(self, contact_id: str) -> None:
        event = self._held_back.pop(contact_id, None)
        if event is not None:
            self._delay(event)

    def _delay(self, event: Event) -> None:
        if self.trouble.delay_ms:
            self._clock.call_later(self.trouble.delay_ms / 1000, partial(self._deliver, event))
        else:
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        for target in self._settings.events_targets:
            if "queue" in target:
                self._queues.for_events(target["queue"]).send(event.body.decode())
            else:
                self.posts.post(target, event)
