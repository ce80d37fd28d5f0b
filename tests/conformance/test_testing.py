"""`localconnect.testing`: what other projects' tests start localconnect with."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest

from localconnect.testing import UnableToControl, UnableToStart, running_localconnect
from tests.conformance.conftest import start_request


def test_server_runs_for_the_block_only() -> None:
    """Should serve both services on a port of its own, and be gone afterwards."""
    with running_localconnect() as server:
        connect = boto3.client("connect", **server.client_options)
        contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]
        contacts = server.control("GET", "state")["contacts"]
        server.reset()
        left = server.control("GET", "state")["contacts"]
        connect.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(server.url, timeout=5)

    assert [contact["id"] for contact in contacts] == [contact_id]
    assert left == []


def test_options_are_those_of_the_command_line(tmp_path: Path) -> None:
    """Should tell the identity that the server was given, whatever it is."""
    config = tmp_path / "connect.toml"
    config.write_text(
        '[account]\nregion = "eu-west-2"\naccess_key = "shop"\nsecret_key = "shop secret"\n'
        '[[instances]]\nalias = "shop"\n[[instances.queues]]\nname = "Q"\n'
        '[[instances.flows]]\nname = "F"\nqueue = "Q"\n'
    )
    with running_localconnect("--config", str(config), "--set", "ring_s=5") as server:
        connect = boto3.client("connect", **server.client_options)
        [instance] = connect.list_instances()["InstanceSummaryList"]
        ring_s = server.control("GET", "settings")["ring_s"]
        connect.close()

    assert instance["InstanceAlias"] == "shop"
    assert (server.region, server.secret_key, ring_s) == ("eu-west-2", "shop secret", 5)


def test_start_that_fails_is_told() -> None:
    """Should not wait for a server that has said no."""
    with pytest.raises(UnableToStart), running_localconnect("--set", "no_such=1"):
        pass


def test_control_that_is_refused_is_told() -> None:
    """Should give the reason in the server's own words."""
    with running_localconnect() as server, pytest.raises(UnableToControl, match="no such setting"):
        server.control("PATCH", "settings", {"no_such": 1})
