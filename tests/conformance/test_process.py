"""The command itself: how it starts, refuses to start, and stops."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import fields
from pathlib import Path
from typing import Any

import boto3
import pytest
from websockets.sync.client import connect as open_websocket

from localconnect.settings import Settings
from tests.servers import PROJECT_DIR, LocalConnect, free_port


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "localconnect", *arguments],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_is_complete() -> None:
    """Should explain every option, and every setting with its meaning and its default."""
    text = run("--help").stdout
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)(.*(?:\n {10,}.*)*)", text, re.MULTILINE)
    settings = re.findall(r"^  ([a-z_]+)\n {6}(.+)$", text, re.MULTILINE)

    usage = text.partition("\n\n")[0]
    asked = set(re.findall(r"--[\w-]+", usage)) | {"--help"}
    assert {name for name, _ in options} == asked
    assert "--events-url" in asked
    assert all(len(rest.split()) >= 3 for _, rest in options)
    assert [name for name, _ in settings] == [item.name for item in fields(Settings)]
    assert dict(settings)["ring_s"].endswith("(default: 20.0)")
    assert "AWS_ENDPOINT_URL" in text


def test_busy_port_is_said_plainly() -> None:
    """Should name the port and the way out, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))

    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_setting_is_said_plainly() -> None:
    """Should exit with the usual code for wrong options."""
    done = run("--set", "no_such=1")

    assert done.returncode == 2
    assert "no_such" in done.stderr


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_port_that_is_none_is_refused(port: str) -> None:
    """Should not listen on another one, such as what 65536 wraps around to."""
    done = run("--port", port)

    assert done.returncode == 2
    assert "argument --port: expected a port from 0 to 65535" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_server_at_once(number: signal.Signals) -> None:
    """Should end with code 0 within two seconds, with a desk open, and print who it was."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "localconnect", "--port", str(port)],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_healthy(url)
        with open_websocket(f"ws://127.0.0.1:{port}/agent/socket?name=Ben", origin=url) as desk:
            desk.recv(timeout=30)
            process.send_signal(number)
            before = time.monotonic()
            output, _ = process.communicate(timeout=60)
            stopped_after_s = time.monotonic() - before
    finally:
        process.kill()
        process.wait()

    assert stopped_after_s < 2
    assert process.returncode == 0
    for shown in (
        url,
        LocalConnect.access_key,
        LocalConnect.instance_id,
        LocalConnect.contact_flow_id,
    ):
        assert shown in output
    assert "Traceback" not in output


def test_control_api_can_be_left_out() -> None:
    """Should know nothing of `/_local/` with --no-control."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localconnect", "--port", str(port), "--no-control"],
        cwd=PROJECT_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_local/state")
        refused.value.close()
        assert refused.value.code == 404
    finally:
        process.terminate()
        process.wait()


def _wait_until_healthy(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/healthz").close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("localconnect did not start")


def _patch_settings(port: int, changes: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_local/settings",
        method="PATCH",
        data=json.dumps(changes).encode(),
    )
    urllib.request.urlopen(request, timeout=30).close()


def _queues_by_waiting(connect: Any, instance_id: str, order: str) -> list[tuple[str, float]]:
    """The queues of an instance with how many wait in each, sorted by the server."""
    listed = connect.list_queues(InstanceId=instance_id)["QueueSummaryList"]
    reply = connect.get_current_metric_data(
        InstanceId=instance_id,
        Filters={"Queues": [queue["Id"] for queue in listed]},
        Groupings=["QUEUE"],
        CurrentMetrics=[{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}],
        SortCriteria=[{"SortByMetric": "CONTACTS_IN_QUEUE", "SortOrder": order}],
    )
    return [
        (row["Dimensions"]["Queue"]["Id"], row["Collections"][0]["Value"])
        for row in reply["MetricResults"]
    ]


def test_configured_instances_are_served(tmp_path: Path) -> None:
    """Should know what the file declares, keep instances apart, and show their ids at the start."""
    config = tmp_path / "connect.toml"
    config.write_text(
        '[account]\nregion = "eu-central-1"\naccess_key = "shop"\nsecret_key = "shop-secret"\n'
        + "".join(
            f'[[instances]]\nalias = "{alias}"\n[[instances.queues]]\nname = "Q"\n[[instances.queues]]\nname = "R"\n'
            '[[instances.flows]]\nname = "F"\nqueue = "Q"\n'
            for alias in ("shop", "office")
        )
    )
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localconnect", "--port", str(port), "--config", str(config)],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}")
        connect = boto3.client(
            "connect",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="eu-central-1",
            aws_access_key_id="shop",
            aws_secret_access_key="shop-secret",
        )
        shop, office = connect.list_instances()["InstanceSummaryList"]
        [flow] = connect.list_contact_flows(InstanceId=shop["Id"])["ContactFlowSummaryList"]
        request = {"ContactFlowId": flow["Arn"], "ParticipantDetails": {"DisplayName": "Ana"}}
        started = connect.start_web_rtc_contact(InstanceId=shop["Id"], **request)
        described = connect.describe_contact(
            InstanceId=shop["Id"], ContactId=started["ContactId"]
        )["Contact"]
        _patch_settings(port, {"flow_waits_for_media": False})
        connect.start_web_rtc_contact(InstanceId=shop["Id"], **request)
        fullest_first, emptiest_first = (
            _queues_by_waiting(connect, shop["Id"], order) for order in ("DESCENDING", "ASCENDING")
        )
        with pytest.raises(connect.exceptions.ResourceNotFoundException):
            connect.describe_contact(InstanceId=office["Id"], ContactId=started["ContactId"])
        with pytest.raises(connect.exceptions.ResourceNotFoundException):
            connect.start_web_rtc_contact(InstanceId=office["Id"], **request)
        with pytest.raises(connect.exceptions.ContactNotFoundException):
            connect.stop_contact(InstanceId=office["Id"], ContactId=started["ContactId"])
        connect.close()
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=60)

    assert described["Arn"].startswith(f"{shop['Arn']}/contact/")
    assert [waiting for _, waiting in fullest_first] == [1, 0]
    assert emptiest_first == fullest_first[::-1]
    assert started["ConnectionData"]["Meeting"]["MediaRegion"] == "eu-central-1"
    for shown in (shop["Id"], office["Id"], flow["Id"], "shop-secret"):
        assert shown in output


def test_mistake_in_the_configuration_stops_the_start(tmp_path: Path) -> None:
    """Should end with the line of the mistake on stderr; what --print-config writes has none."""
    printed = run("--print-config").stdout
    config = tmp_path / "connect.toml"
    config.write_text(printed.replace('queue = "Demo queue"', 'queue = "Demo"', 1))

    ended = run("--config", str(config))

    assert ended.returncode == 2
    line = printed.splitlines().index('queue = "Demo queue"') + 1
    assert f"connect.toml:{line}: instances.0.flows.0.queue: there is no 'Demo'" in ended.stderr
    assert "Traceback" not in ended.stderr
