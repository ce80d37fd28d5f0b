"""That two neighbouring releases run on one database: migrations add first, and take away a release later."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

import pytest

from tests.architecture.expansion import complaints, complaints_of

ROOT = Path(__file__).resolve().parents[2]
RELEASED = dict(
    line.split()
    for line in (ROOT / "deploy" / "released-migrations.txt").read_text().splitlines()
    if not line.startswith("#")
)
LOADED: dict[tuple[str, str], type[Migration]] = dict(
    MigrationLoader(None, ignore_no_migrations=True).disk_migrations
)
SAFE: dict[str, Operation] = {
    "nullable": operations.AddField("contact", "x", models.TextField(null=True)),
    "db_default": operations.AddField("contact", "x", models.IntegerField(db_default=0)),
    "many_to_many": operations.AddField(
        "contact", "x", models.ManyToManyField("contacts.EntryPoint")
    ),
    "table": operations.CreateModel("X", [("id", models.BigAutoField(primary_key=True))]),
    "index": operations.AddIndex("contact", models.Index(fields=["x"], name="x")),
    "state_only": operations.SeparateDatabaseAndState(
        state_operations=[operations.RemoveField("contact", "x")]
    ),
}
UNSAFE: dict[str, Operation] = {
    "default_of_django": operations.AddField("contact", "x", models.IntegerField(default=0)),
    "required": operations.AddField("contact", "x", models.TextField()),
    "made_required": operations.AlterField("contact", "x", models.TextField()),
    "removed_column": operations.RemoveField("contact", "x"),
    "renamed_column": operations.RenameField("contact", "x", "y"),
    "removed_table": operations.DeleteModel("X"),
    "renamed_table": operations.RenameModel("X", "Y"),
    "moved_table": operations.AlterModelTable("X", "y"),
    "constraint": operations.AddConstraint(
        "contact", models.UniqueConstraint(fields=["x"], name="x")
    ),
    "sql": operations.RunSQL("DROP TABLE x"),
    "hidden": operations.SeparateDatabaseAndState(
        database_operations=[operations.RemoveField("contact", "x")]
    ),
}


def since_the_release() -> list[Any]:
    """Return the migrations of our apps that no release has."""
    return [
        migration
        for (app, name), migration in sorted(LOADED.items())
        if app in RELEASED and name > RELEASED[app]
    ]


def test_every_app_of_ours_is_held_to_it() -> None:
    """Should name a migration that exists for each app that has some."""
    ours = {path.parent.parent.name for path in ROOT.glob("*/migrations/0001_*.py")}

    assert set(RELEASED) == ours
    assert set(RELEASED.items()) <= set(LOADED)


def test_released_code_runs_on_the_schema_of_today() -> None:
    """Should only add, or take away what a release before did not use any more, and name that release in `contracts`."""
    released = re.findall(
        r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    wrong = {
        str(migration): told
        for migration in since_the_release()
        if getattr(migration, "contracts", None) not in released
        and (told := list(complaints_of(migration)))
    }

    assert not wrong


@pytest.mark.parametrize("operation", SAFE.values(), ids=SAFE)
def test_what_adds_is_let_through(operation: Operation) -> None:
    """Should have nothing against it."""
    assert not list(complaints(operation))


@pytest.mark.parametrize("operation", UNSAFE.values(), ids=UNSAFE)
def test_what_older_code_would_stumble_over_is_named(operation: Operation) -> None:
    """Should say what is wrong with it."""
    assert list(complaints(operation))


def a_check(name: str = "x_known", **condition: Any) -> Operation:
    """Return the operation that adds a check to contacts."""
    check = models.CheckConstraint(condition=models.Q(**condition), name=name)
    return operations.AddConstraint("contact", check)


def test_check_of_what_is_added_with_it_is_let_through() -> None:
    """Should let older code be where it cannot break the check, and name a check that it could."""
    migration = Migration("x", "contacts")
    migration.operations = [SAFE["db_default"], a_check(x__gte=0)]
    assert not list(complaints_of(migration))
    migration.operations = [SAFE["db_default"], a_check(x__gte=0, version__gte=2)]
    assert list(complaints_of(migration))


def test_check_may_be_widened_where_the_migration_says_so() -> None:
    """Should take the migration's word for the checks it names, and for no other."""
    migration = Migration("x", "contacts")
    migration.operations = [operations.RemoveConstraint("contact", "x_known"), a_check(state="x")]
    assert len(list(complaints_of(migration))) == 2
    migration.widens = ("x_known",)  # type: ignore[attr-defined]
    assert not list(complaints_of(migration))
    migration.operations.append(a_check("y_known", state="x"))
    assert len(list(complaints_of(migration))) == 1
