"""A localconnect for the length of a test run: started as a process of its own, controlled, stopped.

    with running_localconnect() as server:
        connect = boto3.client("connect", **server.client_options)

Needs nothing but the standard library, and no test runner: a fixture of pytest is the `with` block above.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

_STOP_TIMEOUT_S = 10
_TOLD_AT_START = ("endpoint", "access key", "secret key", "region")


class UnableToStart(RuntimeError):
    """localconnect ended instead of serving; what it said is on standard error."""


class UnableToControl(RuntimeError):
    """The control API refused; the text is what it answered."""


@dataclass(frozen=True, slots=True)
class LocalConnect:
    """A localconnect that is running."""

    url: str
    region: str
    access_key: str
    secret_key: str

    @property
    def client_options(self) -> dict[str, str]:
        """Arguments for `boto3.client`, of `connect`, `connectparticipant` and `sqs`."""
        return {
            "endpoint_url": self.url,
            "region_name": self.region,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
        }

    def reset(self) -> None:
        """Make everything as it was at the start: what one test does is nothing to the next."""
        self.control("POST", "reset")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the control API, `/_local/<path>`, to a JSON body.

        :raises UnableToControl: it answers with an error.
        """
        data = None if body is None else json.dumps(body).encode()
        address = f"{self.url}/_local/{path}"
        request = urllib.request.Request(address, method=method, data=data)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - our own
                return json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                raise UnableToControl(f"{method} {path}: {refused.read().decode()}") from None


@contextmanager
def running_localconnect(*options: str) -> Iterator[LocalConnect]:
    """Start `localconnect` on a free port with further command line `options`; stop it afterwards.

    :raises UnableToStart: it does not get as far as serving.
    """
    command = [sys.executable, "-m", "localconnect", "--port", "0", "--log-level", "warning"]
    with subprocess.Popen(  # noqa: S603 - no shell, and the options are the caller's
        [*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker
            yield _started(process.stdout)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _started(output: IO[str]) -> LocalConnect:
    """Read what localconnect prints once its port is open."""
    told: dict[str, str] = {}
    for line in output:
        name = next((name for name in _TOLD_AT_START if line.strip().startswith(name)), None)
        if name is not None:
            told[name] = line.strip().removeprefix(name).strip()
        if len(told) == len(_TOLD_AT_START):
            return LocalConnect(
                told["endpoint"], told["region"], told["access key"], told["secret key"]
            )
    raise UnableToStart("localconnect has ended at its start; standard error says why")
