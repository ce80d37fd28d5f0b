"""What a migration may do while the release before still runs on the same database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation

ONLY_ADDS = (operations.CreateModel, operations.AddIndex, operations.RunPython)
"""What older code does not notice. (Data is for `RunPython` to change in ways that older code can read.)"""

KNOWN_TO_DJANGO_ALONE = (
    *(operations.AlterModelOptions, operations.AlterModelManagers),
    operations.RemoveIndex,
)
"""What changes no column."""


def complaints_of(migration: Migration) -> Iterator[str]:
    """Say what the code of the release before could not do after this migration.

    A check of columns that the migration itself adds is nothing to older code; nor is one that takes the place of a
    narrower one of its name, which the migration's `widens` says.
    """
    added = {
        (one.model_name_lower, one.name)
        for one in migration.operations
        if isinstance(one, operations.AddField)
    }
    for operation in migration.operations:
        if not (_is_widened(operation, migration) or _checks_only(operation, added)):
            yield from complaints(operation)


def _is_widened(operation: Operation, migration: Migration) -> bool:
    widened = getattr(migration, "widens", ())
    match operation:
        case operations.RemoveConstraint(name=name):
            return name in widened
        case operations.AddConstraint(constraint=models.CheckConstraint(name=name)):
            return name in widened
    return False


def _checks_only(operation: Operation, added: Iterable[tuple[str, str]]) -> bool:
    match operation:
        case operations.AddConstraint(
            constraint=models.CheckConstraint(condition=models.Q() as q)
        ):
            return all(
                (operation.model_name_lower, lookup.partition("__")[0]) in added
                for lookup in _lookups(q)
            )
    return False


def _lookups(q: models.Q) -> Iterator[str]:
    for child in q.children:
        if isinstance(child, tuple):
            yield child[0]
        elif isinstance(child, models.Q):
            yield from _lookups(child)
        else:
            yield ""  # an expression, of who knows which columns


def complaints(operation: Operation) -> Iterator[str]:
    """Say what the code of the release before could not do after this operation."""
    match operation:
        case operations.SeparateDatabaseAndState():
            for one in operation.database_operations:
                yield from complaints(one)
        case operations.AddField(field=field):
            if not _may_be_left_out(field):
                yield (
                    f"{operation.model_name}.{operation.name} is added, and older code writes rows without it: "
                    "give it null=True or a db_default"
                )
        case operations.AlterField(field=field):
            if not _may_be_left_out(field):
                yield (
                    f"{operation.model_name}.{operation.name} is altered: older code may leave it out or write what no "
                    "longer fits. Give it null=True or a db_default, or say in `contracts` what makes it safe"
                )
        case _ if isinstance(operation, (*ONLY_ADDS, *KNOWN_TO_DJANGO_ALONE)):
            return
        case _:
            yield f"{operation.describe()}: older code may still need it as it was"


def _may_be_left_out(field: models.Field) -> bool:
    """Tell whether a row can be written by code that knows nothing of this column."""
    return bool(
        field.null
        or field.many_to_many
        or field.has_db_default()
        or getattr(field, "generated", False)
    )
