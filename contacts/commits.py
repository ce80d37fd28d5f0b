"""Commits what an operation writes, again if the database is away for a moment or had to choose between two transactions.

Only what is written is repeated: the request to Amazon Connect lies before or behind it. So whatever is given to `commit`
must lead to the same when it runs twice, for a commit whose acknowledgement was lost has happened.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from contacts import turns

logger = logging.getLogger(__name__)

T = TypeVar("T")

# What a database says that is away, full, out of connections, locked for too long, or ended a deadlock.
AWAY = (OperationalError, InterfaceError)
SHORT_S = 2.0  # for what can be asked again by whoever wants it
LONG_S = 8.0  # for what Amazon Connect has done already; databases start again in less
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0


def commit(work: Callable[[], T], *, patience_s: float = SHORT_S) -> T:
    """Run `work` in a transaction, and again for at most `patience_s` while the database cannot commit it.

    Inside another transaction it runs once: that one has to be repeated, not a part of it.

    :raises OperationalError, InterfaceError: the database still cannot.
    """

    def whole() -> T:
        with transaction.atomic():
            return work()

    return whole() if connection.in_atomic_block else insist(whole, patience_s=patience_s)


def insist(work: Callable[[], T], *, patience_s: float = SHORT_S) -> T:
    """Run `work`, one statement or a whole transaction, and again for at most `patience_s` while the database is away.

    :raises OperationalError, InterfaceError: it still is.
    """
    began, pause_s = time.monotonic(), FIRST_PAUSE_S
    while True:
        try:
            return work()
        except AWAY as error:
            if time.monotonic() - began + pause_s > patience_s:
                raise
            logger.warning("commit_repeated", extra={"error": type(error.__cause__).__name__})
        connection.close()  # it may be broken; the next attempt gets another
        with turns.given_back():
            time.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311 (no secret: it parts who met)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
