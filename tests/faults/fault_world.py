"""The portal in this process, an embedded Connect in its own, and what a test does to both before the invariants are looked at."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from django_tasks_db.models import DBTaskResult

from contacts.models import Contact
from tests.contacts_world import Customer, control, upstream_contacts
from tests.faults.invariants import Reply, Row, check_invariants, gather
from tests.servers import LocalConnect

URL = "/api/v1/contacts/"
BODY = {"entry_point": "support", "name": "Ana"}


class _Records(logging.Handler):
    """Everything that is logged, with all that goes with it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(str(vars(record)))


class FaultWorld:
    """One customer, who starts calls while something goes wrong."""

    def __init__(self, server: LocalConnect, customer_key: str) -> None:
        self.server = server
        self._key = customer_key
        self.replies: list[Reply] = []
        self._records = _Records()

    def start(self, key: str | None = None) -> Reply:
        """Ask for a call."""
        headers = {"Idempotency_Key": key or str(uuid.uuid4())}
        began = time.monotonic()
        reply = Customer(self._key).post(URL, BODY, **headers)
        told = Reply(reply.status_code, reply.json(), reply.headers, time.monotonic() - began)
        self.replies.append(told)
        return told

    def end(self, contact_id: str) -> None:
        """Hang up."""
        assert Customer(self._key).post(f"{URL}{contact_id}/end/").status_code == 200

    def order(self, operation: str = "StartWebRTCContact", **fault: Any) -> None:
        """Order a fault of the embedded Connect."""
        control(self.server, "POST", "/_local/faults", {"operation": operation, **fault})

    def faults_left(self) -> int:
        """How often faults that were ordered have still to happen."""
        faults = control(self.server, "GET", "/_local/state")["faults"]
        return sum(fault["times"] for fault in faults)

    def mend(self) -> None:
        """Let the embedded Connect be well again."""
        control(self.server, "DELETE", "/_local/faults")

    def let_worker_work(self) -> None:
        """Run the tasks that wait, as if their time had come."""
        for task in DBTaskResult.objects.filter(status="READY"):
            task.delete()
            import_string(task.task_path).func(*task.args_kwargs["args"])

    def upstream_states(self) -> list[str]:
        """The states of the contacts that the embedded Connect has."""
        return [one["state"].lower() for one in upstream_contacts(self.server)]

    def logs(self) -> str:
        """All that was logged so far, with all that goes with it."""
        return "\n".join(self._records.texts)

    def readiness(self) -> tuple[int, dict[str, str]]:
        """Status and parts of `/readyz`."""
        reply = Client().get("/readyz")
        return reply.status_code, reply.json()["parts"]

    @contextmanager
    def watched(self) -> Iterator[FaultWorld]:
        """Look at the invariants at the end: as it is left, and once the worker has worked."""
        logging.getLogger().addHandler(self._records)
        try:
            yield self
            self.mend()
            for _ in range(2):
                check_invariants(
                    gather(_fetch, self.server, logs=self.logs(), replies=self.replies)
                )
                self.let_worker_work()
            assert not Contact.objects.filter(state="requested").exists()
        finally:
            logging.getLogger().removeHandler(self._records)


def _fetch(query: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
