"""Playing a little faster or slower without a change of pitch: one period of the sound is left out, or repeated.

Two places of the frame that look most alike are laid over each other and crossfaded (WSOLA), so that neither voices nor
tones break. Pure functions on samples.
"""

from __future__ import annotations

import numpy as np

from localconnect.media.opus import Samples

SHORTEST, LONGEST = 120, 600
"""By how many samples a frame changes: 2.5 to 12.5 ms, the periods of voices down to 80 Hz."""

_OVERLAP = 240
_RISE = np.linspace(0, 1, _OVERLAP, endpoint=False, dtype=np.float32)
_FALL = 1 - _RISE


def shortened(frame: Samples, most: int = LONGEST) -> Samples:
    """The frame without one of its periods, of at most `most` samples; a frame has at least `LONGEST` + 240."""
    period = _period(frame, max(SHORTEST, most))
    joint = frame[:_OVERLAP] * _FALL + frame[period : period + _OVERLAP] * _RISE
    return np.concatenate((joint.astype(np.int16), frame[period + _OVERLAP :]))


def lengthened(frame: Samples) -> Samples:
    """The frame with one of its periods twice; a frame has at least `LONGEST` + 240 samples."""
    period = _period(frame, LONGEST)
    joint = frame[period : period + _OVERLAP] * _FALL + frame[:_OVERLAP] * _RISE
    return np.concatenate((frame[:period], joint.astype(np.int16), frame[_OVERLAP:]))


def _period(frame: Samples, most: int) -> int:
    """The shift under which the frame's beginning looks most like what follows."""
    sound = frame.astype(np.float32)
    pattern = sound[:_OVERLAP]
    rest = sound[SHORTEST : most + _OVERLAP]
    energy = np.cumsum(np.concatenate(([0.0], rest * rest)))
    window = energy[_OVERLAP:] - energy[:-_OVERLAP]
    likeness = np.correlate(rest, pattern, "valid") / np.sqrt(window + 1.0)
    return SHORTEST + int(np.argmax(likeness))
