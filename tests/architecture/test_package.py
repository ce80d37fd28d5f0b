"""What a wheel is to install: commands, modules, pages, and what they need."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

from setuptools import find_packages

from localconnect.__main__ import main
from portal.__main__ import main as portal_main

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def test_commands_are_the_programs_own() -> None:
    """Should be `localconnect`, which starts what `python -m localconnect` starts, and the portal's commands."""
    loaded = {
        name: importlib.metadata.EntryPoint(name, value, "console_scripts").load()
        for name, value in PROJECT["project"]["scripts"].items()
    }

    assert loaded == {"localconnect": main, "video-portal": portal_main}


def test_every_module_is_installed() -> None:
    """Should find each folder with modules as a package, and no top-level package but the four."""
    found = set(find_packages(str(ROOT), **SETUPTOOLS["packages"]["find"]))
    folders = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for package in ("contacts", "localconnect", "partners", "portal")
        for file in (ROOT / package).rglob("*.py")
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


def test_what_they_need_is_installed_with_them() -> None:
    """Should be the requirements that lock files are made from, and protoc for the build."""
    dynamic = SETUPTOOLS["dynamic"]
    extras = {name: told["file"] for name, told in dynamic["optional-dependencies"].items()}

    assert dynamic["dependencies"]["file"] == ["requirements/localconnect.in"]
    assert extras == {
        name: [f"requirements/{name}.in"] for name in ("portal", "sentry", "telemetry")
    }
    assert "grpcio-tools" in PROJECT["build-system"]["requires"]
