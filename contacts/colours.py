"""Colours as `#rrggbb`, and how well one can be read on another (WCAG 2.2, contrast ratio). Pure functions."""

from __future__ import annotations

import re

BLACK = "#000000"
WHITE = "#ffffff"
READABLE = 4.5  # contrast ratio of text, WCAG 2.2, 1.4.3
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z", re.IGNORECASE)
_STEPS = 20  # in which a colour is lightened


def is_colour(text: str) -> bool:
    """Whether the text is a colour, such as `#0a6b5a`."""
    return bool(_COLOUR.match(text))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (the same) to 21 (black and white)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: tuple[str, ...]) -> float:
    """Return the contrast ratio of a colour with that of the grounds on which it is read worst."""
    return min(contrast(colour, ground) for ground in grounds)


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share (0 to 1) of another in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lightened_until_readable(colour: str, grounds: tuple[str, ...]) -> str:
    """Return a colour with as much white in it as it takes to be read on dark grounds."""
    shades = (mixed(colour, WHITE, step / _STEPS) for step in range(_STEPS))
    return next((one for one in shades if least_contrast(one, grounds) >= READABLE), WHITE)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
