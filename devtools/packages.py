"""The virtual environment and the Python packages in it, from hashed lock files.

uv installs when it can be had, pip whenever anything goes wrong with uv. Knows nothing of JavaScript
or of the servers.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools import paths
from devtools.steps import SetUpFailed, run, step

LOCKS = (
    *("test", "run", "portal", "localconnect", "sentry", "telemetry"),
    *("node", "uv", "boto3-oldest", "aws-cli", "bench", "docs", "audit"),
)
"""Lock files, the widest first: the narrower ones follow its choices."""

_PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
_COMMA_SEPARATED = ("UV_FIND_LINKS", "UV_INSECURE_HOST")


def ensure_venv() -> None:
    """Make `.venv` for this Python, unless there is a working one."""
    step(
        "virtual environment",
        _make_venv,
        inputs=[],
        outputs=[paths.PYTHON],
        facts=[str(paths.VENV)],
    )


def ensure_packages(profile: str) -> None:
    """Install `requirements/<profile>.txt` into `.venv`."""
    ensure_venv()
    lock = paths.REQUIREMENTS / f"{profile}.txt"
    step(
        f"packages ({profile})",
        lambda: install(lock, compiled=sys.dont_write_bytecode),
        inputs=[lock],
        outputs=[paths.PYTHON],
        facts=[f"compiled: {sys.dont_write_bytecode}"],
    )


def ensure_environment(folder: Path) -> Path:
    """Make a virtual environment of its own for what must not share `.venv`; return its Python.

    It holds what `requirements/<name of the folder>.txt` says.
    """
    ensure_venv()
    lock, python = paths.REQUIREMENTS / f"{folder.name}.txt", program(folder, "python")
    step(
        f"packages ({folder.name})",
        lambda: _make_environment(folder, lock),
        inputs=[lock],
        outputs=[python],
        facts=[str(folder)],
    )
    return python


def program(environment: Path, name: str) -> Path:
    """Return the path of a program in a virtual environment."""
    return environment / paths.VENV_BIN.name / name


def install(
    lock: Path,
    *,
    python: Path = paths.PYTHON,
    target: Path | None = None,
    compiled: bool = False,
) -> None:
    """Install a hashed lock file: for `python` (default: of `.venv`), or into a folder of its own.

    What is not `compiled` at once, Python compiles as it is imported, and keeps. Where it was told to keep
    nothing (PYTHONDONTWRITEBYTECODE), every process would compile all it imports: half of the time it takes to start.
    """
    where: list[str | Path] = ["--target", target] if target else []
    options: list[str | Path] = ["--require-hashes", "--quiet", "-r", lock, *where]
    try:
        uv = _uv()
        run([uv, "pip", "install", "--python", python, *options], env=_uv_environment())
    except SetUpFailed:
        pip: list[str | Path] = [paths.PYTHON, "-m", "pip", "--python", python]
        run([*pip, "install", "--disable-pip-version-check", *options])
    if compiled:
        run([python, "-m", "compileall", "-q", "-j0", python.parent.parent])


def install_package(requirement: str, *, python: Path) -> None:
    """Install a package that is no lock file's, with its dependencies in the versions that the project is tested with."""
    options = ["--quiet", "--constraint", str(paths.REQUIREMENTS / "test.txt"), requirement]
    try:
        run([_uv(), "pip", "install", "--python", python, *options], env=_uv_environment())
    except SetUpFailed:
        pip: list[str | Path] = [paths.PYTHON, "-m", "pip", "--python", python]
        run([*pip, "install", "--disable-pip-version-check", *options])


def compile_locks() -> None:
    """Write `requirements/*.txt` anew from `requirements/*.in`, without any address in them."""
    environment = _uv_environment() | {"UV_CUSTOM_COMPILE_COMMAND": "python3 dev.py lock"}
    uv = _uv()
    for name in LOCKS:
        follow = (
            ["-c", "requirements/test.txt"]
            if name in ("run", "portal", "localconnect", "sentry", "telemetry")
            else []
        )
        options = [
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--no-emit-index-url",
            "--no-emit-find-links",
        ]
        source, lock = f"requirements/{name}.in", f"requirements/{name}.txt"
        run(
            [uv, "pip", "compile", "-q", "--universal", *options, *follow, source, "-o", lock],
            env=environment,
        )


def _make_environment(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", "--without-pip", folder])
    python = program(folder, "python")
    install(lock, python=python, compiled=True)  # a command line starts anew with each call


def _make_venv() -> None:
    if _is_ours(paths.PYTHON):
        return
    shutil.rmtree(paths.VENV, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", paths.VENV])
    except SetUpFailed as without_ensurepip:
        shutil.rmtree(paths.VENV, ignore_errors=True)
        _make_venv_with_virtualenv(without_ensurepip)


def _make_venv_with_virtualenv(cause: SetUpFailed) -> None:
    """Serve a Python whose distribution split `ensurepip` off, but left pip."""
    tool = paths.STATE / "virtualenv"
    try:
        run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--target",
                tool,
                "--upgrade",
                "virtualenv",
            ]
        )
    except SetUpFailed:
        raise SetUpFailed(
            f"{cause}\n\nThis Python can make no virtual environment. "
            "Install its venv module (Debian: apt-get install python3-venv) and try again."
        ) from None
    run(
        [sys.executable, "-m", "virtualenv", paths.VENV],
        env=os.environ | {"PYTHONPATH": str(tool)},
    )


def _is_ours(python: Path) -> bool:
    """Tell whether there is a working environment here, made by this version of Python."""
    if not python.exists():
        return False
    code = "import sys, pip; print(sys.version); print(sys.prefix)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout == f"{sys.version}\n{paths.VENV}\n"


def _uv() -> Path:
    uv = paths.VENV_BIN / ("uv.exe" if sys.platform == "win32" else "uv")
    if not uv.exists():
        lock = paths.REQUIREMENTS / "uv.txt"
        pip: list[str | Path] = [
            paths.PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
        ]
        run([*pip, "--quiet", "--require-hashes", "-r", lock])
    return uv


def _uv_environment() -> dict[str, str]:
    """Return the environment for uv: it does not read pip's settings, so they are handed over."""
    environment = dict(os.environ)
    for name, value in _pip_settings().items():
        words = value.split()
        separator = "," if name in _COMMA_SEPARATED else " "
        environment.setdefault(name, separator.join(words))
    # Every file is pinned by its hash, so an index cannot slip in another one: look at all of them.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _pip_settings() -> dict[str, str]:
    listed = subprocess.run(
        [paths.PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        key, separator, value = line.partition("=")
        name = _PIP_TO_UV.get(key.rpartition(".")[2])
        if separator and name:
            settings[name] = str(ast.literal_eval(value))
    return settings
