"""What must hold for the repository as a whole, whatever its code does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import checks

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.in"))
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NPM_FOLDERS = (ROOT / "static", ROOT / "tests" / "conformance" / "clients" / "javascript")
BUILT = (
    "static/dist/",
    "localconnect/desk/dist/",
    "node_modules/",
    "staticfiles/",
    ".dev/",
    ".venv/",
)


def tracked_files() -> list[str]:
    """Return the paths git knows, or skip where this is no clone."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a clone")
    return listed.stdout.splitlines()


def direct_dependencies() -> set[str]:
    """Return the names that somebody chose, Python's and npm's."""
    names = {
        re.split(r"[\[<>=;\s]", line, maxsplit=1)[0]
        for file in REQUIREMENTS
        for line in file.read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    for folder in NPM_FOLDERS:
        package = json.loads((folder / "package.json").read_text())
        names |= package["dependencies"].keys() | package.get("devDependencies", {}).keys()
    return names


def test_every_dependency_has_a_reason() -> None:
    """Should list exactly what is depended on, each with why."""
    page = (ROOT / "docs" / "reference" / "dependencies.md").read_text()
    reasons = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, flags=re.MULTILINE))
    assert set(reasons) == direct_dependencies()


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_python_lock_has_hashes_and_no_address(lock: Path) -> None:
    """Should work behind any package index."""
    text = lock.read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_python_lock_pins_what_its_source_names(lock: Path) -> None:
    """Should hold a pin for each name of its .in file: the lock is made from it."""
    pinned = {
        name.lower() for name in re.findall(r"^([\w.-]+)==", lock.read_text(), flags=re.MULTILINE)
    }
    source = lock.with_suffix(".in").read_text()
    named = {
        re.split(r"[\[<>=;\s]", line, maxsplit=1)[0]
        for line in source.splitlines()
        if line and not line.startswith(("#", "-"))
    }
    assert named <= pinned


@pytest.mark.parametrize("folder", NPM_FOLDERS, ids=lambda path: path.name)
def test_npm_lock_has_hashes_and_no_address(folder: Path) -> None:
    """Should work behind any npm registry."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    installed = [package for path, package in packages.items() if path and not package.get("link")]
    assert all(package.get("integrity") for package in installed)
    assert not [package for package in installed if package.get("resolved")]


def test_nothing_built_is_tracked() -> None:
    """Should hold sources only."""
    assert not [
        path
        for path in tracked_files()
        if path.startswith(BUILT) or path.endswith(("_pb2.py", "_pb2.pyi", ".sqlite3", ".pyc"))
    ]


def test_imports_keep_to_the_contracts() -> None:
    """Should import in the agreed directions only."""
    tool = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_developers_script_needs_the_standard_library_only() -> None:
    """Should import nothing that is not there before anything was installed."""
    without_packages = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; sys.path.insert(0, '.'); import dev",
    ]
    done = subprocess.run(without_packages, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_test_belongs_to_a_part_of_the_suite() -> None:
    """Should leave no folder of tests that `dev.py test` would not run."""
    folders = {"/".join(file.parts[:2]) for file in _tests()}

    assert folders == {*checks.AT_ONCE, *checks.ALONE}


def _tests() -> list[Path]:
    return [file.relative_to(ROOT) for file in (ROOT / "tests").rglob("test_*.py")]
