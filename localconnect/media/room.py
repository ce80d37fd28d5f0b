"""The room of one meeting in this process: who is connected, which videos are published, and who must be told.

It owns who may come in, and the grace that hides short breaks. It must not know of WebSockets, SDP or sockets: clients
are reached through `Client`, packets pass elsewhere; nor who is still expected back: meeting.py does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from types import MappingProxyType

from localconnect.audio_quality import AudioReading
from localconnect.background import Background
from localconnect.media import frames
from localconnect.media.attendee import Attendee, Capability
from localconnect.media.audio import TICK_S, AudioBridge
from localconnect.media.audio_sender import AudioSender
from localconnect.media.endpoint import Client, Endpoint
from localconnect.media.hosting import Description, MediaObserver
from localconnect.media.message_relay import MessageRelay
from localconnect.media.pattern import PatternSource, prepared_pattern
from localconnect.media.playback import Playback
from localconnect.media.roster import Roster
from localconnect.media.status import JOINED_ELSEWHERE
from localconnect.media.video_index import LayerOffer, VideoIndex
from localconnect.settings import Settings


class Room:
    """A meeting's clients and everything that flows between them. Made by `Rooms.create`."""

    def __init__(
        self,
        meeting_id: str,
        *,
        settings: Settings,
        observer: MediaObserver,
        background: Background,
    ) -> None:
        self.id = meeting_id
        self.bridge = AudioBridge()
        self.videos = VideoIndex()
        self._roster = Roster()
        self.messages = MessageRelay(self._roster)
        self._settings = settings
        self._observer = observer
        self._background = background
        self._attendees: dict[str, Attendee] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._playbacks: dict[str, Playback] = {}
        self._audio_ids = itertools.count(1)
        self._tick: asyncio.TimerHandle | None = None

    # Attendees ------------------------------------------------------------------------------------------------

    @property
    def attendees(self) -> Mapping[str, Attendee]:
        """Everybody invited, by attendee id."""
        return MappingProxyType(self._attendees)

    def add(self, attendee: Attendee) -> None:
        """Let somebody in from now on."""
        self._attendees[attendee.id] = attendee

    def remove(self, attendee_id: str, status: int) -> None:
        """Let them in no more; a connected client is told why by an AUDIO_STATUS."""
        self._attendees.pop(attendee_id, None)
        self.playback_for(attendee_id).play(None)
        del self._playbacks[attendee_id]
        for endpoint in [e for e in self._endpoints.values() if e.attendee.id == attendee_id]:
            self.leave(endpoint)
            endpoint.client.finish(status)
        self.bridge.forget(attendee_id)

    def playback_for(self, attendee_id: str) -> Playback:
        """What the attendee alone is given to hear, as soon as they are connected."""
        playback = self._playbacks.get(attendee_id)
        if playback is None:
            playback = Playback(self.bridge.player_for(attendee_id), self._background)
            self._playbacks[attendee_id] = playback
        return playback

    def attach_pattern(self, attendee: Attendee) -> None:
        """Let a moving test picture and a tone join as `attendee`, from inside this process."""
        self._background.start(self._attach_pattern(attendee))

    async def _attach_pattern(self, attendee: Attendee) -> None:
        pattern = await prepared_pattern()
        if self._attendees.get(attendee.id) is not attendee:
            return  # removed, or the meeting ended, while the pattern was made
        source = PatternSource(pattern, self.bridge)
        endpoint = self.admit(attendee, content=False, client=source)
        video = None
        if Capability.VIDEO in attendee.capabilities:
            video = self.videos.publish(
                endpoint,
                [LayerOffer(pattern.framerate, pattern.max_bitrate_kbps)],
                payload_type=pattern.video_payload_type,
                ask_key_frame=source.restart,
                adapts=False,
                key_frame_interval_s=pattern.restart_interval_s,
            )
        source.start(endpoint.audio, video.layers[0].publication if video else None)
        self.announce(endpoint)
        self.connected(endpoint)

    # Endpoints ------------------------------------------------------------------------------------------------

    def admit(self, attendee: Attendee, *, content: bool, client: Client) -> Endpoint:
        """Take a client in, in place of an earlier one of the same attendee. Others see it once it is announced."""
        endpoint = Endpoint(
            attendee=attendee,
            content=content,
            audio_stream_id=next(self._audio_ids),
            client=client,
            audio=AudioSender(attendee.id, muted=attendee.only_listens),
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
        self._roster.enter(endpoint)
        self.messages.replay_to(endpoint)
        if endpoint.is_listed:
            self.send_index()
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(TICK_S, self._publish_levels)

    def connected(self, endpoint: Endpoint) -> None:
        """Its media transport stands."""
        if self._is_current(endpoint) and not endpoint.content:
            self._observer.connected(self.id, endpoint.attendee.id)

    def measured(self, endpoint: Endpoint, reading: AudioReading) -> None:
        """This is how its sound comes and goes just now."""
        if self._is_current(endpoint) and not endpoint.content:
            self._observer.measured(
                self.id,
                endpoint.attendee.id,
                *(reading.loss, reading.round_trip_s, reading.jitter_s),
            )

    def set_muted(self, endpoint: Endpoint, muted: bool) -> None:
        """Mute or unmute, and tell everybody."""
        if endpoint.audio.muted == muted or not endpoint.is_listed:
            return
        self.bridge.set_muted(endpoint.audio, muted)
        if endpoint.visible:
            self._roster.tell(frames.muted(endpoint.audio_stream_id, muted))

    def leave(self, endpoint: Endpoint) -> None:
        """It said goodbye."""
        if not self._is_current(endpoint):
            return
        del self._endpoints[endpoint.roster_id]
        endpoint.lost = True
        self.bridge.remove_sender(endpoint.audio)
        self._release(endpoint)
        for shown in self._roster.of(endpoint.roster_id):
            self._release(shown)
            self._roster.drop(shown, dropped=False)
        self.videos.withdraw_all_of(endpoint.roster_id)
        if endpoint.is_listed:
            self.send_index()
        if not endpoint.content:
            self._observer.left(self.id, endpoint.attendee.id)

    def lose(self, endpoint: Endpoint, silent_s: float = 0.0) -> None:
        """Its connection broke, after silence for so long. Others do not see it for the grace period."""
        self.bridge.remove_sender(endpoint.audio)
        if endpoint.lost or not self._is_current(endpoint):
            return
        endpoint.lost = True
        self._hold(endpoint)
        if not endpoint.content:
            self._observer.lost(self.id, endpoint.attendee.id, silent_s)

    def _hold(self, endpoint: Endpoint) -> None:
        loop = asyncio.get_running_loop()
        endpoint.grace = loop.call_later(
            self._settings.presence_grace_s, self._give_up_on, endpoint
        )

    def _give_up_on(self, endpoint: Endpoint) -> None:
        endpoint.grace = None
        if self._is_current(endpoint):
            del self._endpoints[endpoint.roster_id]
        self._roster.drop(endpoint, dropped=True)
        self.videos.withdraw_owned_by(endpoint)
        if endpoint.is_listed:
            self.send_index()

    def _release(self, endpoint: Endpoint) -> None:
        if endpoint.grace is not None:
            endpoint.grace.cancel()
            endpoint.grace = None

    def _is_current(self, endpoint: Endpoint) -> bool:
        return self._endpoints.get(endpoint.roster_id) is endpoint

    # Videos ---------------------------------------------------------------------------------------------------

    def index(self, reader: Endpoint) -> bytes:
        """The INDEX frame of this moment for one client, which does not watch itself."""
        return frames.index(
            self.videos.sources(reader.roster_id, reader.watching), len(self._roster.listed)
        )

    def send_index(self) -> None:
        """Tell everybody which videos there are, and how many people."""
        for endpoint in self._endpoints.values():
            endpoint.client.send(self.index(endpoint))

    # All of it ------------------------------------------------------------------------------------------------

    def _publish_levels(self) -> None:
        self._tick = None
        if not self._roster:
            return
        self.bridge.tick()
        self._roster.tell_levels()
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
        """Forget everybody and everything, and report nobody."""
        endpoints = list(self._endpoints.values())
        for endpoint in [*self._endpoints.values(), *self._roster]:
            self._release(endpoint)
        self.videos.clear()
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        for playback in self._playbacks.values():
            playback.play(None)
        self.bridge.close()
        self._attendees.clear()
        self._playbacks.clear()
        self._endpoints.clear()
        self._roster.clear()
        return endpoints

    def describe(self) -> Description:
        """What is going on, without tokens."""
        return {
            "id": self.id,
            "attendees": [
                {
                    "id": attendee.id,
                    "external_user_id": attendee.external_user_id,
                    "capabilities": sorted(attendee.capabilities),
                    "held": self.bridge.is_held(attendee.id),
                    "hears": self.bridge.playing_to(attendee.id),
                }
                for attendee in self._attendees.values()
            ],
            "present": self._roster.describe(),
            "streams": self.videos.describe(),
        }
