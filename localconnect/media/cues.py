"""What people may be given to hear, as values: named here, encoded in pieces.py, played by playback.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Made(StrEnum):
    """The sounds that are made here."""

    HOLD_MUSIC = "hold music"
    QUEUE_MUSIC = "queue music"
    GREETING = "greeting"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class Cue:
    """One of those made here, or a company's `own` file in its place. `position` is that in a queue, from 1 up."""

    made: Made
    own: Path | None = None
    position: int = 1
