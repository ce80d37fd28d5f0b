"""A video somebody publishes: one stream, or the layers of a simulcast, of which each watcher gets one at a time.

Layers are streams of one group in INDEX. A layer of no bitrate is one its publisher has switched off for now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from localconnect.media.endpoint import Endpoint
from localconnect.media.frames import VideoSource
from localconnect.media.publication import Publication
from localconnect.media.subscription import VideoSubscription

PUBLISHER_BITRATE = 2_500_000
"""The most that a publisher is ever granted, in bits per second."""


@dataclass(slots=True, eq=False)
class VideoLayer:
    """One stream of the group: what INDEX says of it, its RTP stream id (empty without simulcast), and its packets."""

    source: VideoSource
    rid: str
    publication: Publication

    @property
    def is_on(self) -> bool:
        """Whether its publisher means to send it."""
        return self.source.max_bitrate_kbps > 0


@dataclass(slots=True, eq=False)
class PublishedVideo:
    """What one endpoint publishes. All layers share one SSRC, so that watchers see one stream."""

    owner: Endpoint
    layers: tuple[VideoLayer, ...]
    adapts: bool
    """Whether its publisher heeds what it is granted."""
    shares: dict[VideoSubscription, float] = field(default_factory=dict)
    """What each watcher's network could take of it, in bits per second; who paused it is not here."""

    @property
    def group_id(self) -> int:
        """The id that the layers share."""
        return self.layers[0].source.group_id

    @property
    def ssrc(self) -> int:
        """The SSRC under which every watcher gets it."""
        return self.layers[0].publication.ssrc

    def layer(self, stream_id: int) -> VideoLayer | None:
        """The layer with that stream id."""
        return next((x for x in self.layers if x.source.stream_id == stream_id), None)

    def switched_on(self) -> list[VideoLayer]:
        """The layers that are sent, from the smallest to the largest."""
        on = [layer for layer in self.layers if layer.is_on]
        return sorted(on, key=lambda layer: layer.source.max_bitrate_kbps)

    def set_bitrates(self, kbps: Sequence[int]) -> bool:
        """Take over which layers are on, in the order they were published; whether that changed anything."""
        before = [layer.source for layer in self.layers]
        for layer, bitrate in zip(self.layers, kbps, strict=False):
            layer.source = replace(layer.source, max_bitrate_kbps=bitrate)
        return before != [layer.source for layer in self.layers]

    def granted(self) -> int:
        """What its publisher may send: what its best watcher can take; all of it when there are layers to choose from."""
        if len(self.switched_on()) > 1 or not self.shares:
            return PUBLISHER_BITRATE
        return int(min(PUBLISHER_BITRATE, max(self.shares.values())))

    def close(self) -> None:
        """Let everybody go who watches."""
        for layer in self.layers:
            layer.publication.close()
        self.shares.clear()
