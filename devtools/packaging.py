"""`dev.py wheel`: a package that installs the portal and localconnect, with everything that is built.

What belongs into it is said by pyproject.toml and setup.py.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from devtools import javascript, packages, paths
from devtools.steps import run

LEFT_BY_BUILDS = ("build", "connect_video_portal.egg-info")


def build_wheel(folder: Path) -> Path:
    """Build the wheel into `folder`, after what goes into it; return its path."""
    packages.ensure_packages("run")
    javascript.ensure_built()
    _clean()  # a module deleted since the last build would be taken along
    made = paths.STATE / "wheel"
    shutil.rmtree(made, ignore_errors=True)
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    run([paths.PYTHON, "-m", "pip", "wheel", *options, "--wheel-dir", made, paths.ROOT])
    _clean()
    [wheel] = made.glob("*.whl")
    folder.mkdir(parents=True, exist_ok=True)
    return wheel.replace(folder / wheel.name)


def _clean() -> None:
    for name in LEFT_BY_BUILDS:
        shutil.rmtree(paths.ROOT / name, ignore_errors=True)
