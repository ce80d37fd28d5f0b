"""A client that is a program of its own: requests go to its standard input, replies come back, a line each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conformance.clients.client import Driver


@contextmanager
def json_lines(argv: Sequence[str | Path], *, env: Mapping[str, str]) -> Iterator[Driver]:
    """The driver of a program that runs until the end of the block."""
    with subprocess.Popen(
        [str(part) for part in argv],
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            line = stdout.readline()
            assert line, f"{argv} ended; its errors are on the tests' standard error"
            reply: dict[str, Any] = json.loads(line)
            return reply

        yield answer
        stdin.close()  # the end of its requests is the end of the program
