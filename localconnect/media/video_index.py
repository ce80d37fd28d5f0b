"""The videos of one meeting: who publishes which, under which ids. It tells nobody; room.py does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localconnect.media import rtp
from localconnect.media.endpoint import Endpoint
from localconnect.media.frames import VideoSource
from localconnect.media.key_frames import KEY_FRAME_INTERVAL_S
from localconnect.media.publication import Publication
from localconnect.media.published_video import PublishedVideo, VideoLayer


@dataclass(frozen=True, slots=True)
class LayerOffer:
    """A stream that is about to be published. `max_bitrate_kbps` 0 means switched off for now."""

    framerate: int
    max_bitrate_kbps: int
    rid: str = ""


class VideoIndex:
    """Published videos by group id. Ids grow and are never reused: of two, clients take the higher for current."""

    def __init__(self) -> None:
        self._videos: dict[int, PublishedVideo] = {}
        self._ids = itertools.count(1)

    def publish(
        self,
        endpoint: Endpoint,
        layers: Sequence[LayerOffer],
        *,
        payload_type: int,
        ask_key_frame: Callable[[Publication], None],
        adapts: bool,
        key_frame_interval_s: float = KEY_FRAME_INTERVAL_S,
    ) -> PublishedVideo:
        """Publish a video, in place of an earlier one of the same attendee."""
        ssrc = rtp.new_ssrc()
        group_id = 0
        made = []
        for layer in layers:
            number = next(self._ids)
            group_id = group_id or number
            publication = Publication(
                payload_type=payload_type,
                ask_key_frame=ask_key_frame,
                ssrc=ssrc,
                key_frame_interval_s=key_frame_interval_s,
            )
            source = VideoSource(
                stream_id=number,
                group_id=group_id,
                attendee_id=endpoint.roster_id,
                external_user_id=endpoint.attendee.external_user_id,
                framerate=layer.framerate,
                max_bitrate_kbps=layer.max_bitrate_kbps,
            )
            made.append(VideoLayer(source, layer.rid, publication))
        video = PublishedVideo(owner=endpoint, layers=tuple(made), adapts=adapts)
        self.withdraw_all_of(endpoint.roster_id)
        self._videos[group_id] = video
        return video

    def find(self, stream_id: int) -> PublishedVideo | None:
        """The published video one of whose streams has that id."""
        return next((v for v in self._videos.values() if v.layer(stream_id)), None)

    def of(self, roster_id: str) -> frozenset[VideoSource]:
        """What that participant publishes."""
        return frozenset(
            layer.source
            for video in self._videos.values()
            if video.owner.roster_id == roster_id
            for layer in video.layers
        )

    def sources(self, reader: str, watching: frozenset[int]) -> list[VideoSource]:
        """What INDEX lists for a participant: others' streams that are on, or that it still subscribes to."""
        return [
            layer.source
            for video in self._videos.values()
            if video.owner.roster_id != reader
            for layer in video.layers
            if layer.is_on or layer.source.stream_id in watching
        ]

    def freshen(self, now: float) -> None:
        """Somebody is about to watch: have recent key frames at hand."""
        for video in self._videos.values():
            for layer in video.switched_on():
                layer.publication.freshen(now)

    def withdraw_all_of(self, roster_id: str) -> bool:
        """Withdraw what that participant publishes, over whichever connection; whether there was anything."""
        return self._withdraw(lambda video: video.owner.roster_id == roster_id)

    def withdraw_owned_by(self, endpoint: Endpoint) -> bool:
        """Withdraw what that one connection publishes; whether there was anything."""
        return self._withdraw(lambda video: video.owner is endpoint)

    def clear(self) -> None:
        """Withdraw everything."""
        self._withdraw(lambda _: True)

    def _withdraw(self, condition: Callable[[PublishedVideo], bool]) -> bool:
        gone = [number for number, video in self._videos.items() if condition(video)]
        for number in gone:
            self._videos.pop(number).close()
        return bool(gone)

    def describe(self) -> list[dict[str, object]]:
        """Every stream that is on, with its counters."""
        return [
            {
                "stream_id": layer.source.stream_id,
                "group_id": video.group_id,
                "attendee_id": layer.source.attendee_id,
                "subscribers": layer.publication.subscribers,
                "packets": layer.publication.packets,
                "octets": layer.publication.octets,
                "resent": layer.publication.resent,
                "key_frames_asked": layer.publication.key_frames.asked,
            }
            for video in self._videos.values()
            for layer in video.layers
            if layer.is_on
        ]
