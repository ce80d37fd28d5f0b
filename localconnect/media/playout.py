"""One sender's sound in steps of 20 ms, whatever the network did to its packets.

What is lost is recovered from the next packet or concealed; what is late makes the delay grow, and a delay that is not
needed shrinks again by playing a little faster. That also evens out clocks that differ. It must not know who listens.

The delay is steered by *slack*: how long the latest of the recent packets (all but the worst 2 %) lay here before they
were needed. A little is enough on a quiet network; where packets are lost one frame more, so that the packet which
carries the redundancy has come when its predecessor is missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from localconnect.media.concealment import HISTORY, continued
from localconnect.media.jitter_buffer import JitterBuffer
from localconnect.media.opus import (
    FRAME,
    SAMPLE_RATE,
    OpusDecoder,
    OpusError,
    Samples,
    has_redundancy,
)
from localconnect.media.time_stretch import LONGEST, lengthened, shortened

_MS = SAMPLE_RATE // 1000
_MARGIN = 3 * _MS
"""Slack that covers the unevenness of this process itself."""
_HYSTERESIS = 5 * _MS
_MOST_DELAY = 160 * _MS
_WINDOW = 200
_ENOUGH = 25
"""How many arrivals must be known before the delay is judged."""
_UNLIKELY = 0.98
_JUDGED_EVERY = 5
"""Steps between two judgements, and two shortenings, so that a voice does not hurry audibly."""
_FADED_FRAMES = 8
"""Concealment has faded away by then; from there on it is silence."""
_LOSSY, _LOSSLESS = 0.01, 0.004
_LOSS_WEIGHT = 1 / 256
_SHORTEST_GAP = 120
"""libopus recovers multiples of that; a shorter gap is passed over."""
_LONGEST_GAP = 12 * FRAME
"""Beyond that nothing was lost: the sender has begun anew."""
_LEAD = 240
_RISE = np.linspace(0, 1, _LEAD, endpoint=False, dtype=np.float32)
_FALL = 1 - _RISE
_NOTHING: Samples = np.zeros(0, np.int16)
_SILENT_FRAME: Samples = np.zeros(FRAME, np.int16)


class Playout:
    """The way from packets to samples. `put` and `pull` are given the same monotonic clock, in seconds."""

    __slots__ = (
        "_arrivals",
        "_begun",
        "_buffer",
        "_concealed",
        "_decoder",
        "_due",
        "_gain",
        "_late",
        "_loss",
        "_lossy",
        "_past",
        "_pulls",
        "_ready",
        "_seen_waiting",
        "_warm",
        "concealed_frames",
        "recovered_frames",
        "stretched_frames",
    )

    def __init__(self, heard: Iterable[tuple[int, bytes]] = ()) -> None:
        """Begin where `heard` ends: the packets that the listeners got last, which are not played again."""
        self._decoder = OpusDecoder()
        self._buffer = JitterBuffer()
        self._ready = _NOTHING
        self._past: Samples = np.zeros(HISTORY, np.int16)
        self._gain = 1.0
        self._begun = self._warm = self._seen_waiting = False
        self._concealed = 0
        self._due = 0.0
        self._arrivals: deque[float] = deque(maxlen=_WINDOW)
        self._late = 0.0
        self._loss = 0.0
        self._lossy = False
        self._pulls = 0
        self.concealed_frames = 0
        self.recovered_frames = 0
        self.stretched_frames = 0
        for time, payload in heard:
            samples = self._decoded(payload)
            self._buffer.position = time + len(samples)
            self._warm = True

    def put(self, time: int, payload: bytes, now: float) -> None:
        """Take a packet whose first sample has media time `time` (unwrapped ticks)."""
        self._arrivals.append(now * SAMPLE_RATE - time)
        self._buffer.put(time, payload)

    def pull(self, due: float) -> Samples:
        """The next 20 ms, to be heard from `due` on."""
        self._due = due
        self._pulls += 1
        if not self._begun and not self._may_begin():
            return self._wait() if self._warm else _SILENT_FRAME
        self._drop_excess()
        change = self._change()
        while len(self._ready) < FRAME:
            samples = self._following()
            if change:
                while (
                    len(samples) < FRAME
                ):  # a client may send packets shorter than the usual 20 ms
                    samples = np.concatenate((samples, self._following()))
                samples = lengthened(samples) if change > 0 else shortened(samples, -change)
                change = 0
                self.stretched_frames += 1
            self._ready = np.concatenate((self._ready, samples))
        frame, self._ready = self._ready[:FRAME], self._ready[FRAME:]
        self._due = due + FRAME / SAMPLE_RATE
        return frame

    def unplayed(self) -> list[int]:
        """The media times of the packets that nobody has heard a sample of."""
        return self._buffer.rest()

    @property
    def heard(self) -> tuple[int, float] | None:
        """The media time of the sample that is heard next, and when that is; None before the first packet."""
        position = self._buffer.position
        return None if position is None else (position - len(self._ready), self._due)

    @property
    def delay(self) -> float:
        """How long the typical late packet will have waited when it is heard, in seconds."""
        return (self._slack() + self._left_over) / SAMPLE_RATE

    def _may_begin(self) -> bool:
        # The first packet waits for a second one or for one more step: there must be something to even out with.
        waiting = len(self._buffer)
        self._begun = waiting >= 2 or (waiting == 1 and self._seen_waiting)
        self._seen_waiting = waiting == 1
        return self._begun

    # What comes next ----------------------------------------------------------------------------------------------

    def _following(self) -> Samples:
        upcoming = self._buffer.next()
        if upcoming is None:
            return self._wait()
        time, payload = upcoming
        position = self._buffer.position
        assert position is not None  # noqa: S101 - something waits, so there is a position
        missing = time - position
        # What was concealed while waiting for a packet that never came stands in its place.
        missing -= min(missing, self._concealed)
        self._concealed = 0
        self._note_loss(time > position)
        if missing < _SHORTEST_GAP or missing > _LONGEST_GAP:
            self._buffer.position = time
            samples = self._decoded(payload)
            self._buffer.take(len(samples))
            return samples
        return self._fill(missing, time, payload)

    def _fill(self, missing: int, time: int, following: bytes) -> Samples:
        samples = min(missing, FRAME) // 120 * 120
        self._buffer.position = time - missing + samples
        if missing > FRAME or not has_redundancy(following):
            return self._continued(samples)
        try:
            recovered = self._decoder.recover(following, samples)
        except OpusError:
            return self._continued(samples)
        self.recovered_frames += 1
        return self._heard(recovered)

    def _wait(self) -> Samples:
        """Nothing has come in time: sound goes on from what was, and everything later is heard later by as much."""
        self._concealed += FRAME
        if self._concealed > _FADED_FRAMES * FRAME:
            return _SILENT_FRAME
        return self._continued(FRAME)

    def _continued(self, samples: int) -> Samples:
        # The decoder is not told: it would begin the next frame from its own, much quieter, guess.
        self.concealed_frames += 1
        sound, self._gain = continued(self._past, samples, self._gain)
        self._past = np.concatenate((self._past[samples:], sound))
        return sound

    def _decoded(self, payload: bytes) -> Samples:
        try:
            return self._heard(self._decoder.decode(payload))
        except OpusError:
            return self._continued(FRAME)

    def _heard(self, sound: Samples) -> Samples:
        """Lead over from what was concealed, if anything was, and remember what is to be continued if need be."""
        if self._gain < 1:
            guess, _ = continued(self._past, min(_LEAD, len(sound)), self._gain)
            joint = guess * _FALL[: len(guess)] + sound[:_LEAD] * _RISE[: len(guess)]
            sound = np.concatenate((joint.astype(np.int16), sound[_LEAD:]))
            self._gain = 1.0
        self._past = np.concatenate((self._past, sound))[-HISTORY:]
        return sound

    def _note_loss(self, lost: bool) -> None:
        self._loss += (lost - self._loss) * _LOSS_WEIGHT
        self._lossy = self._loss > (_LOSSLESS if self._lossy else _LOSSY)

    # Delay --------------------------------------------------------------------------------------------------------

    def _slack(self) -> float:
        position = self._buffer.position or 0
        whole_frames = len(self._ready) - self._left_over
        return self._due * SAMPLE_RATE + whole_frames - position - self._late

    @property
    def _left_over(self) -> int:
        """Samples at hand that do not fill a frame, so that they only wait for the next packet."""
        return len(self._ready) % FRAME

    def _change(self) -> int:
        """By how many samples, at most, the delay is to grow or, below 0, to shrink."""
        if len(self._arrivals) < _ENOUGH or self._concealed:
            return 0
        judged = self._pulls % _JUDGED_EVERY == 0
        if judged:
            self._late = sorted(self._arrivals)[int(_UNLIKELY * (len(self._arrivals) - 1))]
        slack = self._slack() - _MARGIN - (FRAME if self._lossy else 0)
        if slack < 0:
            return LONGEST
        if not judged:
            return 0
        if slack >= FRAME + _HYSTERESIS:
            return -LONGEST
        # A part of a frame that is always left over helps nobody. Leaving out no more than that takes no packet early.
        return -min(LONGEST, self._left_over) if self._left_over > _HYSTERESIS else 0

    def _drop_excess(self) -> None:
        """After a burst that follows a standstill, be no later than the longest delay allowed."""
        while len(self._buffer) * FRAME > _MOST_DELAY:
            self._following()
