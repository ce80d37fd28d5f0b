"""Other clients of Amazon Connect, for the tests that meet localconnect with them.

Each Python client has a virtual environment of its own, since each wants its own botocore; the JavaScript
client has its npm packages beside it. Knows how they are installed, not how they are used.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from devtools import javascript, packages, paths
from devtools.steps import run, step

BOTO3_OLDEST = paths.CLIENTS / "boto3-oldest"
AWS_CLI = paths.CLIENTS / "aws-cli"
_BIN = paths.VENV_BIN.name


def ensure_clients() -> None:
    """Install every client that is not installed yet as its lock file says."""
    for folder in (BOTO3_OLDEST, AWS_CLI):
        _ensure_environment(folder)
    javascript.ensure_npm_packages("packages (JavaScript client)", paths.JAVASCRIPT_CLIENT)


def program(environment: Path, name: str) -> Path:
    """Return the path of a program in the environment of a client."""
    return environment / _BIN / name


def _ensure_environment(folder: Path) -> None:
    lock = paths.REQUIREMENTS / f"{folder.name}.txt"
    step(
        f"packages ({folder.name})",
        lambda: _make_environment(folder, lock),
        inputs=[lock],
        outputs=[program(folder, "python")],
        facts=[str(folder)],
    )


def _make_environment(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", "--without-pip", folder])
    python = program(folder, "python")
    packages.install(lock, python=python)
    # A command line starts anew with each call: compiled once, it does so in half the time.
    run([python, "-m", "compileall", "-q", folder])
