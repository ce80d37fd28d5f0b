"""Bounded fuzzing of what reads a request, and every input that ever broke it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.media_targets import MEDIA_TARGETS
from tests.fuzz.targets import TARGETS
from tests.servers import PROJECT_DIR

INPUTS = Path(__file__).parent / "inputs"
_SEED = 20260102
_RUNS = {
    "authorization": 30_000,
    "signature": 3_000,
    "parser": 30_000,
    "head": 50_000,
    "signaling": 1_000,
    "offer": 4_000,
    "rtp": 3_000,
    "rtcp": 50_000,
    "datagram": 1_500,
}
_AT_MOST_S = 10
_LONGEST = 12 * 1024


@pytest.mark.parametrize(
    "path", sorted(INPUTS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_known_input_keeps_its_promise(path: Path) -> None:
    """Should hold for the seeds, and for what has been found before."""
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_no_new_input_breaks_a_promise(target: str, tmp_path: Path) -> None:
    """Should hold for whatever the fuzzer comes upon in a few seconds."""
    (tmp_path / "corpus").mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.run", target),
            *(f"-seed={_SEED}", f"-runs={_RUNS[target]}", f"-max_total_time={_AT_MOST_S}"),
            *(
                f"-max_len={_LONGEST if target in MEDIA_TARGETS else 2048}",
                "-timeout=20",
                "-rss_limit_mb=2048",
                f"-artifact_prefix={tmp_path}/",
            ),
            *(str(tmp_path / "corpus"), str(INPUTS / target)),
        ],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    found = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert found == [], done.stderr[-3000:]
    assert done.returncode == 0, done.stderr[-3000:]
    assert "DONE" in done.stderr or "Done" in done.stderr
