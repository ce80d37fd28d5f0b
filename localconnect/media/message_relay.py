"""Carries data messages from one attendee to all the others, and to those who join later while they live.

Which messages pass is decided in data_messages.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from localconnect.media import frames
from localconnect.media import signaling_pb2 as pb
from localconnect.media.attendee import Attendee
from localconnect.media.data_messages import DataMessage, DataMessages
from localconnect.media.endpoint import Endpoint
from localconnect.media.roster import Roster

_REPLAYED_AT_ONCE = 16
"""Data messages in one frame of a replay: below 64 KiB whatever they hold."""


class MessageRelay:
    """The data messages of one meeting, on their way."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._messages = DataMessages()

    def relay(self, endpoint: Endpoint, messages: Iterable[pb.DataMessage]) -> None:
        """Pass a client's messages on to everybody else, and back to it those that are too many."""
        if not endpoint.is_listed:
            return
        throttled = self._deliver(
            DataMessage(
                topic=message.topic,
                data=message.data,
                lifetime_ms=message.lifetime_ms,
                sender_attendee_id=endpoint.roster_id,
                sender_external_user_id=endpoint.attendee.external_user_id,
            )
            for message in messages
        )
        if throttled:
            endpoint.client.send(frames.data_messages(throttled))

    def send_as(self, attendee: Attendee, topic: str, data: bytes) -> None:
        """Send everybody else a message of `attendee`, whose client need not be connected."""
        self._deliver([DataMessage(topic, data, 0, attendee.id, attendee.external_user_id)])

    def replay_to(self, endpoint: Endpoint) -> None:
        """Send somebody who has joined what still lives."""
        if endpoint.content:
            return  # a content share is its owner once more, who has them
        alive = list(self._messages.alive(endpoint.roster_id, time.time_ns()))
        for start in range(0, len(alive), _REPLAYED_AT_ONCE):
            endpoint.client.send(frames.data_messages(alive[start : start + _REPLAYED_AT_ONCE]))

    def _deliver(self, messages: Iterable[DataMessage]) -> list[DataMessage]:
        """Deliver messages of one sender; the result are those that were too many."""
        accepted, throttled = self._messages.take(messages, time.time_ns())
        if accepted:
            frame = frames.data_messages(accepted)
            sender = accepted[0].sender_attendee_id
            for other in self._roster:
                if other.roster_id != sender and not other.content:
                    other.client.send(frame)
        return throttled
