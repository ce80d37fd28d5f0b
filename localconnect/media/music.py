"""Music and chimes, made here: nobody's recording, nobody's rights.

Pure functions that give samples. The music is soft chords with slowly swelling voices, as long as its loop; it is
computed on a circle, so its end passes into its beginning without a seam.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from localconnect.media.opus import SAMPLE_RATE, Samples

Sound = NDArray[np.float64]

_MUSIC_PEAK, _CHIME_PEAK = 4_500, 7_000
"""About -17 and -13 dBFS: below a voice, so that nobody holds the receiver away from the ear."""
_CHORD_S = 3.0
_OVERLAP_S = 1.2
_PLUCK_S = 0.75
MOST_BEEPS = 5
"""Positions up to this are counted out."""

_HOLD_CHORDS = (
    (50, 57, 62, 66, 69),
    (47, 54, 59, 62, 66),
    (43, 55, 59, 62, 66),
    (45, 52, 57, 61, 64),
)
"""D, B minor, G with a major seventh, A: MIDI numbers from the bass upwards."""
_QUEUE_CHORDS = (
    (48, 55, 60, 64, 67),
    (45, 57, 60, 64, 67),
    (41, 53, 57, 60, 64),
    (43, 55, 59, 62, 65),
)
"""C, A minor seventh, F with a major seventh, G seventh."""
_PARTIALS = ((1, 1.0), (2, 0.28), (3, 0.1), (4, 0.04))


def hold_music() -> Samples:
    """A loop of 12 seconds for somebody on hold."""
    return _looped(_HOLD_CHORDS, arpeggio=(0, 2, 4, 3))


def queue_music() -> Samples:
    """A loop of 12 seconds for somebody who waits for an agent; another one, so that one tells them apart."""
    return _looped(_QUEUE_CHORDS, arpeggio=(4, 3, 2, 1))


def greeting_chime() -> Samples:
    """Three rising notes: a call has been answered by a machine."""
    return _chime([(72, 0.0), (76, 0.22), (79, 0.44)], seconds=1.4)


def position_chime(position: int) -> Samples:
    """As many short notes as there are people ahead and oneself; a low and a high note from six on.

    :raises ValueError: there is no such position.
    """
    if position < 1:
        raise ValueError("positions in a queue begin at 1")
    if position > MOST_BEEPS:
        return _chime([(64, 0.0), (76, 0.35)], seconds=1.2)
    return _chime(
        [(74, 0.35 * number) for number in range(position)], seconds=0.35 * position + 0.6
    )


def _looped(chords: Sequence[Sequence[int]], *, arpeggio: Sequence[int]) -> Samples:
    length = round(len(chords) * _CHORD_S * SAMPLE_RATE)
    music = np.zeros(length)
    for number, chord in enumerate(chords):
        at = number * _CHORD_S
        for note in chord:
            _add(music, at - _OVERLAP_S / 2, _swell(_hertz(note), _CHORD_S + _OVERLAP_S) * 0.16)
        for beat in range(round(_CHORD_S / _PLUCK_S)):
            note = chord[arpeggio[beat % len(arpeggio)]] + 12
            _add(music, at + beat * _PLUCK_S, _pluck(_hertz(note), 2.0) * 0.2)
    return _scaled(music, _MUSIC_PEAK)


def _chime(notes: Sequence[tuple[int, float]], *, seconds: float) -> Samples:
    sound = np.zeros(round(seconds * SAMPLE_RATE))
    for note, at in notes:
        tail = _pluck(_hertz(note), min(0.6, seconds - at))
        _add(sound, at, tail)
    return _scaled(sound, _CHIME_PEAK)


def _add(track: Sound, at_s: float, sound: Sound) -> None:
    """Lay a sound into a track; what goes beyond an end comes in at the other."""
    start = round(at_s * SAMPLE_RATE)
    track[(start + np.arange(len(sound))) % len(track)] += sound


def _hertz(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


def _tone(hertz: float, seconds: float) -> Sound:
    phase = 2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound: Sound = sum((gain * np.sin(k * phase) for k, gain in _PARTIALS), np.zeros(len(phase)))
    return sound


def _swell(hertz: float, seconds: float) -> Sound:
    """A voice that comes and goes within the overlap. Its softer twin, a little beside it, makes it live."""
    both = _tone(hertz, seconds) + 0.4 * _tone(hertz + 0.5, seconds)
    rise = np.sin(np.linspace(0, np.pi / 2, round(_OVERLAP_S * SAMPLE_RATE)))
    both[: len(rise)] *= rise
    both[-len(rise) :] *= rise[::-1]
    return both


def _pluck(hertz: float, seconds: float) -> Sound:
    """A note that is struck and dies away, down to nothing at its end."""
    sound = _tone(hertz, seconds)
    fall = np.exp(-4 * np.linspace(0, 1, len(sound))) * np.linspace(1, 0, len(sound))
    attack = np.minimum(1, np.arange(len(sound)) / (0.008 * SAMPLE_RATE))
    return sound * fall * attack


def _scaled(sound: Sound, peak: int) -> Samples:
    loudest = float(np.abs(sound).max())
    return np.asarray(sound * (peak / loudest), np.int16)
