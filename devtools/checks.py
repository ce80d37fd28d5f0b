"""`dev.py test`, `lint`, `translate`, `bench` and `screenshots`: what tells whether the project is in order.

Knows the tools' command lines, not what they look at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from devtools import clients, debian, javascript, packages, paths, services
from devtools.environment import portal_environment
from devtools.javascript import Node

BENCHMARKS = paths.ROOT / "benchmarks"
# The suite in two parts: what a busy machine cannot upset runs as often at once as there are processors, the rest alone.
AT_ONCE = tuple(f"tests/{kind}" for kind in ("api", "architecture", "conformance", "fuzz", "unit"))
ALONE = tuple(f"tests/{kind}" for kind in ("deploy", "e2e", "faults", "realtime"))
# What meets the portal's database or channel layer. The embedded Connect has neither, so its tests would only be the same ones
# again; nor has what a page does by itself: of the journeys in a browser, those in which processes tell each other something.
ON_SERVICES = (
    *("tests/api", "tests/faults", "tests/realtime", "tests/unit"),
    *(
        f"tests/e2e/test_{journey}.py"
        for journey in (
            *("admin", "after_the_call", "first_call", "guests"),
            *("handover", "many_calls", "restart", "waiting"),
        )
    ),
    *(f"--ignore-glob=*/test_{subject}*" for subject in ("localconnect_", "media_", "dev_")),
)
_SOME_FAILED = 1  # pytest's exit status, when all ran and some failed


def test(pytest_arguments: Sequence[str], *, on_services: bool) -> int:
    """Run the whole suite, or pytest alone with the arguments given. Returns the exit status.

    `on_services` means PostgreSQL and Redis, private to this run, instead of SQLite and memory.
    """
    node = _set_up_to_test()
    clients.ensure_clients()
    if not pytest_arguments and _show(
        node.command("test", "--silent"), node.environment(), paths.STATIC
    ):
        print("The scripts' own tests failed.")
        return 1
    if pytest_arguments:
        parts: list[Sequence[str]] = [pytest_arguments]
    elif on_services:
        parts = [ON_SERVICES]  # in one: what it shares in Redis is everybody's
    else:
        parts = [[*AT_ONCE, f"-n{os.cpu_count()}", "--dist=loadfile"], ALONE]
    with ExitStack() as stack:
        addresses = stack.enter_context(services.postgresql_and_redis()) if on_services else {}
        run = partial(_pytest, env=os.environ | addresses, again=not pytest_arguments)
        return max(run(part) for part in parts)


def _pytest(part: Sequence[str], env: Mapping[str, str], *, again: bool) -> int:
    """Run a part of the suite and then, if wanted, once more what failed of it.

    Real browsers and media share the machine with whatever else runs on it. What fails twice has
    failed; what passes the second time is named, so that nobody takes it for sound.
    """
    command = [str(paths.PYTHON), "-m", "pytest"]
    status = _show([*command, *part], env)
    if status != _SOME_FAILED or not again:
        return status
    print(
        "\n── Once more what failed: what passes now depends on time, and wants mending",
        flush=True,
    )
    alone = [argument for argument in part if not argument.startswith("-n")]
    return _show([*command, *alone, "--last-failed", "--verbose"], env)


def lint() -> int:
    """Run every static check, all of them even when one fails. Returns the exit status."""
    packages.ensure_packages("test")
    node = javascript.ensure_built()
    env = portal_environment(connect_url="http://127.0.0.1:8100")
    tool = paths.VENV_BIN
    templates = sorted(str(p) for p in (paths.ROOT / "templates").rglob("*.html"))
    commands: dict[str, list[str | Path]] = {
        "ruff check": [tool / "ruff", "check"],
        "ruff format": [tool / "ruff", "format", "--check"],
        "mypy": [tool / "mypy"],
        "import-linter": [tool / "lint-imports", "--no-cache"],
        "djade": [tool / "djade", "--check", "--target-version", "5.2", *templates],
        "manage.py check": [paths.PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
        "translations": [paths.PYTHON, "-m", "devtools.catalogues", "check"],
        "migrations": [paths.PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    }
    failed = [name for name, argv in commands.items() if _titled(name, argv, env)]
    if _titled("tsc", [*node.command("run", "check")], node.environment(), paths.STATIC):
        failed.append("tsc")
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nAll checks passed.")
    return 1 if failed else 0


def translate() -> int:
    """Bring the translations up to date with the English; say what is left to do. Returns the exit status."""
    packages.ensure_packages("run")
    return _show([paths.PYTHON, "-m", "devtools.catalogues", "update"])


def bench(name: str | None) -> int:
    """Run one benchmark, or all of them. Returns the exit status."""
    known = sorted(p.stem for p in BENCHMARKS.glob("[!_]*.py") if "def main(" in p.read_text())
    wanted = [name.replace("-", "_")] if name else known
    if not set(wanted) <= set(known):
        print(
            f"There is no benchmark {name!r}. There are: {', '.join(n.replace('_', '-') for n in known)}."
        )
        return 2
    _set_up_to_test()
    failed = [_show([paths.PYTHON, "-m", f"benchmarks.{module}"]) for module in wanted]
    return int(any(failed))


def bench_report() -> int:
    """Make the page of what was measured, and its charts. Returns the exit status."""
    packages.ensure_packages("test")
    return _show([paths.PYTHON, "-m", "benchmarks._report"])


def screenshots() -> int:
    """Take the pictures of the documentation anew. Returns the exit status."""
    _set_up_to_test()
    return _show([paths.PYTHON, "-m", "docs.screenshots"])


def _set_up_to_test() -> Node:
    packages.ensure_packages("test")
    node = javascript.ensure_built()
    _ensure_browsers()
    return node


def _ensure_browsers() -> None:
    """Install Debian's browsers when we may; without one its tests are skipped, and counted."""
    for browser in ("chromium", "firefox-esr"):
        if not shutil.which(browser) and not debian.install(browser):
            print(
                f"No {browser}: its tests will be skipped. Debian, as root: apt-get install {browser}"
            )


def _titled(
    name: str, argv: Sequence[str | Path], env: Mapping[str, str], cwd: Path = paths.ROOT
) -> int:
    print(f"\n── {name}", flush=True)
    return _show(argv, env, cwd)


def _show(
    argv: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = paths.ROOT
) -> int:
    """Run a command on this terminal; return its exit status, also when interrupted."""
    sys.stdout.flush()
    try:
        return subprocess.run(
            [str(part) for part in argv], cwd=cwd, env=env, check=False
        ).returncode
    except KeyboardInterrupt:
        return 130
