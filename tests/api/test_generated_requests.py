"""Requests made from the API's own description, against a running portal: nothing fails, and nothing answers otherwise than described."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.both_servers import both_servers
from tests.contacts_world import control
from tests.servers import LocalConnect, Portal

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
BROWSERS_ONLY = "guests|handover|accept|contact-events|survey/|reminders"  # where a key is refused at once, or little is taken
CONFIGURATION = """
[phases.coverage]
unexpected-methods = []
generate-duplicate-query-parameters = false
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    """The live portal beside a live contact centre with agents who answer at once."""
    with both_servers() as (connect, portal):
        for name in ("Bo", "Cy"):
            agent = {"name": name, "auto_answer_s": 0, "media": "none"}
            control(connect, "POST", "/_local/agents", agent)
        yield connect, portal


@pytest.fixture
def key(servers: tuple[LocalConnect, Portal]) -> str:
    """A key for everything."""
    printed = servers[1].manage("create_api_key", "Example", "--entry-point", "demo")
    return printed.strip().splitlines()[-1]


def test_portal_answers_as_it_is_described(
    servers: tuple[LocalConnect, Portal], key: str, tmp_path: Path
) -> None:
    """Should hold for what the description allows and forbids, and for sequences along its links."""
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    portal = servers[1]
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{portal.url}/api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {key}"),
            *("--checks", ",".join(CHECKS)),
            *("--exclude-path-regex", BROWSERS_ONLY),
            *("--phases", "examples,coverage,stateful"),
            *("--max-examples", "2"),
            *("--rate-limit", "20/s"),  # a key's own
            *("--seed", "1"),
            *("--warnings", "off"),
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.api.generated_requests",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "Traceback" not in portal.logs()
