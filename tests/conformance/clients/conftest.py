"""The clients, each against one server whose instances have enough in them to fill pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devtools import clients, javascript, packages, paths
from tests.conformance.clients import boto3_client
from tests.conformance.clients.client import Client, Setup
from tests.conformance.clients.command_line import CommandLine
from tests.conformance.clients.json_lines import json_lines
from tests.conformance.clients.model import Model
from tests.conformance.conftest import ControlApi
from tests.servers import LocalConnect

CLIENTS = ("boto3", "boto3-oldest", "aws-cli", "javascript")
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def running_connect() -> Iterator[LocalConnect]:
    with LocalConnect(config=HERE / "contact_center.toml").running() as server:
        yield server


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The AWS CLI itself, for what only a command line has."""
    program = packages.program(clients.AWS_CLI, "aws")
    return CommandLine(_installed(program), tmp_path_factory.mktemp("aws-cli"))


@pytest.fixture(scope="session", params=CLIENTS)
def resting_client(
    request: pytest.FixtureRequest, running_connect: LocalConnect
) -> Iterator[Client]:
    """Each client in turn, kept for all tests: it costs a process and a service model."""
    setup = Setup(url=running_connect.url)
    match request.param:
        case "boto3":
            yield Client("boto3", setup, Model(), boto3_client.answer)
        case "boto3-oldest":
            with boto3_oldest(setup) as client:
                yield client
        case "aws-cli":
            program = request.getfixturevalue("command_line")
            model = _model(clients.AWS_CLI, "awscli/botocore")
            yield Client("aws-cli", setup, model, program.answer, is_text_only=True)
        case "javascript":
            with javascript_sdk(setup) as client:
                yield client


@pytest.fixture
def client(resting_client: Client, control: ControlApi) -> Client:
    """Each client in turn, on a server as good as new."""
    return resting_client


@pytest.fixture
def javascript_client(running_connect: LocalConnect, control: ControlApi) -> Iterator[Client]:
    """The JavaScript client, for what only it does."""
    with javascript_sdk(Setup(url=running_connect.url)) as client:
        yield client


@contextmanager
def boto3_oldest(setup: Setup) -> Iterator[Client]:
    python = _installed(packages.program(clients.BOTO3_OLDEST, "python"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with json_lines([python, HERE / "boto3_client.py"], env=kept) as driver:
        yield Client("boto3-oldest", setup, _model(clients.BOTO3_OLDEST, "botocore"), driver)


@contextmanager
def javascript_sdk(setup: Setup) -> Iterator[Client]:
    """The SDK is made of the same service model as the newest boto3."""
    _installed(paths.JAVASCRIPT_CLIENT / "node_modules")
    node = javascript.find_node()
    program = ["node", paths.JAVASCRIPT_CLIENT / "client.mjs"]
    with json_lines(program, env=node.environment()) as driver:
        yield Client("javascript", setup, Model(), driver)


def _model(environment: Path, package: str) -> Model:
    [data] = environment.glob(f"lib/python3*/site-packages/{package}/data")
    return Model(data)


def _installed(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path} is not installed; python3 dev.py test does that")
    return path
