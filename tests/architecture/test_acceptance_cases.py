"""Every acceptance case of a customer's journey has a test in a real browser, whose docstring names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

BROWSER_TESTS = Path(__file__).resolve().parent.parent / "e2e"
CASES = range(1, 61)
OF_STAFF = {59}  # the admin's list of calls: no part of a customer's journey
_NAMED = re.compile(r"\bcases? (\d+(?:(?:, | and | to )\d+)*)")


def cases_in(docstring: str) -> Iterator[int]:
    """Return the numbers of the cases that a docstring names: `case 7`, `cases 12 and 20`, `cases 13 to 18`."""
    for named in _NAMED.findall(" ".join(docstring.split())):
        for part in re.split(r", | and ", named):
            first, _, last = part.partition(" to ")
            yield from range(int(first), int(last or first) + 1)


def cases_by_test() -> dict[str, set[int]]:
    """Return what each browser test names."""
    functions = (
        (f"{path.name}::{node.name}", ast.get_docstring(node) or "")
        for path in sorted(BROWSER_TESTS.glob("test_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )
    named = {test: set(cases_in(docstring)) for test, docstring in functions}
    return {test: cases for test, cases in named.items() if cases}


def test_every_case_is_tested_in_a_browser() -> None:
    """Should find each number in a docstring, and none that does not exist."""
    listed = cases_by_test()
    named = set().union(*listed.values())
    missing = sorted(set(CASES) - OF_STAFF - named)

    assert not missing, f"no browser test names {missing}; {listed}"
    assert named <= set(CASES)
