"""What one client publishes: its SUBSCRIBE's video streams, matched with the camera section of its offer.

It keeps the uplink and the entry in the meeting's index in step with what the client says it sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from localconnect.media import sdp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.attendee import Capability
from localconnect.media.endpoint import Endpoint
from localconnect.media.frames import VideoSource
from localconnect.media.published_video import PublishedVideo
from localconnect.media.round_trip import RoundTrip
from localconnect.media.uplink import VideoUplink
from localconnect.media.video_index import LayerOffer, VideoIndex

_DEFAULT_FRAMERATE = 15
_DEFAULT_BITRATE_KBPS = 1400

UNUSED = -1
"""No packet has this payload type."""


class VideoPublisher:
    """One client's published video, if it has one."""

    def __init__(
        self,
        videos: VideoIndex,
        endpoint: Endpoint,
        *,
        ssrc: int,
        round_trip: RoundTrip,
        send_rtcp: Callable[[bytes], None],
    ) -> None:
        self.uplink = VideoUplink(send_rtcp=send_rtcp, ssrc=ssrc, round_trip=round_trip)
        self.payload_type = UNUSED
        self._videos = videos
        self._endpoint = endpoint
        self._published: PublishedVideo | None = None

    @property
    def sources(self) -> list[VideoSource]:
        """The streams as they were published, switched off ones too."""
        return [layer.source for layer in self._published.layers] if self._published else []

    @property
    def granted(self) -> int:
        """Bits per second that the client may send."""
        return self._published.granted() if self._published else 0

    def negotiate(
        self, streams: Sequence[pb.StreamDescriptor], offer: sdp.Offer
    ) -> tuple[sdp.Section | None, bool]:
        """Publish what the client sends from now on. Gives its section, if it is taken, and whether it was refused."""
        camera = next((section for section in offer.videos if section.sends), None)
        payload_type = camera.payload_type(sdp.VIDEO_CODEC) if camera else None
        if not streams or camera is None or payload_type is None:
            self._withdraw()
            return None, False
        if not self._may_publish():
            self._withdraw()
            return None, True
        layers = _layers(streams, camera.rids)
        if self._published is None or len(self._published.layers) != len(layers):
            self._publish(layers, payload_type, camera)
        else:
            self._published.set_bitrates([layer.max_bitrate_kbps for layer in layers])
        return camera, False

    def _may_publish(self) -> bool:
        # A content share has shown its right when its socket was opened.
        return self._endpoint.content or Capability.VIDEO in self._endpoint.attendee.capabilities

    def _publish(
        self, layers: Sequence[LayerOffer], payload_type: int, camera: sdp.Section
    ) -> None:
        self.payload_type = payload_type
        self._published = self._videos.publish(
            self._endpoint,
            layers,
            payload_type=payload_type,
            ask_key_frame=self.uplink.ask_key_frame,
            adapts=True,
        )
        self.uplink.attach(
            {layer.rid: layer.publication for layer in self._published.layers},
            rid_extension=camera.extension_id(sdp.RTP_STREAM_ID),
        )

    def _withdraw(self) -> None:
        if self._published is not None:
            self._videos.withdraw_owned_by(self._endpoint)
        self.close()

    def close(self) -> None:
        """Take no more packets; what was published stays listed until the room drops it."""
        self._published = None
        self.payload_type = UNUSED
        self.uplink.attach({})


def _layers(streams: Sequence[pb.StreamDescriptor], rids: Sequence[str]) -> list[LayerOffer]:
    if len(rids) <= 1 or len(streams) <= 1:
        stream = streams[0]
        kbps = stream.max_bitrate_kbps or _DEFAULT_BITRATE_KBPS
        return [LayerOffer(stream.framerate or _DEFAULT_FRAMERATE, kbps)]
    # The SDK lists its streams in the order of the RTP stream ids in its offer.
    return [
        LayerOffer(stream.framerate or _DEFAULT_FRAMERATE, stream.max_bitrate_kbps, rid)
        for stream, rid in zip(streams, rids, strict=False)
    ]
