"""Draws addresses for a phone's camera: as the path of an SVG, which a page draws without any style."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

QUIET = 4  # modules around the code, as its standard has it


class DrawnCode(NamedTuple):
    """The side of a code in modules, quiet zone included, and its dark modules as an SVG path."""

    size: int
    path: str


def draw_code(text: str) -> DrawnCode:
    """Return a text as a QR code."""
    import segno  # read when a call is handed over, by few

    code = segno.make(text, error="m", micro=False)
    strokes = []
    for y, row in enumerate(code.matrix, start=QUIET):
        x = QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                strokes.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return DrawnCode(len(code.matrix) + 2 * QUIET, "".join(strokes))
