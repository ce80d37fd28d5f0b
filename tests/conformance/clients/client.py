"""What the tests ask of a client of Amazon Connect, whatever language it is written in.

Operations go by their AWS names, parameters and results are spelt as AWS spells them. A driver carries one request, a
JSON object, to its client and brings the reply back:

    {"setup": {...}, "service", "operation", "parameters", "pages"?}  ->  {"result"} or {"error"}

Dates travel as `{"$date": "<ISO 8601>"}`, so that a client shows what it has read as a date. Knows no client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from tests.conformance.clients.model import Model
from tests.servers import LocalConnect

Driver = Callable[[dict[str, Any]], dict[str, Any]]

_OF_PARTICIPANTS = frozenset(
    {"CreateParticipantConnection", "DisconnectParticipant", "SendEvent", "SendMessage"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a client is told whom to call, and as whom."""

    url: str
    access_key: str | None = LocalConnect.access_key
    """None: sign nothing."""
    secret_key: str = LocalConnect.secret_key
    session_token: str | None = None
    region: str = LocalConnect.region
    attempts: int = 1
    clock_offset_s: int = 0
    """How wrong the client's clock is, for a client that can be told."""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """An error as the client shows it; None is what it does not show."""

    code: str
    message: str
    status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """One client, set up in one way."""

    name: str
    setup: Setup
    model: Model
    driver: Driver
    is_text_only: bool = False
    """Whether it shows what a terminal can: dates as text, errors without HTTP status and request id."""
    service: str | None = None
    """The one it is of; None: of the two of Amazon Connect, that which has the operation."""

    def having(self, **changes: Any) -> Client:
        """The same client, set up in another way."""
        return replace(self, setup=replace(self.setup, **changes))

    def of(self, service: str) -> Client:
        """The same client, of a service other than Amazon Connect's."""
        return replace(self, service=service)

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The result of one request.

        :raises Refused: the client reports an error.
        """
        result: dict[str, Any] = self._send(operation, parameters)
        return result

    def collect(self, operation: str, key: str, size: int, **parameters: Any) -> list[Any]:
        """All entries of a list, brought together by the client's own paginator, `size` a page."""
        pages = {"key": key, "size": size}
        entries: list[Any] = self._send(operation, parameters, pages=pages)
        return entries

    def refusal(self, operation: str, **parameters: Any) -> Refused:
        """The error that a request must end in."""
        try:
            result = self.call(operation, **parameters)
        except Refused as refused:
            return refused
        raise AssertionError(f"{operation} was not refused: {result}")

    def moment(self, value: Any) -> datetime:
        """A date as the client has read it."""
        moment = datetime.fromisoformat(value) if self.is_text_only else value
        assert isinstance(moment, datetime), f"{self.name} has read no date in {value!r}"
        return moment

    def _send(self, operation: str, parameters: dict[str, Any], **more: Any) -> Any:
        request = {
            "setup": asdict(self.setup),
            "service": self.service or _service_of(operation),
            "operation": operation,
            "parameters": encoded(parameters),
            **more,
        }
        reply = self.driver(request)
        if "error" in reply:
            raise Refused(**reply["error"])
        return decoded(reply["result"])


def _service_of(operation: str) -> str:
    return "connectparticipant" if operation in _OF_PARTICIPANTS else "connect"


def encoded(value: Any) -> Any:
    """JSON for a value that may hold dates."""
    if isinstance(value, datetime):
        return {"$date": value.isoformat()}
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    return value


def decoded(value: Any) -> Any:
    """The value, dates and all, that `encoded` made JSON of."""
    if isinstance(value, dict):
        if value.keys() == {"$date"}:
            return datetime.fromisoformat(value["$date"])
        return {key: decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return value
