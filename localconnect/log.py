"""How this process logs: one record is one line, whoever wrote its text, and no kind of line fills the disk.

A kind is a logger's message before its values are put in, or what the record says its `kind` is. Tracebacks are our
own and keep their lines.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TextIO

LINES = 500
"""Lines of one kind in one period."""

PERIOD_S = 60.0
_MAX_KINDS = 1000
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029)
}


def configure(level: str) -> None:
    """Log to stderr from `level` up."""
    handler = BoundedHandler()
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # uvicorn's warnings are about bad requests, each of which has a line of ours.
    logging.getLogger("uvicorn").setLevel(max(logging.ERROR, logging.getLogger().level))


class OneLineFormatter(logging.Formatter):
    """Writes control characters in a message as escapes: no line of the log is a client's to begin."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without a traceback."""
        return super().formatMessage(record).translate(_CONTROLS)


@dataclass(slots=True)
class _Period:
    ends_at: float
    example: logging.LogRecord
    written: int = 0
    left_out: int = 0


class BoundedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes so many lines of a kind in a period, and says afterwards how many more there were."""

    def __init__(
        self, stream: TextIO | None = None, read_clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._read_clock = read_clock
        self._periods: dict[Hashable, _Period] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless there are too many like it."""
        now = self._read_clock()
        kind = (record.name, getattr(record, "kind", record.msg))
        period = self._periods.get(kind)
        if period is None or now >= period.ends_at:
            self._forget_past(now)
            period = self._periods[kind] = _Period(now + PERIOD_S, record)
        if period.written < LINES:
            period.written += 1
            super().emit(record)
        else:
            period.left_out += 1

    def _forget_past(self, now: float) -> None:
        everything = len(self._periods) >= _MAX_KINDS
        past = {
            kind: period
            for kind, period in self._periods.items()
            if everything or now >= period.ends_at
        }
        for kind, period in past.items():
            del self._periods[kind]
            if period.left_out:
                super().emit(_summary(period))


def _summary(period: _Period) -> logging.LogRecord:
    record = period.example
    text = f"{period.left_out} more lines like this one were left out: {record.getMessage()}"
    return logging.LogRecord(record.name, record.levelno, record.pathname, 0, text, (), None)
