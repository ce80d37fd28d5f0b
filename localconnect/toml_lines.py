"""Finds the line of a TOML document on which something is written; the standard library's parser does not tell."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys and, after the name of an array of tables, the index of one: `("instances", 0, "flows", 2, "queue")`."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")


def line_of(text: str, path: Path) -> int:
    """The line (from 1) of the longest beginning of `path` that is written somewhere in `text`."""
    lines = _lines(text)
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _lines(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    in_long_text = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_in_long_text = in_long_text
        if (line.count('"""') + line.count("'''")) % 2:
            in_long_text = not in_long_text
        if was_in_long_text:
            continue
        key, header = _KEY.match(line), _HEADER.fullmatch(line)
        if key:
            found.setdefault((*table, key[1].strip('"')), number)
        elif header:
            table = _table(header[2], header[1] == "[[", counts)
            found.setdefault(table, number)
    return found


def _table(name: str, is_array: bool, counts: dict[Path, int]) -> Path:
    """The path of the table that a header opens; what stands in an array belongs to its latest table."""
    path: Path = ()
    parts = [part.strip().strip('"') for part in name.split(".")]
    for position, part in enumerate(parts):
        path = (*path, part)
        if is_array and position == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
