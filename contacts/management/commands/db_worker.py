"""`manage.py db_worker`: the tasks' own worker, which here also goes its rounds (contacts/rounds.py).

The command of django-tasks-db is extended under its own name, so that whoever runs a worker runs all of it.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from django.db import connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from django_tasks_db.management.commands import db_worker

from contacts import metrics_server, rounds
from contacts.commits import AWAY

logger = logging.getLogger(__name__)

AWAY_FOR_S = 1.0


class Command(db_worker.Command):
    """The worker of the tasks, with rounds."""

    help = "Run a background worker: tasks, abandoned and quiet calls, places in the queue, availability"

    def handle(self, **options: Any) -> None:
        """Begin the rounds, then work until told to stop, whether or not the database is always there.

        With --batch, there are no rounds, and nothing is waited for.
        """
        is_only_the_reloader = options["reload"] and not os.environ.get(DJANGO_AUTORELOAD_ENV)
        if not options["batch"] and not is_only_the_reloader:
            rounds.begin(options["worker_id"])
            metrics_server.begin()
        while True:
            try:
                super().handle(**options)
            except AWAY as error:
                if options["batch"]:
                    raise
                logger.warning("worker_waits", extra={"error": type(error).__name__})
                connection.close()
                time.sleep(AWAY_FOR_S)
            else:
                return
