"""The tutorial, as it is written: its commands in a shell, and what it says to do in a browser."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.e2e.admin_page import AdminPage
from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES, Browser
from tests.e2e.call_page import CallPage
from tests.e2e.media import wait_until_hearing, wait_until_seeing
from tests.servers import PROJECT_DIR, free_port

pytestmark = pytest.mark.e2e
PAGE = (PROJECT_DIR / "docs" / "tutorials" / "first-call.md").read_text()
BLOCKS = re.findall(r"^```console( run)?\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
UP_WITHIN_S = 240


class Reader:
    """Somebody who follows the tutorial, at other ports and with a database of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.portal_port, self.connect_port = free_port(), free_port()
        self.log = folder / "run.log"
        database = f"sqlite:///{folder / 'portal.sqlite3'}"
        without = {"PORTAL_TEST_STRICT", "REDIS_URL"}
        kept = {name: value for name, value in os.environ.items() if name not in without}
        self.environment = {**kept, "DATABASE_URL": database, "PYTHONIOENCODING": "utf-8"}

    def here(self, text: str) -> str:
        """Return what the page says, with where this reader is."""
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{self.portal_port}")
        text = text.replace("127.0.0.1:8100", f"127.0.0.1:{self.connect_port}")
        return text.replace(
            "python3 dev.py", f"{shlex.quote(sys.executable)} {PROJECT_DIR}/dev.py"
        )

    @contextmanager
    def running(self, command: str) -> Iterator[None]:
        """Run the first command until it has printed where everything is; end it."""
        ports = ["--port", str(self.portal_port), "--connect-port", str(self.connect_port)]
        with self.log.open("wb") as sink:
            process = subprocess.Popen(
                [*shlex.split(self.here(command)), *ports],
                cwd=PROJECT_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + UP_WITHIN_S
            while "Ctrl-C ends all of it" not in self.log.read_text():
                assert process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.2)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def types(self, *commands: str) -> str:
        """Run commands in one shell, and return what they printed; a refusal by HTTP fails."""
        script = "\n".join(
            [
                "set -euo pipefail",
                'curl() { command curl --fail-with-body "$@"; echo; }',
                *(self.here(command) for command in commands),
            ]
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def commands_of(block: str) -> list[str]:
    """Return the commands of a block, each with the lines it goes on over."""
    return [one[2:] for one in re.split(r"(?m)^(?=\$ )", block) if one.strip()]


def test_reader_makes_the_first_call_and_finds_it(playwright: Playwright, tmp_path: Path) -> None:
    """Should lead from a clone to a picture, to the call's page in the admin, and to a call by the API."""
    [(_, start), *others] = BLOCKS
    [agent], by_api = commands_of(others[0][1]), [c for _, b in others[1:] for c in commands_of(b)]
    reader = Reader(tmp_path)
    with reader.running(commands_of(start)[0]):
        printed = reader.log.read_text()
        for line in re.findall(r"^  (?:Customer|Agent desk|Admin) .*$", PAGE, re.MULTILINE):
            assert reader.here(line).split() == next(
                told.split() for told in printed.splitlines() if told.startswith(line[:10])
            )
        assert json.loads(reader.types(agent))["id"]
        portal = reader.here("http://127.0.0.1:8000")
        browser = Browser(playwright, flags=(FAKE_DEVICES, ALLOW_DEVICES))
        try:
            customer = CallPage(browser, portal)
            customer.open()
            customer.go_on_to("connected", within_s=120)
            wait_until_seeing(browser)
            wait_until_hearing(browser)
            customer.press("leave")
            customer.wait_for("ended")
            reference = customer.reference
            admin = AdminPage(browser.page, portal)
            admin.log_in()
            admin.open_contact(reference)
            assert reference in browser.page.inner_text("body")
            told = reader.types(*by_api)
            call = json.loads((tmp_path / "call.json").read_text())
            assert call["id"] in told
            assert call["join_url"].startswith(f"{portal}/join/")
        finally:
            browser.close()
