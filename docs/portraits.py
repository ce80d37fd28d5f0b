"""Draws people who are nobody, as moving pictures for Chromium's fake camera: head, shoulders, a wall behind them.

Writes YUV4MPEG2, which is raw planes with a one-line header. Knows nothing of browsers or calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FRAMES_PER_S = 640, 360, 15
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What somebody looks like."""

    wall: Colour
    skin: Colour
    hair: Colour
    shirt: Colour


ANA = Portrait(wall=(214, 196, 176), skin=(226, 172, 138), hair=(72, 44, 34), shirt=(178, 74, 84))
SAM = Portrait(wall=(150, 178, 186), skin=(150, 102, 76), hair=(30, 26, 28), shirt=(40, 84, 122))


def write_portrait(portrait: Portrait, path: Path, *, frames: int = 6) -> None:
    """Write a film of `frames` frames in which the person sways a little; it can be looped."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(frames):
            film.write(b"FRAME\n" + _draw(portrait, math.sin(2 * math.pi * number / frames)))


def _draw(portrait: Portrait, sway: float) -> bytes:
    """Return the three planes of one frame; colour has half the size of brightness."""
    rows = [
        [_to_yuv(_colour_at(portrait, x, y, sway)) for x in range(WIDTH)] for y in range(HEIGHT)
    ]
    quarter = [pixel for row in rows[::2] for pixel in row[::2]]
    luma = bytes(y for row in rows for y, _, _ in row)
    return luma + bytes(u for _, u, _ in quarter) + bytes(v for _, _, v in quarter)


def _colour_at(portrait: Portrait, x: int, y: int, sway: float) -> Colour:
    centre = WIDTH / 2 + 6 * sway
    shade = 1 - 0.25 * y / HEIGHT - 0.15 * abs(x - WIDTH / 2) / WIDTH
    if _inside(x, y, centre, 152, 56, 72):
        return portrait.hair if y < 112 + 0.004 * (x - centre) ** 2 else portrait.skin
    if _inside(x, y, centre, 138, 72, 86):
        return portrait.hair
    if abs(x - centre) < 26 and 200 < y < 250:
        return _scaled(portrait.skin, 0.85)
    if _inside(x, y, WIDTH / 2 + 3 * sway, 372, 150, 140):
        return portrait.shirt
    return _scaled(portrait.wall, shade)


def _inside(x: float, y: float, cx: float, cy: float, rx: float, ry: float) -> bool:
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1


def _scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = colour
    return round(red * factor), round(green * factor), round(blue * factor)


def _to_yuv(colour: Colour) -> Colour:
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(luma), round(128 + 0.564 * (blue - luma)), round(128 + 0.713 * (red - luma))
