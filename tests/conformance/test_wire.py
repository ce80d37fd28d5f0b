"""Every error on the wire, byte by byte, as recorded in `wire/`.

After a change that is meant to be seen there, `python -m tests.conformance.wire_recordings` records all of them anew;
what then differs is to be held against the models and documents that docs/reference/fidelity.md names.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.conformance.model_requests import OPERATIONS
from tests.conformance.wire_cases import CASES
from tests.conformance.wire_recordings import FOLDER, record
from tests.servers import LocalConnect

RECORDED = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.http"))}


def test_recordings_are_those_of_the_cases() -> None:
    """Should keep one file for each case."""
    assert RECORDED.keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_error_is_answered_as_recorded(name: str, running_connect: LocalConnect) -> None:
    """Should send the same status, headers and body as ever."""
    assert record(CASES[name], running_connect) == RECORDED[name]


@pytest.mark.parametrize("name", CASES)
def test_recorded_error_is_what_its_name_says(name: str) -> None:
    """Should have the status and class of its file's name, and its text where that class has it."""
    status, error = name.split("-")[:2]
    _, _, answer = RECORDED[name].rpartition("\n\nHTTP/1.1 ")
    head, _, body = answer.partition("\n\n")

    assert head.startswith(f"{status} ")
    assert f"\nx-amzn-errortype: {error}\n" in f"{head}\n"
    assert "\ncontent-type: application/json\n" in f"{head}\n"
    assert json.loads(body).keys() == {"Message" if error in _modelled() else "message"}


def test_every_modelled_error_is_recorded() -> None:
    """Should have each error class of every operation served, with the status that the model gives it."""
    statuses = {}
    for name in CASES:
        status, error = re.split("-", name)[:2]
        statuses.setdefault(error, int(status))

    assert {error: statuses.get(error) for error in _modelled()} == _modelled()


def _modelled() -> dict[str, int]:
    return {
        shape.name: shape.metadata["error"]["httpStatusCode"]
        for model in OPERATIONS.values()
        for shape in model.error_shapes
    }
