"""What Linux says about a running process."""

from __future__ import annotations

import re
import time
from pathlib import Path

_ALL_THREADS = 2
"""In the id of another process's clock (see clock_getcpuclockid(3)): what the scheduler counts for all its threads."""


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used so far, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _ALL_THREADS)


def resident_kib(pid: int) -> int:
    """Return the memory a process has in RAM."""
    found = re.search(r"^VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
