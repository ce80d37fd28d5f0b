"""Where the packages are that the benchmarks compare with, or serve with: a folder of their own, so that they and the project's never meet."""

from __future__ import annotations

import shutil
from pathlib import Path

from devtools import packages, paths
from devtools.steps import step


def path() -> dict[str, str]:
    """Return what a process has in its environment to find them."""
    return {"PYTHONPATH": str(_installed())}


def _installed() -> Path:
    folder = paths.STATE / "peers"
    lock = paths.REQUIREMENTS / "bench.txt"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        packages.install(lock, target=folder)

    step("what to compare with", install, inputs=[lock], outputs=[folder / "moto"])
    return folder
