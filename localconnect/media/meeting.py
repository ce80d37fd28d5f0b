"""One meeting: its attendees, who is present, which videos are published, and who must be told.

It owns the roster and the grace that hides short breaks. It must not know of WebSockets, SDP or sockets:
clients are reached through `Client`, packets pass elsewhere.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from localconnect.clock import Clock, Timer
from localconnect.media import frames
from localconnect.media import signaling_pb2 as pb
from localconnect.media.attendee import Attendee, Capability
from localconnect.media.audio import TICK_S, AudioBridge, AudioSender
from localconnect.media.endpoint import Client, Endpoint
from localconnect.media.pattern import PatternSource, prepared_pattern
from localconnect.media.video_index import VideoIndex
from localconnect.settings import Settings

JOINED_ELSEWHERE, MEETING_ENDED, REMOVED = 301, 410, 411

_LOUDEST_DB, _SILENT_DB = 14, 42


class MeetingObserver(Protocol):
    """Who wants to know. Called on the event loop; must not block."""

    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        """The attendee's media is connected, for the first time or after it had left."""

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        """The attendee said goodbye or, when `dropped`, has been lost for longer than the rejoin window."""


class Meeting:
    """A meeting and everything in it. Made by `Meetings.create`."""

    def __init__(self, *, settings: Settings, clock: Clock, observer: MeetingObserver) -> None:
        self.id = str(uuid.uuid4())
        self.bridge = AudioBridge()
        self.videos = VideoIndex()
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._attendees: dict[str, Attendee] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._roster: dict[int, Endpoint] = {}
        self._rejoin: dict[str, Timer] = {}
        self._audio_ids = itertools.count(1)
        self._tick: asyncio.TimerHandle | None = None

    # Attendees ------------------------------------------------------------------------------------------------

    @property
    def attendees(self) -> Mapping[str, Attendee]:
        """Everybody invited, by attendee id."""
        return MappingProxyType(self._attendees)

    def add_attendee(
        self, *, external_user_id: str, capabilities: frozenset[Capability]
    ) -> Attendee:
        """Invite somebody: the result holds the id and the join token."""
        attendee = Attendee(external_user_id=external_user_id, capabilities=capabilities)
        self._attendees[attendee.id] = attendee
        return attendee

    async def remove_attendee(self, attendee: Attendee) -> None:
        """Withdraw the invitation; a connected client is told that it was removed (411)."""
        self._attendees.pop(attendee.id, None)
        for endpoint in [e for e in self._endpoints.values() if e.attendee is attendee]:
            self.leave(endpoint)
            endpoint.client.finish(REMOVED)
        self._stop_waiting_for(attendee)
        self._set_left(attendee, dropped=False)

    async def attach_pattern(self, attendee: Attendee) -> None:
        """Let a moving test picture and a tone join as `attendee`, from inside this process."""
        pattern = await prepared_pattern()
        if attendee.id not in self._attendees:
            return  # removed, or the meeting ended, while the pattern was made
        source = PatternSource(pattern, self.bridge)
        endpoint = self.admit(attendee, content=False, client=source)
        video = None
        if Capability.VIDEO in attendee.capabilities:
            video = self.videos.publish(
                endpoint,
                payload_type=pattern.video_payload_type,
                ask_key_frame=source.restart,
                framerate=pattern.framerate,
                max_bitrate_kbps=pattern.max_bitrate_kbps,
                key_frame_interval_s=pattern.restart_interval_s,
            ).publication
        source.start(endpoint.audio, video)
        self.announce(endpoint)
        self.send_index()
        self.connected(endpoint)

    # Endpoints ------------------------------------------------------------------------------------------------

    def admit(self, attendee: Attendee, *, content: bool, client: Client) -> Endpoint:
        """Take a client in, in place of an earlier one of the same attendee. Others see it once it is announced."""
        endpoint = Endpoint(
            attendee=attendee,
            content=content,
            audio_stream_id=next(self._audio_ids),
            client=client,
            audio=AudioSender(attendee.id, muted=False),
        )
        former = self._endpoints.get(endpoint.roster_id)
        self._endpoints[endpoint.roster_id] = endpoint
        if former is not None and not former.lost:
            former.lost = True
            self.bridge.remove_sender(former.audio)
            self._hold(former)
            former.client.finish(JOINED_ELSEWHERE)
        self.bridge.add_sender(endpoint.audio)
        return endpoint

    def announce(self, endpoint: Endpoint) -> None:
        """Show it to the others, and everybody to it."""
        if not self._is_current(endpoint) or endpoint.visible:
            return
        former = [e for e in self._roster.values() if e.roster_id == endpoint.roster_id]
        endpoint.visible = True
        self._broadcast(frames.present([endpoint.entry()]))
        for old in former:
            # The new entry is known by now, so nobody sees the attendee leave.
            del self._roster[old.audio_stream_id]
            self._broadcast(frames.left(old.audio_stream_id, dropped=False))
        self._roster[endpoint.audio_stream_id] = endpoint
        endpoint.client.send(frames.present(e.entry() for e in self._roster.values()))
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(TICK_S, self._publish_levels)

    def connected(self, endpoint: Endpoint) -> None:
        """Its media transport stands."""
        if not self._is_current(endpoint) or endpoint.content:
            return
        self._stop_waiting_for(endpoint.attendee)
        if not endpoint.attendee.joined:
            endpoint.attendee.joined = True
            self._observer.attendee_joined(self, endpoint.attendee)

    def set_muted(self, endpoint: Endpoint, muted: bool) -> None:
        """Mute or unmute, and tell everybody."""
        if endpoint.audio.muted == muted:
            return
        self.bridge.set_muted(endpoint.audio, muted)
        if endpoint.visible:
            self._broadcast(frames.muted(endpoint.audio_stream_id, muted))

    def relay(self, endpoint: Endpoint, messages: Iterable[pb.DataMessage]) -> None:
        """Pass data messages on to everybody else."""
        frame = frames.data_messages(
            messages,
            attendee_id=endpoint.roster_id,
            external_user_id=endpoint.attendee.external_user_id,
        )
        for other in self._roster.values():
            if other is not endpoint:
                other.client.send(frame)

    def leave(self, endpoint: Endpoint) -> None:
        """It said goodbye."""
        if not self._is_current(endpoint):
            return
        del self._endpoints[endpoint.roster_id]
        endpoint.lost = True
        self.bridge.remove_sender(endpoint.audio)
        self._release(endpoint)
        self._hide(endpoint.roster_id, dropped=False)
        if self.videos.withdraw_all_of(endpoint.roster_id):
            self.send_index()
        if not endpoint.content:
            self._stop_waiting_for(endpoint.attendee)
            self._set_left(endpoint.attendee, dropped=False)

    def lose(self, endpoint: Endpoint) -> None:
        """Its connection broke. Others do not see it for the grace period, the observer not for the rejoin window."""
        self.bridge.remove_sender(endpoint.audio)
        if endpoint.lost or not self._is_current(endpoint):
            return
        endpoint.lost = True
        self._hold(endpoint)
        attendee = endpoint.attendee
        if attendee.joined and not endpoint.content:
            self._rejoin[attendee.id] = self._clock.call_later(
                self._settings.rejoin_window_s, lambda: self._set_left(attendee, dropped=True)
            )

    def _hold(self, endpoint: Endpoint) -> None:
        loop = asyncio.get_running_loop()
        endpoint.grace = loop.call_later(
            self._settings.presence_grace_s, self._give_up_on, endpoint
        )

    def _give_up_on(self, endpoint: Endpoint) -> None:
        endpoint.grace = None
        if self._is_current(endpoint):
            del self._endpoints[endpoint.roster_id]
        if endpoint.audio_stream_id in self._roster:
            del self._roster[endpoint.audio_stream_id]
            self._broadcast(frames.left(endpoint.audio_stream_id, dropped=True))
        if self.videos.withdraw_owned_by(endpoint):
            self.send_index()

    def _release(self, endpoint: Endpoint) -> None:
        if endpoint.grace is not None:
            endpoint.grace.cancel()
            endpoint.grace = None

    def _hide(self, roster_id: str, *, dropped: bool) -> None:
        for endpoint in [e for e in self._roster.values() if e.roster_id == roster_id]:
            del self._roster[endpoint.audio_stream_id]
            self._release(endpoint)
            self._broadcast(frames.left(endpoint.audio_stream_id, dropped=dropped))

    def _is_current(self, endpoint: Endpoint) -> bool:
        return self._endpoints.get(endpoint.roster_id) is endpoint

    def _stop_waiting_for(self, attendee: Attendee) -> None:
        timer = self._rejoin.pop(attendee.id, None)
        if timer is not None:
            timer.cancel()

    def _set_left(self, attendee: Attendee, *, dropped: bool) -> None:
        self._rejoin.pop(attendee.id, None)
        if attendee.joined:
            attendee.joined = False
            self._observer.attendee_left(self, attendee, dropped=dropped)

    # Videos ---------------------------------------------------------------------------------------------------

    def index(self) -> bytes:
        """The INDEX frame of this moment."""
        return frames.index(self.videos.sources(), len(self._roster))

    def send_index(self) -> None:
        """Tell everybody which videos there are."""
        index = self.index()
        for endpoint in self._endpoints.values():
            endpoint.client.send(index)

    # All of it ------------------------------------------------------------------------------------------------

    def _broadcast(self, frame: bytes) -> None:
        for endpoint in self._roster.values():
            endpoint.client.send(frame)

    def _publish_levels(self) -> None:
        self._tick = None
        if not self._roster:
            return
        self.bridge.tick()
        self._broadcast(
            frames.audio_metadata(
                (e.audio_stream_id, _volume(e.audio)) for e in self._roster.values()
            )
        )
        self._tick = asyncio.get_running_loop().call_later(TICK_S, self._publish_levels)

    def finish(self, status: int) -> None:
        """End every connection for a reason, and free everything."""
        for endpoint in self._clear():
            endpoint.client.finish(status)

    def close(self) -> None:
        """Break every connection off, and free everything."""
        for endpoint in self._clear():
            endpoint.client.abort()

    def _clear(self) -> list[Endpoint]:
        """Forget everybody and everything, without reporting anybody as having left."""
        endpoints = list(self._endpoints.values())
        for endpoint in [*self._endpoints.values(), *self._roster.values()]:
            self._release(endpoint)
        for attendee in self._attendees.values():
            self._stop_waiting_for(attendee)
            attendee.joined = False
        self.videos.clear()
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self.bridge.close()
        self._attendees.clear()
        self._endpoints.clear()
        self._roster.clear()
        return endpoints

    def describe(self) -> dict[str, object]:
        """What is going on, without tokens."""
        return {
            "id": self.id,
            "attendees": [
                {
                    "id": attendee.id,
                    "external_user_id": attendee.external_user_id,
                    "capabilities": sorted(attendee.capabilities),
                    "joined": attendee.joined,
                }
                for attendee in self._attendees.values()
            ],
            "present": [
                {
                    "attendee_id": endpoint.roster_id,
                    "audio_stream_id": endpoint.audio_stream_id,
                    "muted": endpoint.audio.muted,
                    "lost": endpoint.lost,
                }
                for endpoint in self._roster.values()
            ],
            "streams": self.videos.describe(),
        }


def _volume(audio: AudioSender) -> int:
    """Decibels below full scale as AUDIO_METADATA counts them: 14 is loud, 42 silent."""
    return max(_LOUDEST_DB, min(_SILENT_DB, round(audio.loudness)))
