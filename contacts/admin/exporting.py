"""Contacts as a file: CSV for spreadsheets, JSON lines for programs. Read page by page while it is sent; times carry their zone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from asgiref.sync import sync_to_async

from contacts.admin.contact_columns import agent_name, talked, waited
from contacts.admin.contact_pages import page_after
from contacts.models import Contact

ROWS_AT_ONCE = 500
# What makes spreadsheets take a text for a formula.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, Any]
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else


def row_of(contact: Contact, *, at: datetime) -> Row:
    """Return what a file says of a contact. Lengths are seconds."""
    survey = getattr(contact, "survey", None)
    length = talked(contact, at=at)
    return {
        "id": str(contact.pk),
        "reference": contact.reference,
        "state": contact.state,
        "entry_point": contact.entry_point.slug,
        "customer": contact.name,
        "agents": [agent_name(one) for one in contact.agents],  # type: ignore[attr-defined]
        "requested_at": _time(contact.requested_at),
        "queued_at": _time(contact.queued_at),
        "connected_at": _time(contact.connected_at),
        "ended_at": _time(contact.ended_at),
        "waited_s": round(waited(contact, at=at).total_seconds()),
        "talked_s": None if length is None else round(length.total_seconds()),
        "end_reason": contact.end_reason,
        "failure_code": contact.failure_code,
        "queue": contact.queue_id,
        "quality": contact.quality_band,
        "rating": None if survey is None else survey.rating,
        "tags": [tag.text for tag in contact.tags.all()],
        "notes": contact.notes,
        "connect_contact_id": contact.connect_contact_id or "",
    }


COLUMNS = (
    *("id", "reference", "state", "entry_point", "customer", "agents", "requested_at"),
    *("queued_at", "connected_at", "ended_at", "waited_s", "talked_s", "end_reason"),
    *("failure_code", "queue", "quality", "rating", "tags", "notes", "connect_contact_id"),
)


def file_of(
    contacts: QuerySet[Contact], *, form: str, columns: Sequence[str], request: HttpRequest
) -> StreamingHttpResponse:
    """Return the chosen columns of the contacts as a file that is sent while they are read."""
    kind, pieces = FORMS[form]
    written = pieces(_rows(contacts, columns), columns)
    body: Any = _in_turn(written) if isinstance(request, ASGIRequest) else written
    name = f"contacts-{timezone.localtime():%Y%m%d-%H%M%S}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(body, content_type=kind, headers=headers)


def plain_cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def columns_chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of these names in their usual order; all of them if none is named.

    :raises ValueError: there is no such column.
    """
    if unknown := set(names) - set(COLUMNS):
        raise ValueError(unknown)
    return tuple(name for name in COLUMNS if name in names) or COLUMNS


def _rows(contacts: QuerySet[Contact], columns: Sequence[str]) -> Iterator[list[Row]]:
    last: Contact | None = None
    while found := page_after(contacts, last, ROWS_AT_ONCE):
        at = timezone.now()
        rows = (row_of(contact, at=at) for contact in found)
        yield [{name: row[name] for name in columns} for row in rows]
        last = found[-1]


def _csv(pages: Iterable[list[Row]], columns: Sequence[str]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _lines([columns])
    for page in pages:
        yield _lines([[plain_cell(cell) for cell in row.values()] for row in page])


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _json_lines(pages: Iterable[list[Row]], columns: Sequence[str]) -> Iterator[str]:
    for page in pages:
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in page)


async def _in_turn(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Yield the same pieces, each read in the thread of the database, to a server that waits for none."""
    take = sync_to_async(partial(next, pieces, None))
    while (piece := await take()) is not None:
        yield piece


def _time(at: datetime | None) -> str | None:
    return None if at is None else timezone.localtime(at).isoformat(timespec="milliseconds")


Writer = Callable[[Iterable[list[Row]], Sequence[str]], Iterator[str]]
FORMS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "jsonl": ("application/x-ndjson", _json_lines),
}
