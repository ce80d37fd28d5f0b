"""The examples of the page that tells how to use localconnect alone, run as they stand there.

A block's info string says how: nothing more than its language for a program that ends, `serve` for one that is to
answer until it is stopped, a file's name for what is to be written, `install` for what tests do not repeat.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools import clients, javascript, packages, paths
from tests.conformance.conftest import ControlApi
from tests.servers import PROJECT_DIR, LocalConnect, free_port

PAGE = PROJECT_DIR / "docs" / "how-to" / "use-localconnect-alone.md"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMMANDS = {
    "localconnect": f'exec "{sys.executable}" -m localconnect "$@"',
    "pytest": f'exec "{sys.executable}" -m pytest -p no:cacheprovider "$@"',
    "aws": f'exec "{packages.program(clients.AWS_CLI, "aws")}" "$@"',
}
PROGRAMS = {
    "python": [sys.executable],
    "bash": ["bash", "-euo", "pipefail"],
    "javascript": ["node"],
}
SUFFIXES = {"python": ".py", "bash": ".sh", "javascript": ".mjs"}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the page."""

    language: str
    how: str
    text: str

    def at(self, port: int) -> str:
        """The text, with the server at another port."""
        return self.text.replace("8100", str(port))


BLOCKS = [
    Block(*found)
    for found in re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
]
EXAMPLES = [block for block in BLOCKS if not block.how and block.language in PROGRAMS]
SERVERS = [block for block in BLOCKS if block.how == "serve"]
FILES = [block for block in BLOCKS if block.how.endswith(".py")]
[WORKFLOW] = [block for block in BLOCKS if block.language == "yaml"]


class Machine:
    """A folder to work in, with the commands that somebody who has installed all of it would have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        commands = folder / "commands"
        commands.mkdir()
        for name, line in COMMANDS.items():
            (commands / name).write_text(f"#!/bin/sh\n{line}\n")
            (commands / name).chmod(0o755)
        (folder / "node_modules").symlink_to(paths.JAVASCRIPT_CLIENT / "node_modules")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTEST_"))}
        self.environment = kept | {
            "PATH": os.pathsep.join([str(commands), javascript.find_node().path]),
            "PYTHONPATH": str(PROJECT_DIR),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self, language: str, text: str, **environment: str) -> subprocess.Popen[str]:
        """A program of that text, in a process group of its own."""
        file = self.folder / f"example{SUFFIXES[language]}"
        file.write_text(text)
        program, *options = PROGRAMS[language]
        return subprocess.Popen(
            [shutil.which(program, path=self.environment["PATH"]) or program, *options, file],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, language: str, text: str, **environment: str) -> str:
        """What a program prints, which must end well."""
        with self.start(language, text, **environment) as process:
            output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        return output


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if not paths.CLIENTS.exists():
        pytest.skip("the clients are not installed; python3 dev.py test does that")
    return Machine(tmp_path)


def test_every_block_is_run_here_but_installations() -> None:
    """Should leave out nothing else, nor a block without a language."""
    run = [*EXAMPLES, *SERVERS, *FILES, WORKFLOW]
    others = [block for block in BLOCKS if block not in run]

    assert PAGE.read_text().count("```") == 2 * len(BLOCKS)
    assert {block.language for block in EXAMPLES} == {"python", "bash", "javascript"}
    assert [block.text.split()[:2] for block in others if block.how == "install"] == [
        ["pip", "install"],
        ["npm", "install"],
    ]
    assert [block.text for block in others if block.how != "install"] == ["pytest\n"]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.language)
def test_example_runs(
    block: Block, machine: Machine, running_connect: LocalConnect, control: ControlApi
) -> None:
    """Should end well, having made a contact or an agent and said which."""
    output = machine.run(block.language, block.at(running_connect.port))

    state = control.call("GET", "state")
    [made] = state["contacts"] + state["agents"]
    assert made["id"] in [found[0] for found in UUID.finditer(output)]


@pytest.mark.parametrize("block", SERVERS, ids=lambda block: block.text.split()[1])
def test_server_serves(block: Block, machine: Machine) -> None:
    """Should answer at the port it was given."""
    port = free_port()
    with _group(machine.start(block.language, block.at(port))) as process:
        _wait_until_healthy(port, process)


def test_fixtures_make_the_tests_pass(machine: Machine) -> None:
    """Should need nothing beyond what the page shows."""
    for block in FILES:
        (machine.folder / block.how).write_text(block.text)

    output = machine.run("bash", "pytest\n")

    assert re.search(r"\b3 passed\b", output), output


def test_workflow_runs(machine: Machine) -> None:
    """Should be a workflow whose steps, one after the other, do what they are for."""
    port = free_port()
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOW.at(port))
    [job] = workflow["jobs"].values()
    steps = [step for step in job["steps"] if "run" in step]
    install, start, test, show = (step["run"] for step in steps)

    assert install.startswith("pip install ")
    assert steps[3]["if"] == "failure()"
    with _group(machine.start("bash", start, **job["env"])) as started:
        assert started.wait(120) == 0
        assert "Demo queue" in machine.run("bash", test, **job["env"])
        assert machine.run("bash", show) == (machine.folder / "localconnect.log").read_text()
        assert f"http://127.0.0.1:{port}" in (machine.folder / "localconnect.log").read_text()


@contextmanager
def _group(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """The process, whose whole group ends with the block: what it has left in the background too."""
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)


def _wait_until_healthy(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("It does not serve")
