"""What `pip install .` is to install: the command, its modules, its pages and what they need."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

from setuptools import find_packages

from localconnect.__main__ import main

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def test_command_is_the_servers_own() -> None:
    """Should be one, `localconnect`, that starts what `python -m localconnect` starts."""
    [(name, value)] = PROJECT["project"]["scripts"].items()
    command = importlib.metadata.EntryPoint(name, value, "console_scripts").load()

    assert (name, command) == ("localconnect", main)


def test_every_module_of_localconnect_is_installed() -> None:
    """Should find each folder with modules as a package, and no other top-level package."""
    found = set(find_packages(str(ROOT), **SETUPTOOLS["packages"]["find"]))
    folders = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for file in (ROOT / "localconnect").rglob("*.py")
    }

    assert found == folders


def test_every_page_of_the_desk_is_installed() -> None:
    """Should take along what is neither a module nor a source, built scripts included."""
    package = ROOT / "localconnect"
    taken = {
        file
        for pattern in SETUPTOOLS["package-data"]["localconnect"]
        for file in package.glob(pattern if not pattern.endswith("**") else f"{pattern}/*")
        if file.is_file()
    }
    there = {file for file in (package / "desk").rglob("*") if file.is_file()}

    assert {file for file in there if file.suffix not in (".py", ".pyc")} == taken


def test_what_localconnect_needs_is_installed_with_it() -> None:
    """Should be the requirements that its lock file is made from, and protoc for the build."""
    needed = SETUPTOOLS["dynamic"]["dependencies"]["file"]

    assert needed == ["requirements/localconnect.in"]
    assert "grpcio-tools" in PROJECT["build-system"]["requires"]
