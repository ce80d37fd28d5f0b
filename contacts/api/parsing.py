"""Reads request bodies: JSON of a limited size and depth, and nothing else. Contact events are read by the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, JSONParser

from contacts.incoming_events import MAX_BYTES

MESSAGE_MAX = 200


class BodyTooLarge(APIException):
    """The body is larger than any lawful one."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"The body may have at most {settings.API_BODY_LIMIT:,} bytes."


class LimitedJSONParser(JSONParser):
    """JSON of at most `API_BODY_LIMIT` bytes."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value.

        :raises BodyTooLarge, ParseError: it is too large, or is no JSON.
        """
        request = (parser_context or {}).get("request")
        length = str(request.META.get("CONTENT_LENGTH") or "") if request else ""
        if length.isdecimal() and int(length) > settings.API_BODY_LIMIT:
            raise BodyTooLarge
        body = stream.read(settings.API_BODY_LIMIT + 1)
        if len(body) > settings.API_BODY_LIMIT:
            raise BodyTooLarge
        return _json_of(body)


def _json_of(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8 whose objects say each thing once.

    :raises ParseError: it is none: what two readers would read differently is refused.
    """
    try:
        return json.loads(body.decode(), parse_constant=_no_number, object_pairs_hook=_object)
    except RecursionError as error:
        raise ParseError("The JSON is nested too deeply.") from error
    except ValueError as error:
        raise ParseError(f"The body is no JSON: {error}"[:MESSAGE_MAX]) from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found


class EventBodyParser(BaseParser):
    """A contact event as its bytes, of which not more are read than show that it is too large."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the bytes; what is wrong with them is the domain's to say."""
        return stream.read(MAX_BYTES + 1)
