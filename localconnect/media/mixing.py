"""What one listener hears while it is more than one sound: the sum of the others, as one continuous Opus stream.

Every change of what is in the sum is a crossfade over one frame, the first one from what the listener had been passed
undecoded, so that it never jumps. It must not know who should be heard, nor of RTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from localconnect.media.concealment import continued
from localconnect.media.opus import (
    FRAME,
    Application,
    OpusDecoder,
    OpusEncoder,
    OpusError,
    Samples,
)

T = TypeVar("T")

_BITS_PER_SECOND = 40_000
_COMPLEXITY = 4
_EXPECTED_LOSS_PERCENT = 10
_LOOKAHEAD = 312
"""By how much libopus' encoder delays what it is given (6.5 ms at 48 kHz)."""
_KNEE, _PEAK = 22_000, 32_767
"""Up to the knee a sum stays as it is; what exceeds it is bent below the peak."""
_PRIMING_FRAMES = 2
_RISE = (0.5 - 0.5 * np.cos(np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
_FALL = 1 - _RISE
_SILENT: Samples = np.zeros(FRAME, np.int16)

PcmOf = Callable[[T], Samples]


class Mix(Generic[T]):
    """One listener's sum. `T` is whatever stands for a sender."""

    __slots__ = ("_before", "_encoder", "loudest", "sources", "steps")

    def __init__(self, heard: Iterable[bytes] = ()) -> None:
        """Go on from `heard`, the packets that the listener got last."""
        self._encoder = OpusEncoder(
            Application.VOICE,
            bits_per_second=_BITS_PER_SECOND,
            complexity=_COMPLEXITY,
            expected_loss_percent=_EXPECTED_LOSS_PERCENT,
        )
        self.sources: frozenset[T] = frozenset()
        self.steps = 0
        """Frames since the sum last changed."""
        self.loudest = 0
        """The highest sample of the last frame."""
        self._before: Samples | None = self._continue(heard)

    def _continue(self, heard: Iterable[bytes]) -> Samples:
        """What would have followed `heard`; the encoder is brought to where the listener's decoder is."""
        decoder = OpusDecoder()
        try:
            past = np.concatenate(
                [_SILENT, _SILENT, *(decoder.decode(payload) for payload in heard)]
            )
        except OpusError:
            return _SILENT  # whoever sends no Opus is not heard
        future, _ = continued(past, FRAME + _LOOKAHEAD)
        # The encoder's delay is made up for, so that its first packet begins where the last one heard ended.
        known = np.concatenate((past, future[:_LOOKAHEAD]))
        for frame in known[-_PRIMING_FRAMES * FRAME :].reshape(-1, FRAME):
            self._encoder.encode(frame)
        return future[_LOOKAHEAD:]

    def packet(self, sources: frozenset[T], pcm: PcmOf[T]) -> bytes:
        """The next 20 ms of the sum of `sources`."""
        mixed = _sum(sources, pcm)
        if sources != self.sources or self._before is not None:
            before = self._before if self._before is not None else _sum(self.sources, pcm)
            mixed = (before * _FALL + mixed * _RISE).astype(np.int32)
            self._before = None
            self.sources = sources
            self.steps = 0
        self.steps += 1
        self.loudest = int(np.abs(mixed).max())
        return self._encoder.encode(_limited(mixed, self.loudest))


def _sum(sources: Iterable[T], pcm: PcmOf[T]) -> NDArray[np.int32]:
    total = np.zeros(FRAME, np.int32)
    for source in sources:
        total += pcm(source)
    return total


def _limited(mixed: NDArray[np.int32], loudest: int) -> Samples:
    """16-bit samples; loud ones are compressed smoothly instead of cut."""
    if loudest <= _KNEE:
        return mixed.astype(np.int16)
    room = _PEAK - _KNEE
    over = np.abs(mixed) - _KNEE
    bent = np.where(over > 0, _KNEE + room * np.tanh(over / room), np.abs(mixed))
    return (np.sign(mixed) * bent).astype(np.int16)
