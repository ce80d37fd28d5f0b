"""Pieces of sound that are played to people: encoded once per process, shared by all who hear them.

A piece is one of those made by music.py, or a company's own file. It must not know to whom it is played.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np

from localconnect.media import music
from localconnect.media.cues import Cue, Made
from localconnect.media.opus import FRAME, SAMPLE_RATE, Application, OpusEncoder, Samples

logger = logging.getLogger(__name__)

MOST_BYTES = 50_000_000
MOST_SECONDS = 600

_BITS_PER_SECOND = 48_000
_COMPLEXITY = 8
_EXPECTED_LOSS_PERCENT = 0
_LEAD_IN_FRAMES = 3


class UnreadableSound(ValueError):
    """A file that is no sound, or too much of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Opus packets of 20 ms each."""

    name: str
    payloads: tuple[bytes, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.payloads) * FRAME / SAMPLE_RATE


_prepared: dict[str, Piece] = {}
_preparing = threading.Lock()


async def prepared(cue: Cue) -> Piece:
    """What is played as `cue`: the company's own where it has one that can be played, else the one made here."""
    if cue.own is not None:
        try:
            return await from_file(cue.own)
        except UnreadableSound as error:
            logger.warning("%s; localconnect's own is played instead", error)
    match cue.made:
        case Made.HOLD_MUSIC:
            return await _piece(cue.made, music.hold_music)
        case Made.QUEUE_MUSIC:
            return await _piece(cue.made, music.queue_music)
        case Made.GREETING:
            return await _piece(cue.made, music.greeting_chime)
        case Made.POSITION:
            shown = min(cue.position, music.MOST_BEEPS + 1)
            return await _piece(f"position {shown}", partial(music.position_chime, shown))


async def from_file(path: Path) -> Piece:
    """A company's own sound, in any format that FFmpeg reads (wav, ogg, mp3, m4a and so on).

    A file that has changed is read again.

    :raises UnreadableSound: there is no such file, it holds no sound, or more than 10 minutes or 50 MB.
    """
    try:
        status = await asyncio.to_thread(os.stat, path)
    except OSError as error:
        raise UnreadableSound(f"{path} cannot be read: {error.strerror}") from error
    if status.st_size > MOST_BYTES:
        raise UnreadableSound(f"{path} is larger than {MOST_BYTES // 1_000_000} MB; shorten it")
    return await _piece(f"{path} {status.st_mtime_ns}", partial(_read, path))


async def _piece(name: str, make: Callable[[], Samples]) -> Piece:
    found = _prepared.get(name)
    return found if found is not None else await asyncio.to_thread(_prepare, name, make)


def _prepare(name: str, make: Callable[[], Samples]) -> Piece:
    with _preparing:
        if name not in _prepared:
            _prepared[name] = encode(name, make())
        return _prepared[name]


def encode(name: str, samples: Samples) -> Piece:
    """A piece of these samples, with silence up to the next full 20 ms, fit to be looped."""
    missing = -len(samples) % FRAME
    frames = np.concatenate((samples, np.zeros(missing, np.int16))).reshape(-1, FRAME)
    encoder = OpusEncoder(
        Application.MUSIC,
        bits_per_second=_BITS_PER_SECOND,
        complexity=_COMPLEXITY,
        expected_loss_percent=_EXPECTED_LOSS_PERCENT,
    )
    # The encoder begins with the end, and so comes to the beginning as it does when the piece is played in a loop.
    for frame in frames[-_LEAD_IN_FRAMES:]:
        encoder.encode(frame)
    return Piece(name, tuple(encoder.encode(frame) for frame in frames))


def _read(path: Path) -> Samples:
    """All of a file as samples."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    parts: list[Samples] = []
    count = 0
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                parts += _samples(resampler.resample(frame))
                count += len(parts[-1]) if parts else 0
                if count > MOST_SECONDS * SAMPLE_RATE:
                    raise UnreadableSound(
                        f"{path} is longer than {MOST_SECONDS // 60} minutes; shorten it"
                    )
            parts += _samples(resampler.resample(None))
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableSound(f"{path} holds no sound that FFmpeg can read: {error}") from error
    if not count:
        raise UnreadableSound(f"{path} holds no sound")
    return np.concatenate(parts)


def _samples(frames: list[Any]) -> list[Samples]:
    return [frame.to_ndarray().reshape(-1) for frame in frames if frame.samples]
