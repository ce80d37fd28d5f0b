"""Contacts driven any way there is, and compared after each step with a model of what they should be.

Real HTTP to a real server: the API, scripted agents, a clock that is moved by the hour, and a receiver of contact
events. What the model leaves out (people's media, desks, wrap-up) has tests of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.conftest import ControlApi
from tests.conformance.contact_lifecycle import HOUR_S, IMPATIENT_FLOW, ContactLifecycle
from tests.conformance.contact_model import WAIT_LIMIT_H
from tests.conformance.event_listener import Listener
from tests.conformance.wire_client import wire_client
from tests.servers import PROJECT_DIR, LocalConnect


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalConnect]:
    """The demo contact centre with one more flow, whose contacts do not wait for ever."""
    printed = subprocess.run(
        [sys.executable, "-m", "localconnect", "--print-config"],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    flow = (
        f'\n[[instances.flows]]\nid = "{IMPATIENT_FLOW["ContactFlowId"]}"\nname = "Impatient"\n'
        f'queue = "Demo queue"\nwait_limit_s = {WAIT_LIMIT_H * HOUR_S}\n'
    )
    config = tmp_path / "connect.toml"
    config.write_text(printed + flow)
    with LocalConnect(config=config).running() as running:
        yield running


@pytest.fixture
def lifecycle(server: LocalConnect) -> Iterator[type[ContactLifecycle]]:
    receiver = Listener()
    with wire_client(server) as made:

        class Lifecycle(ContactLifecycle):
            client = made
            listener = receiver
            control = ControlApi(server.url)

        yield Lifecycle
    server.stop()
    receiver.close()


def test_contacts_live_as_the_model_says(lifecycle: type[ContactLifecycle]) -> None:
    """Should describe, count, find and tell of every contact as its history demands, whatever is done to it."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lifecycle,
        settings=settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=30,
            stateful_step_count=30,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
