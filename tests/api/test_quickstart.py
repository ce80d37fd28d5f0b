"""The quickstart of the API, as it is written: its commands, its Python and its JavaScript, against a running portal."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.javascript import find_node
from tests.both_servers import both_servers
from tests.servers import Portal

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "use-the-api.md").read_text()


def blocks(language: str) -> list[str]:
    """Return what the page has in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """The live portal beside a live contact centre."""
    with both_servers() as (_connect, portal):
        yield portal


@pytest.fixture(scope="module")
def key(portal: Portal) -> str:
    """A key, made as the page says."""
    printed = portal.manage("create_api_key", "Example Shop", "--entry-point", "demo")
    return printed.strip().splitlines()[-1]


def run(argv: list[str], folder: Path, portal: Portal) -> str:
    """Run a program with the portal's environment, and return what it printed."""
    done = subprocess.run(
        argv,
        cwd=folder,
        env=portal.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_commands_do_what_they_say(portal: Portal, tmp_path: Path) -> None:
    """Should take a call from its start to its erasure; curl is made to tell refusals."""
    text = "".join(blocks("console"))
    commands = [one[2:] for one in re.split(r"(?m)^(?=\$ )", text) if one]
    assert len(commands) >= 9
    folder = Path(sys.executable).parent
    script = "\n".join(
        [
            "set -euo pipefail",
            f"export PATH={folder}:$PATH",
            'curl() { command curl --fail-with-body "$@"; echo; }',
            *commands,
        ]
    )
    script = script.replace("http://127.0.0.1:8000", portal.url).replace(
        "manage.py", str(ROOT / "manage.py")
    )
    printed = run(["bash", "-c", script], tmp_path, portal)
    assert f"{portal.url}/join/" in printed
    assert '"state":"initiated"' in printed
    assert '"notes":"Called twice"' in printed
    assert '"state":"ended"' in printed
    assert '"erased_at":"2' in printed
    assert (tmp_path / "client" / "api").is_dir()


def test_python_starts_a_call(portal: Portal, key: str, tmp_path: Path) -> None:
    """Should print where the customer comes in."""
    [code] = blocks("python")
    named = f"PORTAL, KEY = {portal.url!r}, {key!r}\n"
    printed = run([sys.executable, "-c", named + code], tmp_path, portal)
    assert printed.startswith(f"{portal.url}/join/")


def test_javascript_starts_a_call(portal: Portal, key: str, tmp_path: Path) -> None:
    """Should print where the customer comes in."""
    [code] = blocks("js")
    program = tmp_path / "start.mjs"
    program.write_text(f"const PORTAL = {portal.url!r}, KEY = {key!r};\n{code}")
    node = shutil.which("node", path=find_node().path)
    assert node
    printed = run([node, str(program)], tmp_path, portal)
    assert printed.startswith(f"{portal.url}/join/")
