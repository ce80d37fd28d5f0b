"""Lists: newest first, a page at a time by an opaque cursor, and filters of which an unknown one is refused, never ignored."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError as BadValue
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from drf_spectacular.utils import OpenApiParameter, inline_serializer

LIMIT, MOST = 50, 200
CURSOR_MAX = 400
PAGING = ("limit", "cursor")
UNSEEN = {"Cache-Control": "no-store"}

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter: what it may be, and the lookup or condition it narrows the list by."""

    field: serializers.Field[Any, Any, Any, Any]
    lookup: str | Callable[[Any], Q]

    def condition(self, text: str) -> Q:
        """Return what rows have to fulfil.

        :raises ValidationError: the text is no value of its kind.
        """
        value = self.field.run_validation(text)
        return Q(**{self.lookup: value}) if isinstance(self.lookup, str) else self.lookup(value)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """How one kind of thing is listed: by its moment, newest first, then by its id."""

    moment: str
    show: Callable[[Row], Mapping[str, Any]]
    filters: Mapping[str, Filter]
    newest_first: bool = True
    read_elsewhere: tuple[str, ...] = ()  # parameters that narrow nothing, such as `expand`

    def parameters(self) -> list[OpenApiParameter]:
        """Return the query parameters, for the API's description."""
        found = [
            OpenApiParameter("limit", int, description=f"1 to {MOST}; {LIMIT} if left out."),
            OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
        ]
        for name, one in self.filters.items():
            found.append(OpenApiParameter(name, _type_of(one.field), enum=_choices_of(one.field)))
        return found

    def answer(
        self,
        request: Request,
        rows: QuerySet[Row],
        *,
        besides: Callable[[Row], Mapping[str, Any]] | None = None,
    ) -> Response:
        """Return the page that the request asks for. `besides` tells more of each row.

        :raises ValidationError: a parameter is unknown, there twice or no value of its kind.
        """
        limit, position = self._read(request)
        sign = "-" if self.newest_first else ""
        rows = rows.filter(self._narrowed(request)).order_by(f"{sign}{self.moment}", "pk")
        if position is not None:
            try:
                rows = rows.filter(self._beyond(*position))
            except (ValueError, BadValue) as error:
                raise _bad_cursor() from error
        page = list(rows[: limit + 1])
        more = len(page) > limit
        page = page[:limit]
        cursor = self._cursor(page[-1]) if more else None
        shown = [{**self.show(one), **(besides(one) if besides else {})} for one in page]
        response = Response({"data": shown, "next_cursor": cursor}, headers=dict(UNSEEN))
        if cursor is not None:
            query = request.query_params.copy()
            query["cursor"] = cursor
            address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
            response["Link"] = f'<{address}>; rel="next"'
        return response

    def _narrowed(self, request: Request) -> Q:
        wanted = Q()
        problems: dict[str, Any] = {}
        for name, values in request.query_params.lists():
            if name in PAGING or name in self.read_elsewhere:
                continue
            one = self.filters.get(name)
            if one is None:
                known = ", ".join([*self.filters, *PAGING])
                problems[name] = [f"There is no such filter. There are: {known}."]
            elif len(values) > 1:
                problems[name] = ["Give it once."]
            else:
                try:
                    wanted &= one.condition(values[0])
                except exceptions.ValidationError as error:
                    problems[name] = error.detail
        if problems:
            raise exceptions.ValidationError(problems)
        return wanted

    def _read(self, request: Request) -> tuple[int, tuple[datetime, Any] | None]:
        text = request.query_params.get("limit", str(LIMIT))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST):
            raise exceptions.ValidationError({"limit": [f"1 to {MOST}."]})
        cursor = request.query_params.get("cursor")
        return int(text), None if cursor is None else _position_of(cursor)

    def _beyond(self, moment: datetime, key: Any) -> Q:
        beyond = "lt" if self.newest_first else "gt"
        # The second condition alone would do; with both, the database walks one range of the index.
        return Q(**{f"{self.moment}__{beyond}e": moment}) & (
            Q(**{f"{self.moment}__{beyond}": moment}) | Q(pk__gt=key)
        )

    def _cursor(self, row: Row) -> str:
        content = [getattr(row, self.moment).isoformat(), str(row.pk)]
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def page_of(name: str, item: type[serializers.Serializer[Any]]) -> Any:
    """Return the shape of a page of a kind of thing."""
    return inline_serializer(
        name,
        {
            "data": item(many=True),
            "next_cursor": serializers.CharField(
                allow_null=True, help_text="Null on the last page."
            ),
        },
    )


def moments(name: str, lookup: str) -> dict[str, Filter]:
    """Return the filters for a range of time: from, and before."""
    return {
        f"{name}[gte]": Filter(serializers.DateTimeField(), f"{lookup}__gte"),
        f"{name}[lt]": Filter(serializers.DateTimeField(), f"{lookup}__lt"),
    }


def _position_of(cursor: str) -> tuple[datetime, Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        moment_text, key = json.loads(text)
        moment = parse_datetime(moment_text)
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise _bad_cursor() from error
    if len(cursor) > CURSOR_MAX or moment is None or moment.tzinfo is None:
        raise _bad_cursor()
    if not isinstance(key, str) or "\x00" in key:
        raise _bad_cursor()
    return moment, key


def _bad_cursor() -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": ["This is no cursor of ours."]})


def _type_of(field: serializers.Field[Any, Any, Any, Any]) -> Any:
    if isinstance(field, serializers.DateTimeField):
        return datetime
    return bool if isinstance(field, serializers.BooleanField) else str


def _choices_of(field: serializers.Field[Any, Any, Any, Any]) -> list[Any] | None:
    return list(field.choices) if isinstance(field, serializers.ChoiceField) else None
