"""Reads request bodies: JSON of a limited size and depth, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


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
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
