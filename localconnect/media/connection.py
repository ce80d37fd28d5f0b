"""The media of one client: negotiates each SUBSCRIBE, and routes what then comes and goes on its transport.

It joins transport, sdp, audio and video for one endpoint. It must not know of WebSockets, nor which frames are legal
when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from localconnect.media import frames, rtcp, rtp, sdp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.audio_listener import AudioListener
from localconnect.media.downlink import Downlink, Watched
from localconnect.media.endpoint import Endpoint
from localconnect.media.network import MediaNetwork
from localconnect.media.published_video import PublishedVideo
from localconnect.media.publisher import UNUSED, VideoPublisher
from localconnect.media.quality import AudioMeter
from localconnect.media.room import Room
from localconnect.media.round_trip import RoundTrip
from localconnect.media.sender_clock import SenderClock
from localconnect.media.subscription import VideoSubscription
from localconnect.media.transport import MediaTransport

REPORT_S = 0.75
"""How often a client hears how its packets arrive and how much it may send."""

_APPLY_S = 0.04
"""What a browser takes to apply an answer. Packets of a new stream that come sooner are lost."""


class MediaConnection:
    """One client's audio and video. `on_lost` is called when an established transport breaks."""

    def __init__(
        self,
        room: Room,
        endpoint: Endpoint,
        *,
        network: MediaNetwork,
        on_lost: Callable[[], None],
    ) -> None:
        self._room = room
        self._endpoint = endpoint
        self._on_lost = on_lost
        self._transport = MediaTransport(self, network)
        self._local: sdp.LocalTransport | None = None
        self._version = 0
        self._ssrc = rtp.new_ssrc()
        self._audio_type = UNUSED
        self._listener: AudioListener | None = None
        self._meter = AudioMeter()
        round_trip = RoundTrip()
        self._publisher = VideoPublisher(
            room.videos,
            endpoint,
            ssrc=self._ssrc,
            round_trip=round_trip,
            send_rtcp=self._transport.send_rtcp,
        )
        self._downlink = Downlink(round_trip=round_trip, tell_starved=self._tell_starved)
        self._clock = SenderClock()
        self._timer: asyncio.TimerHandle | None = None
        self._starting: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def heard_at(self) -> float:
        """When the client's media was last heard, by the event loop's clock; 0 if never."""
        return self._transport.heard_at

    # Negotiation ----------------------------------------------------------------------------------------------

    async def negotiate(self, subscribe: pb.Subscribe) -> tuple[sdp.Offer, bytes]:
        """Do what a SUBSCRIBE asks for. Gives the offer, and the SUBSCRIBE_ACK to send before `start_watching`.

        :raises sdp.MalformedOffer: the offer cannot be read.
        :raises NoMediaSocket: there is no port left for this client.
        """
        offer = sdp.parse_offer(subscribe.sdp_offer)
        if self._local is None:
            if not self._endpoint.content:
                self._room.videos.freshen(self._loop.time())
            self._local = await self._transport.gather()
        sent: dict[str, sdp.Sent] = {}
        received: set[str] = set()
        if offer.audio is not None:
            self._listen(offer.audio, sent, received)
        streams = [s for s in subscribe.send_streams if s.media_type == pb.VIDEO]
        camera, refused = self._publisher.negotiate(streams, offer)
        if camera is not None:
            received.add(camera.mid)
        tracks = self._watch(subscribe, offer, sent)
        self.prefer(subscribe.video_preferences)
        self._version += 1
        answer = sdp.write_answer(
            offer, self._local, version=self._version, sent=sent, received=frozenset(received)
        )
        return offer, frames.subscribe_ack(
            answer=answer,
            tracks=tracks,
            published=self._publisher.sources,
            track_label=streams[0].track_label if streams else "",
            view_only=refused,
        )

    def decline(self, subscribe: pb.Subscribe) -> bytes | None:
        """The SUBSCRIBE_ACK that lets nothing pass, for a client whose end has come; None before the first one.

        :raises sdp.MalformedOffer: the offer cannot be read.
        """
        if self._local is None:
            return None
        self._version += 1
        answer = sdp.write_answer(
            sdp.parse_offer(subscribe.sdp_offer),
            self._local,
            version=self._version,
            sent={},
            received=frozenset(),
        )
        return frames.subscribe_ack(
            answer=answer, tracks=[], published=[], track_label="", view_only=False
        )

    def _listen(self, section: sdp.Section, sent: dict[str, sdp.Sent], received: set[str]) -> None:
        payload_type = section.payload_type(sdp.AUDIO_CODEC)
        if payload_type is None:
            return
        received.add(section.mid)
        self._audio_type = payload_type
        self._endpoint.audio.level_id = section.audio_level_id
        sent[section.mid] = sdp.Sent(ssrc=self._ssrc, label=f"a_{section.mid}")
        if self._listener is None and not self._endpoint.content:
            self._listener = AudioListener(
                self._endpoint.attendee.id,
                ssrc=self._ssrc,
                payload_type=payload_type,
                send=self._transport.send_rtp,
                send_report=self._transport.send_rtcp,
            )

    def _watch(
        self, subscribe: pb.Subscribe, offer: sdp.Offer, sent: dict[str, sdp.Sent]
    ) -> list[frames.Track]:
        wanted = dict(
            zip([s.mid for s in offer.videos], subscribe.receive_stream_ids, strict=False)
        )
        for mid in set(self._downlink.watched) - set(wanted):
            self._downlink.remove(mid)
        tracks = []
        for section in offer.videos:
            stream_id = wanted.get(section.mid, 0)
            video = self._room.videos.find(stream_id)
            payload_type = section.payload_type(sdp.VIDEO_CODEC)
            if video is None or payload_type is None or not section.receives:
                self._downlink.remove(section.mid)
                continue
            self._watch_in(section.mid, video, stream_id, payload_type)
            label = f"v_{section.mid}"
            sent[section.mid] = sdp.Sent(ssrc=video.ssrc, label=label)
            tracks.append(frames.Track(stream_id, video.ssrc, label))
        self._endpoint.watching = frozenset(track.stream_id for track in tracks)
        return tracks

    def _watch_in(
        self, mid: str, video: PublishedVideo, stream_id: int, payload_type: int
    ) -> None:
        watched = self._downlink.watched.get(mid)
        if watched is not None and watched.video is video:
            watched.stream_id = stream_id
            return
        self._downlink.remove(mid)
        subscription = VideoSubscription(
            payload_type=payload_type,
            send=self._transport.send_rtp,
            send_report=self._transport.send_rtcp,
        )
        self._downlink.add(mid, Watched(video, stream_id, subscription))

    def prefer(self, preferences: Iterable[pb.VideoPreference]) -> None:
        """Take over which streams the client likes best, and how large."""
        for preference in preferences:
            watched = self._downlink.watched.get(preference.mid)
            if watched is None:
                continue
            if watched.video.layer(preference.stream_id):
                watched.stream_id = preference.stream_id
            if preference.HasField("priority"):
                watched.priority = preference.priority
            if preference.target_bitrate_kbps:
                watched.target_kbps = preference.target_bitrate_kbps
        if self._transport.connected:
            self._downlink.choose(self._loop.time())

    def _tell_starved(self, group_ids: list[int], starved: bool) -> None:
        self._endpoint.client.send(frames.paused(group_ids, resumed=not starved))

    def start_watching(self) -> None:
        """Let prepared videos flow, as soon as the client will have applied the answer that was just sent."""
        if self._starting is None and self._transport.connected:
            self._starting = self._loop.call_later(_APPLY_S, self._start_watching)

    def _start_watching(self) -> None:
        self._starting = None
        self._downlink.start(self._loop.time())

    def set_paused(self, stream_ids: frozenset[int], paused: bool) -> None:
        """Stop or restart the flow of some videos."""
        self._downlink.set_paused(stream_ids, paused, self._loop.time())

    # Transport ------------------------------------------------------------------------------------------------

    async def connect(self, offer: sdp.Offer) -> None:
        """Bring the transport up, then let everything flow.

        :raises ConnectionError: it did not come up.
        """
        await self._transport.connect(offer)
        if self._listener is not None:
            self._room.bridge.add_listener(self._listener)
        self.start_watching()
        self._timer = self._loop.call_later(REPORT_S, self._report)
        self._room.connected(self._endpoint)

    def rtp_received(self, packet: bytes) -> None:
        """A packet of the client: sound or picture, told apart by payload type."""
        payload_type = packet[1] & 0x7F
        if payload_type == self._audio_type:
            self._room.bridge.receive(self._endpoint.audio, packet, self._loop.time())
        elif payload_type == self._publisher.payload_type:
            self._publisher.uplink.receive(packet, self._loop.time())

    def rtcp_received(self, packet: bytes) -> None:
        """A report or feedback of the client."""
        now = self._loop.time()
        for message in rtcp.parse(packet):
            if isinstance(message, rtcp.SenderReport):
                self._take_clock(message, now)
            elif isinstance(message, rtcp.ReportBlock) and message.ssrc == self._ssrc:
                if self._listener is not None:
                    seconds = self._downlink.take_echo(message, self._listener.reported, now)
                    self._meter.take(message, seconds)
            else:
                self._downlink.take_feedback(message, now)

    def _take_clock(self, report: rtcp.SenderReport, now: float) -> None:
        audio, translated = self._endpoint.audio, self._clock.translated(report, now)
        if audio.reception is not None and audio.reception.ssrc == report.ssrc:
            audio.reception.note_report(report, now)
            audio.clock = translated
        else:
            self._publisher.uplink.note_report(report, translated, now)

    def _report(self) -> None:
        now = self._loop.time()
        self._timer = self._loop.call_later(REPORT_S, self._report)
        self._downlink.tick(now, self._transport.packets_out, self._transport.bytes_out)
        if self._listener is not None:
            self._listener.report(now)
        blocks = []
        if self._endpoint.audio.reception is not None:
            block = self._endpoint.audio.reception.block(now)
            blocks.append(block)
            self._room.measured(self._endpoint, self._meter.read(block))
        video, limit = self._publisher.uplink.report(now, self._publisher.granted)
        self._transport.send_rtcp(rtcp.receiver_report(self._ssrc, blocks + video) + limit)

    def transport_lost(self) -> None:
        """The client closed the connection or has not been heard of for half a minute."""
        self._on_lost()

    async def close(self) -> None:
        """Stop everything and free the sockets; what was published stays listed until the room drops it."""
        for timer in (self._timer, self._starting):
            if timer is not None:
                timer.cancel()
        self._timer = self._starting = None
        self._downlink.close()
        if self._listener is not None:
            self._room.bridge.remove_listener(self._listener)
            self._listener = None
        self._publisher.close()
        await self._transport.close()
