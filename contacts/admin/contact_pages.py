"""Pages of the list of contacts: newest first, each found by where the one before ended, so that every page costs the same.

Nothing is counted. The days are offered from the first and the last call alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from contacts.admin.contact_days import Span, is_span, narrower_spans, title_of, wider_spans
from contacts.models import Contact
from contacts.snapshots import timestamp

OLDER_THAN, NEWER_THAN = "older_than", "newer_than"
FORMAT = "format"  # of an export, which is of what the list shows
COLUMN = "column"  # of an export, any number of times
NO_FILTERS = (OLDER_THAN, NEWER_THAN, FORMAT, COLUMN)
NEWEST_FIRST = ("-requested_at", "-id")
OLDEST_FIRST = ("requested_at", "id")
DAY = "requested_at"
DAY_PARTS = (f"{DAY}__year", f"{DAY}__month", f"{DAY}__day")


@dataclass(frozen=True, slots=True)
class DayLink:
    """A year, month or day that the list can be narrowed to; without an address it is the one chosen."""

    title: str
    address: str


class NewestFirst(ChangeList):
    """The list, one page of it."""

    older: str | None = None
    newer: str | None = None

    def get_filters_params(self, params: Any = None) -> Any:
        """Return what narrows the list, which the place in it does not."""
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in NO_FILTERS}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return an address of this list, by itself from its beginning."""
        return super().get_query_string(new_params, [*(remove or ()), *NO_FILTERS])

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Newest first, whatever is asked for."""
        return list(NEWEST_FIRST)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page."""
        older_than, newer_than = request.GET.get(OLDER_THAN), request.GET.get(NEWER_THAN)
        for name in NO_FILTERS:
            self.params.pop(name, None)
        rows, more = _page(self.queryset, older_than, newer_than, self.list_per_page)
        has_older = bool(newer_than) or more
        has_newer = more if newer_than else bool(older_than)
        if rows and has_older:
            self.older = self.get_query_string({OLDER_THAN: _place_of(rows[-1])})
        if rows and has_newer:
            self.newer = self.get_query_string({NEWER_THAN: _place_of(rows[0])})
        self.result_list = rows
        self.result_count = len(rows)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)

    def newest(self) -> str:
        """Return when the newest call began, on the page that newer ones belong to; elsewhere nothing."""
        narrowed = set(self.get_filters_params()) - {"entry_point"}
        if narrowed or self.query or self.newer or self.is_popup:
            return ""
        return (
            timestamp(self.result_list[0].requested_at if self.result_list else timezone.now())
            or ""
        )

    def about(self) -> str:
        """Return the entry point that the list is narrowed to, or nothing."""
        return str(self.params.get("entry_point", ""))

    def export_address(self, form: str) -> str:
        """Return the address of a file of all that the list holds, not only of this page."""
        return "export/" + self.get_query_string({FORMAT: form})

    def as_csv(self) -> str:
        """Return the address of the list for spreadsheets."""
        return self.export_address("csv")

    def as_json_lines(self) -> str:
        """Return the address of the list for programs."""
        return self.export_address("jsonl")

    def days(self) -> Iterator[DayLink]:
        """Yield the way back to wider spans, the chosen one, then the years, months or days within it."""
        times = Contact.objects.order_by(DAY).values_list(DAY, flat=True)
        first, last = times.first(), times.last()
        chosen = self._chosen_days()
        if first is None or last is None or not is_span(chosen):
            return
        for title, span in wider_spans(chosen):
            yield DayLink(title, self._days_address(span))
        if chosen:
            yield DayLink(title_of(chosen), "")
        bounds = timezone.localtime(first).date(), timezone.localtime(last).date()
        for title, span in narrower_spans(chosen, *bounds):
            yield DayLink(title, self._days_address(span))

    def _chosen_days(self) -> Span:
        numbers = (_number(self.params.get(name)) for name in DAY_PARTS)
        return tuple(takewhile(bool, numbers))  # type: ignore[arg-type]

    def _days_address(self, span: Span) -> str:
        return self.get_query_string(dict(zip(DAY_PARTS, span, strict=False)), [f"{DAY}__"])


def _page(
    rows: QuerySet[Any], older_than: str | None, newer_than: str | None, size: int
) -> tuple[Sequence[Contact], bool]:
    """Return at most `size` rows, newest first, and whether there are more in the direction asked for."""
    if newer_than:
        at, key = _place(newer_than)
        newer = rows.filter(Q(requested_at__gt=at) | Q(requested_at=at, pk__gt=key))
        found = list(newer.filter(requested_at__gte=at).order_by(*OLDEST_FIRST)[: size + 1])
        return found[:size][::-1], len(found) > size
    if older_than:
        at, key = _place(older_than)
        # The second condition says nothing more, but is one that databases find an index for.
        rows = rows.filter(Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=key))
        rows = rows.filter(requested_at__lte=at)
    found = list(rows.order_by(*NEWEST_FIRST)[: size + 1])
    return found[:size], len(found) > size


def page_after(rows: QuerySet[Any], last: Contact | None, size: int) -> Sequence[Contact]:
    """Return the next rows, newest first, after the last one that is known already."""
    return _page(rows, None if last is None else _place_of(last), None, size)[0][:size]


def _place_of(contact: Contact) -> str:
    return f"{contact.requested_at.isoformat()}_{contact.pk}"


def _place(text: str) -> tuple[datetime, UUID]:
    """Read where a page ended.

    :raises IncorrectLookupParameters: it is none.
    """
    at, _, key = text.partition("_")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+"))
        return (found if found.tzinfo else timezone.make_aware(found)), UUID(key)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters(error) from error


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) <= 4 else None
