"""The media of one client: negotiates each SUBSCRIBE, and routes what then comes and goes on its transport.

It joins transport, sdp, audio and video for one endpoint. It must not know of WebSockets, nor which frames are legal
when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from localconnect.media import frames, rtcp, sdp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.attendee import Capability
from localconnect.media.audio import AudioListener
from localconnect.media.endpoint import Endpoint, PublishedVideo
from localconnect.media.meeting import Meeting
from localconnect.media.transport import MediaTransport
from localconnect.media.video import VideoSubscription, VideoUplink, new_ssrc

REPORT_S = 0.75
"""How often a client hears how its packets arrive and how much it may send."""

_APPLY_S = 0.04
"""What a browser takes to apply an answer. Packets of a new stream that come sooner are lost."""

_DEFAULT_FRAMERATE = 15
_DEFAULT_BITRATE_KBPS = 1400


@dataclass(slots=True)
class _Watching:
    """A section of the client's offer that receives a video."""

    stream_id: int
    subscription: VideoSubscription
    started: bool = False


class MediaConnection:
    """One client's audio and video. `on_lost` is called when an established transport breaks."""

    def __init__(
        self, meeting: Meeting, endpoint: Endpoint, *, on_lost: Callable[[], None]
    ) -> None:
        self._meeting = meeting
        self._endpoint = endpoint
        self._on_lost = on_lost
        self._transport = MediaTransport(self)
        self._local: sdp.LocalTransport | None = None
        self._version = 0
        self._ssrc = new_ssrc()
        self._audio_type = -1
        self._video_type = -1
        self._listener: AudioListener | None = None
        self._uplink: VideoUplink | None = None
        self._published: PublishedVideo | None = None
        self._watched: dict[str, _Watching] = {}
        self._by_ssrc: dict[int, VideoSubscription] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._starting: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # Negotiation ----------------------------------------------------------------------------------------------

    async def negotiate(self, subscribe: pb.Subscribe) -> tuple[sdp.Offer, bytes]:
        """Do what a SUBSCRIBE asks for. Gives the offer, and the SUBSCRIBE_ACK to send before `start_watching`.

        :raises sdp.MalformedOffer: the offer cannot be read.
        """
        offer = sdp.parse_offer(subscribe.sdp_offer)
        if self._local is None:
            if not self._endpoint.content:
                self._meeting.videos.freshen()
            self._local = await self._transport.gather()
        sent: dict[str, sdp.Sent] = {}
        received: set[str] = set()
        if offer.audio is not None:
            self._listen(offer.audio, sent, received)
        label = self._publish(subscribe, offer, received)
        tracks = self._watch(subscribe, offer, sent)
        self._version += 1
        answer = sdp.write_answer(
            offer, self._local, version=self._version, sent=sent, received=frozenset(received)
        )
        return offer, frames.subscribe_ack(
            answer=answer,
            tracks=tracks,
            published=self._published.source if self._published else None,
            track_label=label,
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

    def _publish(self, subscribe: pb.Subscribe, offer: sdp.Offer, received: set[str]) -> str:
        stream = next((s for s in subscribe.send_streams if s.media_type == pb.VIDEO), None)
        camera = next((s for s in offer.videos if s.sends), None)
        payload_type = camera.payload_type(sdp.VIDEO_CODEC) if camera else None
        if stream is None or camera is None or payload_type is None or not self._may_publish():
            self._unpublish()
            return ""
        received.add(camera.mid)
        if self._published is None:
            self._video_type = payload_type
            self._uplink = VideoUplink(send_rtcp=self._transport.send_rtcp, ssrc=self._ssrc)
            self._published = self._meeting.videos.publish(
                self._endpoint,
                payload_type=payload_type,
                ask_key_frame=self._uplink.ask_key_frame,
                framerate=stream.framerate or _DEFAULT_FRAMERATE,
                max_bitrate_kbps=stream.max_bitrate_kbps or _DEFAULT_BITRATE_KBPS,
            )
            self._uplink.attach(self._published.publication)
        return stream.track_label

    def _may_publish(self) -> bool:
        return self._endpoint.content or Capability.VIDEO in self._endpoint.attendee.capabilities

    def _unpublish(self) -> None:
        if self._published is not None:
            self._meeting.videos.withdraw_owned_by(self._endpoint)
        self._published = self._uplink = None

    def _watch(
        self, subscribe: pb.Subscribe, offer: sdp.Offer, sent: dict[str, sdp.Sent]
    ) -> list[frames.Track]:
        wanted = dict(
            zip([s.mid for s in offer.videos], subscribe.receive_stream_ids, strict=False)
        )
        for mid, watching in list(self._watched.items()):
            if wanted.get(mid) != watching.stream_id:
                self._stop_watching(mid)
        tracks = []
        for section in offer.videos:
            video = self._meeting.videos.find(wanted.get(section.mid, 0))
            payload_type = section.payload_type(sdp.VIDEO_CODEC)
            if video is None or payload_type is None or not section.receives:
                self._stop_watching(section.mid)
                continue
            if section.mid not in self._watched:
                self._prepare_to_watch(section.mid, video, payload_type)
            label = f"v_{section.mid}"
            ssrc = video.publication.ssrc
            sent[section.mid] = sdp.Sent(ssrc=ssrc, label=label)
            tracks.append(frames.Track(video.source.stream_id, ssrc, label))
        return tracks

    def _prepare_to_watch(self, mid: str, video: PublishedVideo, payload_type: int) -> None:
        subscription = VideoSubscription(
            video.publication,
            payload_type=payload_type,
            send=self._transport.send_rtp,
            send_report=self._transport.send_rtcp,
        )
        self._watched[mid] = _Watching(video.source.stream_id, subscription)
        self._by_ssrc[video.publication.ssrc] = subscription

    def _stop_watching(self, mid: str) -> None:
        watching = self._watched.pop(mid, None)
        if watching is not None:
            publication = watching.subscription.publication
            publication.unsubscribe(watching.subscription)
            self._by_ssrc.pop(publication.ssrc, None)

    def start_watching(self) -> None:
        """Let prepared videos flow, as soon as the client will have applied the answer that was just sent."""
        if self._starting is None and self._transport.connected:
            self._starting = self._loop.call_later(_APPLY_S, self._start_watching)

    def _start_watching(self) -> None:
        self._starting = None
        for watching in self._watched.values():
            if not watching.started:
                watching.started = True
                watching.subscription.publication.subscribe(watching.subscription)

    def set_paused(self, stream_ids: frozenset[int], paused: bool) -> None:
        """Stop or restart the flow of some videos."""
        for watching in self._watched.values():
            if watching.stream_id in stream_ids and watching.started:
                publication = watching.subscription.publication
                if paused:
                    publication.unsubscribe(watching.subscription)
                else:
                    publication.subscribe(watching.subscription)

    # Transport ------------------------------------------------------------------------------------------------

    async def connect(self, offer: sdp.Offer) -> None:
        """Bring the transport up, then let everything flow.

        :raises ConnectionError: it did not come up.
        """
        await self._transport.connect(offer)
        if self._listener is not None:
            self._meeting.bridge.add_listener(self._listener)
        self.start_watching()
        self._timer = self._loop.call_later(REPORT_S, self._report)
        self._meeting.connected(self._endpoint)

    def rtp_received(self, packet: bytes) -> None:
        """A packet of the client: sound or picture, told apart by payload type."""
        payload_type = packet[1] & 0x7F
        if payload_type == self._audio_type:
            self._meeting.bridge.receive(self._endpoint.audio, packet, self._loop.time())
        elif payload_type == self._video_type and self._uplink is not None:
            self._uplink.receive(packet, self._loop.time())

    def rtcp_received(self, packet: bytes) -> None:
        """A report or feedback of the client."""
        for message in rtcp.parse(packet):
            match message:
                case rtcp.SenderReport():
                    self._note_report(message)
                case rtcp.Nack(ssrc=ssrc, lost=lost):
                    if subscription := self._by_ssrc.get(ssrc):
                        subscription.resend(lost)
                case rtcp.KeyFrameRequest(ssrc=ssrc):
                    if subscription := self._by_ssrc.get(ssrc):
                        subscription.publication.request_key_frame()

    def _note_report(self, report: rtcp.SenderReport) -> None:
        now = self._loop.time()
        audio = self._endpoint.audio
        if audio.reception is not None and audio.reception.ssrc == report.ssrc:
            audio.reception.note_report(report, now)
            self._meeting.bridge.forward_report(audio, report)
        elif self._uplink is not None and self._published is not None:
            reception = self._uplink.reception
            if reception is not None and reception.ssrc == report.ssrc:
                reception.note_report(report, now)
                self._published.publication.forward_report(report)

    def _report(self) -> None:
        now = self._loop.time()
        self._timer = self._loop.call_later(REPORT_S, self._report)
        blocks = []
        limit = b""
        if self._endpoint.audio.reception is not None:
            blocks.append(self._endpoint.audio.reception.block(now))
        if self._uplink is not None:
            self._uplink.repair(now)
            video, limit = self._uplink.report(now)
            blocks += video
        self._transport.send_rtcp(rtcp.receiver_report(self._ssrc, blocks) + limit)

    def transport_lost(self) -> None:
        """The client closed the connection or has not been heard of for half a minute."""
        self._on_lost()

    async def close(self) -> None:
        """Stop everything and free the sockets; what was published stays listed until the meeting drops it."""
        for timer in (self._timer, self._starting):
            if timer is not None:
                timer.cancel()
        self._timer = self._starting = None
        for mid in list(self._watched):
            self._stop_watching(mid)
        if self._listener is not None:
            self._meeting.bridge.remove_listener(self._listener)
            self._listener = None
        self._uplink = None
        await self._transport.close()
