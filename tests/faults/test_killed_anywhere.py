"""A process that dies at any line between the intent to start a call and its result. Real processes, real SIGKILL."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.portal_world import FOR_TESTS, PortalWorld, wait_until
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal

ROOT = Path(__file__).resolve().parent.parent.parent
# After which a start can no longer be at work: attempts x (connecting + reading + a pause of 1.5).
SHORT = {"CONNECT_ATTEMPTS": "1", "CONNECT_CONNECT_TIMEOUT_S": "1", "CONNECT_READ_TIMEOUT_S": "1"}
KILLED_WITHIN_S = 240
AT_WORK = "idempotency_in_progress"


@pytest.fixture
def world() -> Iterator[PortalWorld]:
    """A portal with a worker, that answers as if nothing had happened."""
    with (
        LocalConnect().running() as server,
        fresh_database(os.environ.get("DATABASE_URL")) as database_url,
        Portal(
            connect_url=server.url,
            database_url=database_url,
            redis_url=os.environ.get("REDIS_URL"),
            extra_env=FOR_TESTS | SHORT,
        ).running() as portal,
    ):
        world = PortalWorld(server, portal)
        world.prepare()
        yield world


def test_f10_f11_start_killed_at_any_line_is_one_call_or_none(world: PortalWorld) -> None:
    """Should give who asks again the one call, and give up what nobody asks for again, wherever the process died."""
    prefix = f"killed-{uuid.uuid4()}"
    command = [sys.executable, "-m", "tests.faults.killed_starts", prefix]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            **world.portal.environment(),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        },
        capture_output=True,
        text=True,
        timeout=KILLED_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = int(done.stdout.split()[-1])
    assert lines > 40, "far fewer than a start has"

    for line in range(1, lines, 2):
        _ask_again(world, f"{prefix}-{line:04}")
    wait_until(lambda: not _at_work(world))

    world.check()
    answers = {reply.status for reply in world.replies if reply.body.get("code") != AT_WORK}
    # Begun there, the call goes on here or was given up before anybody came.
    assert answers <= {201, 410, 502}
    assert 201 in answers
    assert len(world.upstream_states()) <= lines


def _ask_again(world: PortalWorld, key: str) -> None:
    """Come back with a start's key until it is no longer said to be at work."""
    wait_until(lambda: world.start(key).body.get("code") != AT_WORK)


def _at_work(world: PortalWorld) -> bool:
    return bool(world.rows("SELECT id FROM contacts_contact WHERE state = 'requested'"))
