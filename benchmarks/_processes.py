"""What Linux says about a running process."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

_ALL_THREADS = 2
"""In the id of another process's clock (see clock_getcpuclockid(3)): what the scheduler counts for all its threads."""


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used so far, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _ALL_THREADS)


def cpu_of_all_s(pid: int) -> float:
    """Return the CPU seconds of a process and of the processes it has started."""
    return cpu_s(pid) + sum(map(cpu_of_all_s, children_of(pid)))


def children_of(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started and that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


def resident_kib(pid: int) -> int:
    """Return the memory a process has in RAM."""
    found = re.search(r"^VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def resident_of_all_kib(pid: int) -> int:
    """Return the memory in RAM of a process and of the processes it has started; what they share counts each time."""
    return resident_kib(pid) + sum(map(resident_of_all_kib, children_of(pid)))
