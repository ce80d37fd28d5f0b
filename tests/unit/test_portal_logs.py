"""The portal's logs: an exception is told without the values it met, which may be tokens."""

from __future__ import annotations

import logging
import sys

import pytest
from structlog.stdlib import ProcessorFormatter

from portal.logs import logging_of


@pytest.mark.parametrize("readable", [True, False])
def test_log_of_an_exception_shows_no_local_variable(readable: bool) -> None:
    """Should show where it happened, and no value."""
    form = dict(logging_of(level="INFO", readable=readable)["formatters"]["structured"])
    formatter = form.pop("()")(**form)
    assert isinstance(formatter, ProcessorFormatter)
    try:
        _fail("".join(["can", "ary"]))
    except RuntimeError:
        record = logging.LogRecord(
            "contacts", logging.ERROR, __file__, 1, "unforeseen_error", None, sys.exc_info()
        )
    written = formatter.format(record)
    assert "RuntimeError" in written
    assert "_fail" in written
    assert "canary" not in written


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("text", ["GET /join/{}/", "uri=/join/{}/ took too long", "/continue/{}/"])
def test_token_of_an_invitation_link_is_not_logged(text: str, readable: bool) -> None:
    """Should leave the address readable without it, whoever logs it."""
    token = "canary-" + "x" * 36
    form = dict(logging_of(level="INFO", readable=readable)["formatters"]["structured"])
    formatter = form.pop("()")(**form)
    record = logging.LogRecord(
        "daphne", logging.WARNING, __file__, 1, text.format(token), None, None
    )
    written = formatter.format(record)
    assert "/join/" in written or "/continue/" in written
    assert "canary" not in written


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("name", ["botocore.parsers", "urllib3.connectionpool"])
def test_what_awss_client_sends_and_hears_is_not_logged(name: str, readable: bool) -> None:
    """Should say that it spoke, and not what, however it is told to; its warnings are written."""
    form = dict(logging_of(level="DEBUG", readable=readable)["formatters"]["structured"])
    formatter = form.pop("()")(**form)

    def written(level: int) -> str:
        record = logging.LogRecord(name, level, __file__, 1, "Body: %s", ("canary",), None)
        return str(formatter.format(record))

    assert "canary" not in written(logging.DEBUG)
    assert name in written(logging.DEBUG)
    assert "canary" in written(logging.WARNING)


def _fail(token: str) -> None:
    raise RuntimeError(f"{len(token)} characters")
