"""How operations write: in commits that are repeated while the database cannot take them, and in one order of locks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OPERATIONS = sorted((ROOT / "contacts" / "operations").glob("*.py"))
# Part of its callers' commits.
WITHIN_OTHERS = {"facts_applying"}
# Of many contacts at once, in the order of their keys; of events that belong to no contact.
LOCKING = {"customer_presence", "erasing", "inbox", "locked_contacts"}


@pytest.mark.parametrize("module", OPERATIONS, ids=lambda file: file.stem)
def test_operation_writes_by_commit_and_locks_by_contact(module: Path) -> None:
    """Should leave transactions to `contacts.commits.commit`, and the first lock of each to `Contact.lock`."""
    tree = ast.walk(ast.parse(module.read_text()))
    used = {node.attr for node in tree if isinstance(node, ast.Attribute)}

    assert "atomic" not in used or module.stem in WITHIN_OTHERS
    assert "select_for_update" not in used or module.stem in LOCKING
