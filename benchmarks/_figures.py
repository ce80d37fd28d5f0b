"""What a benchmark prints and leaves behind: one line a figure, one JSON line a run.

Knows nothing of what was measured.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HISTORY = ROOT / ".dev" / "benchmarks.jsonl"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value; `ratio` is value over the peer's, or None where there is no peer.

    `least` and `most` are those of the rounds that the value is the median of, if there were rounds.
    """

    name: str
    value: float
    unit: str
    ratio: float | None = None
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        return f"{self.name} {self.value:.1f} {self.unit} {ratio}"


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def report(benchmark: str, figures: Sequence[Figure], *, samples: dict[str, list[float]]) -> None:
    """Print the figures and add the run, with all its samples, to the history."""
    for figure in figures:
        print(figure)
    HISTORY.parent.mkdir(exist_ok=True)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    run = {
        "benchmark": benchmark,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "figures": [asdict(figure) for figure in figures],
        "samples": samples,
    }
    with HISTORY.open("a") as history:
        history.write(json.dumps(run) + "\n")
