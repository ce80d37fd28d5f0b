"""Starts calls and dies at every line on the way, one line later each time: `python -m tests.faults.killed_starts PREFIX`.

In the environment of a portal. Counted are the lines of this project between the intent and the result. Each start is a
process of its own, killed by itself with SIGKILL; prints how many there were when one came through.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any

import django

MOST = 2_000
ENTRY = "_store_intent"  # from here on something may have been stored
COUNTED = f"{os.sep}contacts{os.sep}"


class Assassin:
    """Kills this process at its n-th line after the intent began to be stored."""

    def __init__(self, line: int) -> None:
        self._left = line
        self._is_counting = False

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Follow a function of ours. What `sys.settrace` takes."""
        self._is_counting |= frame.f_code.co_name == ENTRY
        if self._is_counting and COUNTED in frame.f_code.co_filename:
            return self._pass_line
        return None

    def _pass_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._pass_line


def main(prefix: str) -> None:
    """Kill one start after the other until one comes through."""
    django.setup()
    from contacts import connect_client

    connect_client.prepare()  # which takes long, and is nothing a start does
    for line in range(1, MOST):
        child = os.fork()
        if child == 0:
            _start(f"{prefix}-{line:04}", line)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "a start failed by itself"
            sys.stdout.write(f"{line}\n")
            return
    raise AssertionError("no start comes through")


def _start(key: str, line: int) -> None:
    from django.utils import timezone

    from contacts import customers, operations
    from contacts.models import EntryPoint
    from contacts.operations import CallRequest

    try:
        entry_point = EntryPoint.objects.get(slug="demo")
        sys.settrace(Assassin(line).enter)
        operations.start_call(
            entry_point=entry_point,
            request=CallRequest(name="Ana"),
            customer_key=customers.customer_key_from(key),
            clock=timezone.now,
            idempotency_key=key,
        )
    except BaseException:  # noqa: BLE001 (whatever it is: a child must not go on as its parent)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
