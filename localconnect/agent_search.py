"""Tells a customer's page what becomes of the search for an agent: one is being asked, has not come, or was lost.

An assumption, like hold: Amazon Connect tells a customer nothing until an agent has joined. Pages that do not know the
topic take no notice.
"""

from __future__ import annotations

import json
from enum import StrEnum

from localconnect.contacts import Contact
from localconnect.media.meetings import Meetings

AGENT_TOPIC = "VIDEO_CALL_AGENT"


class News(StrEnum):
    """The messages there are."""

    OFFERED = "AgentOffered"
    MISSED = "AgentMissed"
    LOST = "AgentLost"


class AgentSearch:
    """The voice of the queue in a call's meeting."""

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings

    def tell(self, contact: Contact, news: News) -> None:
        """Say it to everybody in the call. A visit to a call is nothing that its customer waits for."""
        meeting = self._meetings.find(contact.meeting_id)
        if meeting is None or contact.host is not None:
            return
        # There may be no agent in whose name to say it: somebody whom nobody sees comes and goes.
        voice = meeting.add_attendee(
            external_user_id=f"{contact.queue.id}-queue",
            capabilities=frozenset(),
            only_listens=True,
        )
        meeting.send_as(voice, AGENT_TOPIC, json.dumps({"message": news}).encode())
        meeting.remove_attendee(voice)

    def remind(self, contact: Contact) -> None:
        """Tell how the search stands to who has joined, or come back, and may have missed it."""
        if contact.is_over or contact.connected_at is not None:
            return
        if contact.offered_to is not None or contact.agent_id is not None:
            self.tell(contact, News.OFFERED)
        elif contact.agent_was_lost:
            self.tell(contact, News.LOST)
