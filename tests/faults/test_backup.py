"""The scripts of deploy/ on PostgreSQL: what they wrote comes back whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from devtools import services
from tests.server_process import PROJECT_DIR
from tests.servers import DEMO_CONNECT

CALL = """
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from contacts.models import Contact, EntryPoint, Participant
from contacts.sealing import seal
call_command("migrate", interactive=False, verbosity=0)
entry_point = EntryPoint.objects.create(slug="support", name="Support", company="Example")
contact = Contact.objects.create(
    entry_point=entry_point, reference="K7M-2QX9P", name="Ana", requested_at=timezone.now()
)
Participant.objects.create(
    contact=contact, role="customer", created_at=timezone.now(), sealed_token=seal("token")
)
SessionStore().save()
"""
LOOK = """
from django.core.management import call_command
from contacts.models import Contact
from contacts.sealing import unseal
call_command("migrate", check_unapplied=True, verbosity=0)
contact = Contact.objects.get()
print(contact.reference, contact.name, unseal(contact.participants.get().sealed_token))
"""


@pytest.fixture(scope="module")
def database() -> Iterator[services.Service]:
    with services.postgresql() as service:
        yield service


def environment(url: str, key: str) -> dict[str, str]:
    programs = str(services.postgresql_programs())
    return (
        os.environ
        | DEMO_CONNECT
        | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "DATABASE_URL": url,
            "DEBUG": "true",
            "CONNECT_ENDPOINT_URL": "http://127.0.0.1:1",
            "TOKEN_ENCRYPTION_KEYS": key,
        }
    )


def run(*argv: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(one) for one in argv],
        cwd=PROJECT_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def django(code: str, env: dict[str, str]) -> str:
    done = run(sys.executable, "manage.py", "shell", "-v", "0", "-c", code, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_backed_up_comes_back(database: services.Service, tmp_path: Path) -> None:
    """Should restore calls and what is sealed in them, for who has the keys, and no login; and nothing twice."""
    with psycopg.connect(database.url, autocommit=True) as session:
        session.execute("CREATE DATABASE before_loss")
        session.execute("CREATE DATABASE after_loss")
    address = database.url.rpartition("/")[0]
    key = Fernet.generate_key().decode()
    before, after = (environment(f"{address}/{name}_loss", key) for name in ("before", "after"))
    django(CALL, before)

    file = tmp_path / "portal.dump"
    written = run("deploy/backup.sh", file, env=before)
    assert written.returncode == 0, written.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["portal.dump"]
    restored = run("deploy/restore.sh", file, env=after)
    assert restored.returncode == 0, restored.stderr
    assert django(LOOK, after).split() == ["K7M-2QX9P", "Ana", "token"]
    with psycopg.connect(after["DATABASE_URL"]) as session:
        assert session.execute("SELECT count(*) FROM django_session").fetchone() == (0,)

    again = run("deploy/restore.sh", file, env=after)
    assert again.returncode != 0
    assert django(LOOK, after).split()[0] == "K7M-2QX9P"


def test_backup_that_fails_leaves_no_file(database: services.Service, tmp_path: Path) -> None:
    """Should fail, and leave what an earlier run had written."""
    address = database.url.rpartition("/")[0]
    kept = tmp_path / "portal.dump"
    kept.write_text("yesterday's")
    done = run("deploy/backup.sh", kept, env=environment(f"{address}/nobodys", "x"))
    assert done.returncode != 0
    assert kept.read_text() == "yesterday's"
