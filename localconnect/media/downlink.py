"""What one client is sent of the videos it watches: which layer of each, or none, as its network can take them.

It joins the estimate (bandwidth.py) and the choice (allocation.py) with the subscriptions of one client, once a tick,
and hears the client's feedback. It must not know of SDP or of sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from localconnect.media import rtcp
from localconnect.media.allocation import PAUSED, Wish, allocate
from localconnect.media.attendee import CONTENT_SUFFIX
from localconnect.media.bandwidth import DownlinkEstimate
from localconnect.media.loss_reports import LossReports
from localconnect.media.published_video import PublishedVideo, VideoLayer
from localconnect.media.retransmission import RetransmissionBudget
from localconnect.media.round_trip import Reported, RoundTrip
from localconnect.media.subscription import VideoSubscription

LEAST_BITRATE = 100_000
"""What an adapting publisher needs for a picture worth sending, in bits per second."""

_AUDIO_BITRATE = 40_000
_PATIENCE_S = 5.0
"""How long a publisher may take to come down to what it is granted before its video is paused."""

_NAP_S = 1.5
"""Nothing came of a layer for that long: its publisher has stopped it, whatever it says."""

_STRAINED_S = 2.0
_FEW_PACKETS = 20
"""Fewer packets than that in a tick say little of loss."""

_LOWEST_PRIORITY = 1_000


@dataclass(slots=True, eq=False)
class Watched:
    """A video section of the client: what it wants, and what it gets."""

    video: PublishedVideo
    stream_id: int
    subscription: VideoSubscription
    started: bool = False
    paused: bool = False
    """By the client."""
    starved: bool = False
    """By this server, for want of bandwidth."""
    priority: int = _LOWEST_PRIORITY
    target_kbps: float = float("inf")

    def layers(self, now: float) -> list[VideoLayer]:
        """The layers it may get, smallest first: those that are sent, up to the one it wants."""
        on = self.video.switched_on()
        alive = [x for x in on if now - x.publication.latest_at < _NAP_S] or on[:1]
        wanted = self.video.layer(self.stream_id)
        most = min(
            float(wanted.source.max_bitrate_kbps) if wanted and wanted.is_on else float("inf"),
            self.target_kbps,
        )
        return [x for x in alive if x.source.max_bitrate_kbps <= most] or alive[:1]


class Downlink:
    """The videos one client watches, by the mid of their sections.

    `tell_starved` is called with group ids and whether they stop (True) or go on.
    """

    def __init__(
        self, *, round_trip: RoundTrip, tell_starved: Callable[[list[int], bool], None]
    ) -> None:
        self.estimate = DownlinkEstimate()
        self.watched: dict[str, Watched] = {}
        self._round_trip = round_trip
        self._tell_starved = tell_starved
        self._by_ssrc: dict[int, Watched] = {}
        self._losses = LossReports()
        self._budget = RetransmissionBudget(round_trip)
        self._sent = (0.0, 0, 0)
        self._excess_since: float | None = None

    # What is watched ------------------------------------------------------------------------------------------

    def add(self, mid: str, watched: Watched) -> None:
        """Watch a video in the section with that mid, once it is started."""
        self.watched[mid] = watched
        self._by_ssrc[watched.video.ssrc] = watched

    def remove(self, mid: str) -> None:
        """Watch it no longer; fine when there is nothing."""
        watched = self.watched.pop(mid, None)
        if watched is not None:
            watched.subscription.watch(None)
            watched.video.shares.pop(watched.subscription, None)
            self._by_ssrc.pop(watched.video.ssrc, None)
            self._losses.forget(watched.video.ssrc)

    def start(self, now: float) -> None:
        """Let what was added flow."""
        for watched in self.watched.values():
            watched.started = True
        self.choose(now)

    def set_paused(self, stream_ids: frozenset[int], paused: bool, now: float) -> None:
        """The client stops or restarts some videos."""
        for watched in self.watched.values():
            if any(watched.video.layer(stream_id) for stream_id in stream_ids):
                watched.paused = paused
        self.choose(now)

    # What comes back ------------------------------------------------------------------------------------------

    def take_feedback(self, message: rtcp.Message, now: float) -> None:
        """A report or a request of the client; what concerns no video is passed over."""
        match message:
            case rtcp.Nack(ssrc=ssrc, lost=lost):
                if watched := self._by_ssrc.get(ssrc):
                    sent = watched.subscription.sent_of(lost)
                    watched.subscription.resend(self._budget.admit(ssrc, sent, now))
            case rtcp.KeyFrameRequest(ssrc=ssrc):
                if watched := self._by_ssrc.get(ssrc):
                    watched.subscription.request_key_frame()
            case rtcp.BitrateLimit(bits_per_second=limit):
                self.estimate.note_limit(limit, now)
            case rtcp.ReportBlock():
                self._take_report(message, now)

    def _take_report(self, block: rtcp.ReportBlock, now: float) -> None:
        watched = self._by_ssrc.get(block.ssrc)
        if watched is None:
            return
        if watched.subscription.wanted is None:
            self._losses.forget(
                block.ssrc
            )  # the end of what was lost before the pause shows after it
        else:
            self._losses.note(block)
        if watched.subscription.source is not None:
            self.take_echo(block, watched.subscription.source.reported, now)

    def take_echo(self, block: rtcp.ReportBlock, reported: Reported, now: float) -> float | None:
        """A report that may quote the last of a stream's sender reports. Gives the round trip in seconds if it does."""
        seconds = self._round_trip.note(block, reported, now)
        if seconds is not None:
            self.estimate.note_round_trip(seconds, now)
        return seconds

    # What follows from it -------------------------------------------------------------------------------------

    def tick(self, now: float, packets_out: int, bytes_out: int) -> None:
        """Learn from the last tick, given the counters of the transport, and choose layers anew."""
        since, packets, octets = self._sent
        self._sent = (now, packets_out, bytes_out)
        passed = now - since
        if since and passed > 0:
            sent = (bytes_out - octets) * 8 / passed
            missed = self._budget.missed / max(packets_out - packets, _FEW_PACKETS)
            loss = min(1.0, max(missed, self._losses.settle()))
            self.estimate.update(now=now, sent=sent, loss=loss)
            self._note_excess(now, sent)
        strained = now - self.estimate.strained_at < _STRAINED_S
        self._budget.renew(packets_out - packets, now, strained=strained)
        self.choose(now)

    def _note_excess(self, now: float, sent: float) -> None:
        if sent <= self.estimate.rate * 1.1:
            self._excess_since = None
        elif self._excess_since is None:
            self._excess_since = now

    def choose(self, now: float) -> None:
        """Give each video the layer that the estimate leaves room for."""
        flowing = [w for w in self.watched.values() if w.started and not w.paused]
        for watched in self.watched.values():
            if watched.paused:
                watched.subscription.watch(None)
                watched.video.shares.pop(watched.subscription, None)
        if not flowing:
            return
        budget = max(0.0, self.estimate.rate - _AUDIO_BITRATE)
        layers = [watched.layers(now) for watched in flowing]
        wishes = [
            self._wish(watched, offered, now)
            for watched, offered in zip(flowing, layers, strict=True)
        ]
        for watched, offered, number in zip(
            flowing, layers, allocate(budget, wishes), strict=True
        ):
            watched.video.shares[watched.subscription] = max(budget / len(flowing), LEAST_BITRATE)
            watched.subscription.watch(None if number == PAUSED else offered[number].publication)
            if watched.subscription.waits:
                watched.subscription.request_key_frame()
        self._tell_changes(flowing)

    def _wish(self, watched: Watched, offered: list[VideoLayer], now: float) -> Wish:
        current = watched.subscription.wanted
        costs = tuple(layer.publication.bitrate(now) for layer in offered)
        patient = self._excess_since is None or now - self._excess_since < _PATIENCE_S
        if len(offered) == 1 and watched.video.adapts and not watched.starved and patient:
            # Its publisher comes down to what it is granted; meanwhile it counts as if it had.
            costs = (min(costs[0], LEAST_BITRATE),)
        return Wish(
            layers=costs,
            current=next(
                (n for n, layer in enumerate(offered) if layer.publication is current), PAUSED
            ),
            priority=watched.priority - _is_content(watched) * _LOWEST_PRIORITY,
        )

    def _tell_changes(self, flowing: Iterable[Watched]) -> None:
        changes: dict[bool, list[int]] = {True: [], False: []}
        for watched in flowing:
            starved = watched.subscription.wanted is None
            if starved != watched.starved:
                watched.starved = starved
                changes[starved].append(watched.video.group_id)
        for starved, group_ids in changes.items():
            if group_ids:
                self._tell_starved(group_ids, starved)

    def close(self) -> None:
        """Watch nothing any more."""
        for mid in list(self.watched):
            self.remove(mid)


def _is_content(watched: Watched) -> bool:
    return watched.video.owner.roster_id.endswith(CONTENT_SUFFIX)
