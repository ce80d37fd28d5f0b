"""How localconnect logs: one line a record, and only so many of a kind."""

from __future__ import annotations

import io
import logging

from localconnect.log import LINES, PERIOD_S, BoundedHandler, OneLineFormatter


class Log:
    """A log whose clock is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._written = io.StringIO()
        self._handler = BoundedHandler(self._written, lambda: self.now)
        self._handler.setFormatter(OneLineFormatter("%(message)s"))

    def write(self, text: str, *values: object, kind: object = None) -> None:
        record = logging.LogRecord("test", logging.INFO, "", 0, text, values, None)
        if kind is not None:
            record.kind = kind
        self._handler.handle(record)

    @property
    def lines(self) -> list[str]:
        return self._written.getvalue().splitlines()


def test_flood_of_one_kind_is_cut_and_counted() -> None:
    """Should write so many lines, and tell afterwards how many more there were."""
    log = Log()

    for number in range(LINES + 40):
        log.write("refused %d", number)
    assert len(log.lines) == LINES
    log.now += PERIOD_S
    log.write("another kind")

    assert log.lines[LINES:] == [
        "40 more lines like this one were left out: refused 0",
        "another kind",
    ]


def test_other_kinds_are_written_during_a_flood() -> None:
    """Should drown nothing: a kind is a message without its values, or what the record says."""
    log = Log()
    for number in range(LINES + 1):
        log.write("refused %d", number)
        log.write("same words", kind="first")

    log.write("rare")
    log.write("same words", kind="second")
    log.now += PERIOD_S
    log.write("refused %d", 7)

    assert log.lines[2 * LINES : 2 * LINES + 2] == ["rare", "same words"]
    assert log.lines[-1] == "refused 7"


def test_kinds_without_number_are_forgotten() -> None:
    """Should not grow with the number of kinds."""
    log = Log()

    for number in range(3000):
        log.write("x", kind=number)

    assert len(log._handler._periods) <= 1000


def test_controls_are_escaped() -> None:
    """Should leave one line of what would be several, and keep what is readable."""
    log = Log()

    log.write("a\nb\r\x1b[0m\x7f\x85\u2028 %s", "é\x00")

    assert log.lines == ["a\\x0ab\\x0d\\x1b[0m\\x7f\\x85\\u2028 é\\x00"]
