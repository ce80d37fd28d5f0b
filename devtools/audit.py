"""`dev.py audit`: whether a locked package has a known weakness, where the lists of them can be asked.

Some machines reach a mirror that has packages and no such list. That is said, and is no answer: with `--strict` it fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from devtools import javascript, packages, paths

ENVIRONMENT = paths.STATE / "tools" / "audit"
PYTHON_LOCKS = ("portal", "localconnect", "run", "sentry", "telemetry", "test", "docs")
PYTHON_LIST = "https://pypi.org/pypi"
PATIENCE_S = 20


class Outcome(Enum):
    """What came of looking one lock file up."""

    CLEAN = "nothing known"
    WEAK = "a known weakness, or a package that the list does not know: see above"
    UNREACHABLE = "not looked up: the list of weaknesses cannot be asked from here"


def audit(*, strict: bool) -> int:
    """Look every lock file up. Returns 1 for a known weakness, and with `strict` also when a list cannot be asked."""
    node = javascript.ensure_npm_packages()
    outcomes = {"static/package-lock.json": of_npm(node.command(), node.environment())}
    if has_list(PYTHON_LIST):
        python = packages.ensure_environment(ENVIRONMENT)
        outcomes |= {f"requirements/{name}.txt": _of_python(python, name) for name in PYTHON_LOCKS}
    else:
        outcomes["requirements/*.txt"] = Outcome.UNREACHABLE
    for name, outcome in outcomes.items():
        print(f"{name}: {outcome.value}.")
    bad = {Outcome.WEAK, Outcome.UNREACHABLE} if strict else {Outcome.WEAK}
    return int(bool(bad & set(outcomes.values())))


def of_npm(npm: list[str], env: Mapping[str, str], folder: Path = paths.STATIC) -> Outcome:
    """Look the npm packages of a folder up at its registry, and print what is known of them."""
    done = subprocess.run(
        [*npm, "audit", "--json"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return Outcome.UNREACHABLE
    if "vulnerabilities" not in told:
        return Outcome.UNREACHABLE
    for name, weakness in told["vulnerabilities"].items():
        print(f"{name}: {weakness['severity']}, {weakness['range']}")
    return Outcome.WEAK if told["vulnerabilities"] else Outcome.CLEAN


def has_list(address: str) -> bool:
    """Tell whether a package index says of a release what is known of it. Mirrors often do not."""
    lock = (paths.REQUIREMENTS / "audit.txt").read_text()
    [version] = re.findall(r"^pip-audit==(\S+)", lock, re.MULTILINE)
    try:
        with urllib.request.urlopen(  # noqa: S310 (an address of our own)
            f"{address}/pip-audit/{version}/json", timeout=PATIENCE_S
        ) as answer:
            return "vulnerabilities" in json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _of_python(python: Path, name: str) -> Outcome:
    lock = paths.REQUIREMENTS / f"{name}.txt"
    options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    argv = [str(python), "-m", "pip_audit", *options, "--requirement", str(lock)]
    return Outcome.WEAK if subprocess.run(argv, check=False).returncode else Outcome.CLEAN
