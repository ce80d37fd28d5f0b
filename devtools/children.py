"""Child processes that live and die together, their output on one screen.

One loop reads all of them, without threads. Knows nothing of what the children are.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from devtools import paths

STOP_TIMEOUT_S = 10.0
TAIL_LINES = 25
_COLOURS = ("36", "35", "33", "32")
_PR_SET_PDEATHSIG = 1


class ChildEnded(Exception):
    """One of the children ended by itself. The message carries the end of what it wrote."""


class Child:
    """A process in a group of its own, so that it ends when we say so and not with the terminal."""

    def __init__(
        self, name: str, argv: Sequence[str | Path], env: Mapping[str, str], prefix: str
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._partial = b""
        self.process = subprocess.Popen(
            [str(part) for part in argv],
            cwd=paths.ROOT,
            env={**env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self.output = cast("IO[bytes]", self.process.stdout)
        os.set_blocking(self.output.fileno(), False)

    def show_output(self) -> None:
        """Print the lines that have arrived."""
        while chunk := self.output.read(65536):
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace").rstrip("\r")
                self.tail.append(text)
                print(f"{self.prefix}{text}", flush=True)

    def signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


class Family:
    """The children. Use as a context manager: leaving it, however that happens, ends them all."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._ready = selectors.DefaultSelector()

    def __enter__(self) -> Family:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def start(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        child = Child(name, argv, env, _prefix(name, len(self._children)))
        self._children.append(child)
        self._ready.register(child.output, selectors.EVENT_READ, child)

    def run_until(self, done: Callable[[], bool], *, timeout_s: float | None = None) -> bool:
        """Show output until `done()` or the timeout; return whether it was done.

        Raises ChildEnded as soon as a child has ended by itself.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while deadline is None or time.monotonic() < deadline:
            self._show_output(wait_s=0.2)
            for child in self._children:
                if child.process.poll() is not None:
                    child.show_output()
                    raise ChildEnded(_account_of(child))
            if done():
                return True
        return False

    def end(self) -> None:
        """End every child, and whatever it started: politely, then for certain."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave some behind
        for child in self._children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while time.monotonic() < deadline and any(
            c.process.poll() is None for c in self._children
        ):
            self._show_output(wait_s=0.1)
        for child in self._children:
            child.signal_group(signal.SIGKILL)
            child.process.wait()
            child.output.close()
        self._children.clear()
        self._ready.close()

    def _show_output(self, *, wait_s: float) -> None:
        for key, _events in self._ready.select(wait_s):
            child: Child = key.data
            child.show_output()
            if child.process.poll() is not None:
                time.sleep(0.05)  # an ended child's pipe is always readable


def _prefix(name: str, number: int) -> str:
    text = f"{name:>12} │ "
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{_COLOURS[number % len(_COLOURS)]}m{text}\033[0m"


def _account_of(child: Child) -> str:
    tail = "\n".join(f"    {line}" for line in child.tail)
    return f"{child.name} ended with {child.process.returncode}. Its last lines:\n{tail}"


def end_with_parent() -> None:
    """Ask Linux to end this child when its parent is gone, even by SIGKILL. For `preexec_fn`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
