"""Which files the browser is told to fetch before a script asks for them, as the build wrote them down."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings

WRITTEN = Path("static/dist/preloads.json")


def files_of(*scripts: str) -> list[str]:
    """Return the static files that these scripts of the call page are made of, each once."""
    path = settings.BASE_DIR / WRITTEN
    written = _read(path, path.stat().st_mtime_ns)
    return list(dict.fromkeys(f"dist/{file}" for script in scripts for file in written[script]))


@cache
def _read(path: Path, _changed_at: int) -> dict[str, list[str]]:
    files: dict[str, list[str]] = json.loads(path.read_bytes())
    return files
