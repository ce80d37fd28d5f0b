"""The videos of one meeting: who publishes which, under which ids. It tells nobody; meeting.py does."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from localconnect.media.endpoint import Endpoint, PublishedVideo
from localconnect.media.frames import VideoSource
from localconnect.media.video import KEY_FRAME_INTERVAL_S, VideoPublication


class VideoIndex:
    """Published videos by stream id. Ids grow and are never reused: of two, clients take the higher for current."""

    def __init__(self) -> None:
        self._videos: dict[int, PublishedVideo] = {}
        self._ids = itertools.count(1)

    def publish(
        self,
        endpoint: Endpoint,
        *,
        payload_type: int,
        ask_key_frame: Callable[[], None],
        framerate: int,
        max_bitrate_kbps: int,
        key_frame_interval_s: float = KEY_FRAME_INTERVAL_S,
    ) -> PublishedVideo:
        """Publish a video, in place of an earlier one of the same attendee."""
        number = next(self._ids)
        video = PublishedVideo(
            owner=endpoint,
            source=VideoSource(
                stream_id=number,
                group_id=number,
                attendee_id=endpoint.roster_id,
                external_user_id=endpoint.attendee.external_user_id,
                framerate=framerate,
                max_bitrate_kbps=max_bitrate_kbps,
            ),
            publication=VideoPublication(
                payload_type=payload_type,
                ask_key_frame=ask_key_frame,
                key_frame_interval_s=key_frame_interval_s,
            ),
        )
        self.withdraw_all_of(endpoint.roster_id)
        self._videos[number] = video
        return video

    def find(self, stream_id: int) -> PublishedVideo | None:
        """The published video with that stream id."""
        return self._videos.get(stream_id)

    def of(self, roster_id: str) -> frozenset[int]:
        """The stream ids of what that participant publishes."""
        return frozenset(n for n, v in self._videos.items() if v.owner.roster_id == roster_id)

    def sources(self) -> list[VideoSource]:
        """Every video as INDEX lists it."""
        return [video.source for video in self._videos.values()]

    def freshen(self) -> None:
        """Somebody is about to watch: have recent key frames at hand."""
        for video in self._videos.values():
            video.publication.freshen()

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
            self._videos.pop(number).publication.close()
        return bool(gone)

    def describe(self) -> list[dict[str, object]]:
        """Every video with its counters."""
        return [
            {
                "stream_id": number,
                "attendee_id": video.source.attendee_id,
                "subscribers": video.publication.subscribers,
                "packets": video.publication.packets,
                "octets": video.publication.octets,
                "resent": video.publication.resent,
                "key_frames_asked": video.publication.key_frames_asked,
            }
            for number, video in self._videos.items()
        ]
