"""A client generated from the committed description, as partners may generate theirs: it starts, reads and ends a call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.both_servers import both_servers

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
PROGRAM = """
import sys
from uuid import UUID
from client import AuthenticatedClient
from client.api.contacts import end_call, list_contacts, read_contact, start_call
from client.models import ListContactsState, StartCall

url, key = sys.argv[1:]
with AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True) as client:
    started = start_call.sync(client=client, body=StartCall(entry_point="demo", name="Ana"))
    assert started.join_url.startswith(url), started
    read = read_contact.sync(started.id, client=client)
    assert (read.reference, read.name) == (started.reference, "Ana"), read
    assert end_call.sync(started.id, client=client).state == "ended"
    ended = list_contacts.sync(client=client, state=ListContactsState.ENDED)
    assert [one.id for one in ended.data] == [started.id]
    missing = read_contact.sync(UUID(int=0), client=client)
    assert missing.code == "not_found", missing
print("done")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the package `client`, generated anew."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "configuration.yml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "openapi-python-client"),
            "generate",
            *("--path", str(DESCRIPTION)),
            *("--output-path", str(folder / "client")),
            *("--meta", "none"),
            *("--config", str(folder / "configuration.yml")),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_generated_client_takes_a_call_to_its_end(package: Path) -> None:
    """Should find in the description all that it needs."""
    with both_servers() as (_connect, portal):
        printed = portal.manage("create_api_key", "Example", "--entry-point", "demo")
        key = printed.strip().splitlines()[-1]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, portal.url, key],
            cwd=package,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
