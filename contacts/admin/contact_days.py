"""The years, months and days that the list of contacts can be narrowed to. Made from two dates: no call is read."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from django.utils import formats

Span = tuple[int, ...]  # (), (year,), (year, month) or (year, month, day)


def wider_spans(chosen: Span) -> Iterator[tuple[str, Span]]:
    """Yield what the chosen span lies in, the widest first, each with its title."""
    for length in range(len(chosen)):
        yield title_of(chosen[:length]), chosen[:length]


def narrower_spans(chosen: Span, first: date, last: date) -> Iterator[tuple[str, Span]]:
    """Yield what the chosen span consists of, between two days, each with its title."""
    if not chosen and first.year == last.year:
        chosen = (last.year,)
    if len(chosen) == 0:
        parts = range(first.year, last.year + 1)
    elif len(chosen) == 1:
        parts = range(1, 13)
    elif len(chosen) == 2:
        parts = range(1, calendar.monthrange(*chosen)[1] + 1)
    else:
        return
    for part in parts:
        span = (*chosen, part)
        if (
            (first.year, first.month, first.day)[: len(span)]
            <= span
            <= (
                last.year,
                last.month,
                last.day,
            )[: len(span)]
        ):
            yield title_of(span), span


def is_span(chosen: Span) -> bool:
    """Whether there is such a year, month or day."""
    try:
        date(*(*chosen, 1, 1, 1)[:3])
    except ValueError:
        return False
    return True


def title_of(span: Span) -> str:
    """Name a span."""
    if not span:
        return "…"
    if len(span) == 1:
        return str(span[0])
    day = date(*(*span, 1)[:3])
    return formats.date_format(day, "YEAR_MONTH_FORMAT" if len(span) == 2 else "MONTH_DAY_FORMAT")
