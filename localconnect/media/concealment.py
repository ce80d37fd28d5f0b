"""What probably follows a piece of sound: its last period, over and over, fading.

libopus conceals too, but it lets steady sounds collapse within some milliseconds. Pure functions on samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from localconnect.media.opus import Samples

HISTORY = 1920
"""How much of the past is looked at."""

_SHORTEST, _LONGEST, _PATTERN = 120, 960, 480
_OVERLAP = 120
_RISE = np.linspace(0, 1, _OVERLAP, endpoint=False, dtype=np.float32)


def continued(past: Samples, samples: int, gain: float = 1.0) -> tuple[Samples, float]:
    """The `samples` after `past`, and the gain they end with, from which a further continuation goes on."""
    sound = past[-HISTORY:].astype(np.float32)
    if len(sound) < _LONGEST + _PATTERN or not sound.any():
        return np.zeros(samples, np.int16), 0.0
    period, likeness = _period(sound)
    # The seam within the repeated piece is laid over what precedes it, so that one period passes into the next.
    cycle = sound[-period:].copy()
    overlap = min(_OVERLAP, period)
    before = sound[-period - overlap : -period]
    cycle[-overlap:] = cycle[-overlap:] * (1 - _RISE[:overlap]) + before * _RISE[:overlap]
    start = overlap
    # The last samples heard are the unaltered end of the cycle, so the first ones to follow are its beginning.
    repeated = np.resize(cycle, samples + start)[:samples]
    end = gain * (0.3 + 0.6 * max(0.0, likeness)) ** (samples / 960)
    faded = repeated * np.linspace(gain, end, samples, dtype=np.float32)
    return faded.astype(np.int16), end


def _period(sound: NDArray[np.float32]) -> tuple[int, float]:
    pattern = sound[-_PATTERN:]
    field = sound[-_PATTERN - _LONGEST : -_SHORTEST]
    energy = np.cumsum(np.concatenate(([0.0], field.astype(np.float64) ** 2)))
    window = energy[_PATTERN:] - energy[:-_PATTERN]
    likeness = np.correlate(field, pattern, "valid") / np.sqrt(
        (window + 1.0) * (float(pattern @ pattern) + 1.0)
    )
    # Of equally good periods the longest is taken: what is repeated least sounds least like a machine.
    good = np.flatnonzero(likeness >= likeness.max() - 0.02)
    best = int(good[0])
    return _LONGEST - best, float(likeness[best])
