"""Colours: their contrast is WCAG's, and what is derived from one can be read."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.exceptions import ValidationError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.colours import (
    BLACK,
    READABLE,
    WHITE,
    contrast,
    is_colour,
    least_contrast,
    lightened_until_readable,
    mixed,
)
from contacts.theme_checks import (
    DARK_GROUNDS,
    LIGHT_GROUNDS,
    validate_dark_accent,
    validate_light_accent,
)

THEME = Path(__file__).resolve().parents[2] / "static" / "css" / "theme.css"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    """Should agree with published pairs, either way round."""
    assert round(contrast(one, other), 2) == ratio
    assert contrast(one, other) == contrast(other, one)


@given(COLOURS)
def test_every_colour_has_a_shade_for_the_dark(colour: str) -> None:
    """Should lighten a colour until it can be read on every dark ground, with black on it as well."""
    shade = lightened_until_readable(colour, DARK_GROUNDS)

    assert least_contrast(shade, DARK_GROUNDS) >= READABLE
    assert contrast(shade, BLACK) >= READABLE


@given(COLOURS)
def test_what_is_accepted_can_be_read_as_text_and_under_text(colour: str) -> None:
    """Should leave enough contrast for links, for white on buttons, and for buttons pointed at."""
    try:
        validate_light_accent(colour)
    except ValidationError:
        assert least_contrast(colour, LIGHT_GROUNDS) < READABLE
        return
    assert contrast(colour, WHITE) >= READABLE
    assert contrast(mixed(colour, BLACK, 0.22), WHITE) >= READABLE


@pytest.mark.parametrize(
    ("validate", "colour", "says"),
    [
        (validate_light_accent, "#ffcc00", "#ffcc00 has a contrast of 1.39:1"),
        (validate_light_accent, "#737373", "contrast of 4.36:1"),
        (validate_dark_accent, "#0a6b5a", "Choose a lighter colour."),
        (validate_light_accent, "red", "six hexadecimal digits"),
        (validate_light_accent, "#fff", "six hexadecimal digits"),
        (validate_dark_accent, "#12345g", "six hexadecimal digits"),
        (validate_dark_accent, "#123456\n", "six hexadecimal digits"),
    ],
)
def test_refusal_says_what_was_measured(validate: object, colour: str, says: str) -> None:
    """Should name the colour, its contrast and what to do (case 56)."""
    with pytest.raises(ValidationError) as refused:
        validate(colour)  # type: ignore[operator]

    assert says in refused.value.messages[0]


def test_grounds_are_those_of_the_pages() -> None:
    """Should measure against the colours that the pages have."""
    light, dark = THEME.read_text().split("prefers-color-scheme: dark", 1)
    for sheet, grounds in ((light, LIGHT_GROUNDS), (dark, DARK_GROUNDS)):
        found = [re.search(rf"--{name}: (#\w+);", sheet) for name in ("ground", "surface")]
        assert [one and one.group(1) for one in found] == list(grounds)


def test_only_full_colours_are_colours() -> None:
    """Should take nothing that could end a declaration."""
    assert is_colour("#0A6b5a")
    assert not any(map(is_colour, ["", "#000", "#0a6b5a;", "url(x)", "#0a6b5aa"]))
