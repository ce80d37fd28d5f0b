"""That code runs on the schema of the release after it: as during an update, and when one goes back.

Two pairs are run for real, each taking calls through a partner's program, a customer's browser and the worker:

- this code on a schema with what a later release would add: columns in each table, and a table;
- the code before on this schema, wherever Git has it: that of the newest tag `v…`, or, until there is one, that from before
  the newest migration. A clone without that history has the first pair alone.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import uuid
from pathlib import Path

import pytest
import requests

from tests.fresh_database import fresh_database
from tests.server_process import PROJECT_DIR
from tests.servers import LocalConnect, Portal
from tests.webhook_world import Receiver

RUN = ("manage.py", "portal", "contacts", "partners", "templates", "locale", "static")
ADDED_LATER = """
from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        if table.startswith(("contacts_", "partners_")):
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN of_a_later_release varchar(20) NULL")
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN counted_later integer NOT NULL DEFAULT 7")
    cursor.execute("CREATE TABLE contacts_later (id integer PRIMARY KEY, note varchar(20) NOT NULL)")
"""


def git(*arguments: str) -> bytes:
    """Return what Git says, or nothing where it has nothing to say."""
    done = subprocess.run(["git", *arguments], cwd=PROJECT_DIR, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def revision_before() -> str:
    """Return the newest release before this code, or the commit before the newest migration; "" without history."""
    tags = git("describe", "--tags", "--match=v*", "--abbrev=0", "HEAD^").decode().split()
    if tags:
        return tags[0]
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/0*.py")
    parent = git("rev-parse", "--verify", "--quiet", f"{newest.decode().strip()}^{{commit}}^")
    return parent.decode().strip()


BEFORE = revision_before()


def code_of(revision: str, folder: Path) -> Path:
    """Put the code of a revision into a folder, with this clone's built scripts: they are not looked at."""
    archive = io.BytesIO(git("archive", revision, "--", *RUN))
    with tarfile.open(fileobj=archive) as tar:
        tar.extractall(folder, filter="data")
    (folder / "static" / "dist").symlink_to(PROJECT_DIR / "static" / "dist")
    return folder


@pytest.mark.parametrize("pair", ["this_on_a_later_schema", *(["before_on_this"] * bool(BEFORE))])
def test_code_runs_on_the_schema_of_the_release_after(pair: str, tmp_path: Path) -> None:
    """Should start, follow, tell of, end and erase calls."""
    connect = LocalConnect()
    with fresh_database(os.environ.get("DATABASE_URL")) as given:
        database = given or f"sqlite:///{tmp_path / 'portal.sqlite3'}"
        later = Portal(connect_url=connect.url, database_url=database)
        later.manage("migrate", "--no-input", "--verbosity", "0")
        code = PROJECT_DIR
        if pair == "before_on_this":
            code = code_of(BEFORE, tmp_path / "before")
        else:
            later.manage("shell", "--no-imports", "-c", ADDED_LATER)
        portal = Portal(connect_url=connect.url, database_url=database, code=code)
        with connect.running(events_url=portal.events_url, events_key=portal.events_key):
            try:
                portal.manage("create_demo")
                portal.start()
                take_a_call(portal)
            finally:
                portal.close()
                later.close()


def take_a_call(portal: Portal) -> None:
    """Start a call by the API, let its customer in, hear of it by webhook, end it and erase it."""
    key = portal.manage("create_api_key", "Example", "--entry-point", "demo").split()[-1]
    api = f"{portal.url}/api/v1"
    with requests.Session() as session, Receiver().serving() as receiver:
        session.headers["Authorization"] = f"Bearer {key}"
        made = session.post(f"{api}/webhook-endpoints/", json={"url": receiver.url()})
        assert made.status_code == 201, made.text
        started = session.post(
            f"{api}/contacts/",
            json={"entry_point": "demo", "name": "Ana", "attributes": {"order": "4711"}},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert started.status_code == 201, started.text + portal.logs()
        address = f"{api}/contacts/{started.json()['id']}/"
        assert requests.get(started.json()["join_url"], timeout=30).status_code == 200
        receiver.wait_for("contact.created")
        ended = session.post(f"{address}end/")
        assert ended.json()["state"] == "ended", ended.text
        receiver.wait_for("contact.ended")
        assert session.delete(address).status_code == 202
        assert session.get(address).json()["name"] == ""
    assert requests.get(f"{portal.url}/call/demo/", timeout=30).status_code == 200
    assert "Traceback" not in portal.logs()
