"""A restart with `--data`: what was known is known, whatever ended the process; what rang or waited goes on."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from websockets.sync.client import connect as open_websocket

from tests.conformance.conftest import (
    UNLIMITED,
    ControlApi,
    make_client,
    start,
    start_connected,
    start_request,
    wait_for,
)
from tests.conformance.test_agent_desk import Desk
from tests.conformance.test_contact_events import Listener
from tests.conformance.test_monitoring import monitor
from tests.conformance.test_participants import invite
from tests.conformance.test_process import run
from tests.servers import LocalConnect

INSTANCE = start_request()["InstanceId"]
ENDINGS = [signal.SIGTERM, signal.SIGKILL]
OPTIONS = (
    *("--set", "flow_waits_for_media=false"),
    *("--set", f"rate_limits={json.dumps({'*': UNLIMITED})}"),
)


class Kept:
    """A localconnect that keeps its data, and a client of it."""

    def __init__(self, *options: str) -> None:
        self.server = LocalConnect(keeps_data=True, options=(*OPTIONS, *options))
        self.server.start()
        self.control = ControlApi(self.server.url)
        self.lift_limits()
        self.connect = make_client(self.server)

    def lift_limits(self) -> None:
        limits = dict.fromkeys(self.control.call("GET", "settings")["rate_limits"], UNLIMITED)
        self.control.call("PATCH", "settings", {"rate_limits": limits})

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.server.restart(how)
        self.lift_limits()

    def describe(self, contact_id: str) -> dict[str, Any]:
        reply = self.connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)
        contact: dict[str, Any] = reply["Contact"]
        return contact

    def search(self) -> list[dict[str, Any]]:
        """Every contact, as SearchContacts shows it."""
        now = datetime.fromisoformat(self.control.call("GET", "state")["now"])
        span = {"StartTime": now - timedelta(hours=2), "EndTime": now + timedelta(hours=2)}
        reply = self.connect.search_contacts(
            InstanceId=INSTANCE, TimeRange={"Type": "INITIATION_TIMESTAMP", **span}
        )
        contacts: list[dict[str, Any]] = reply["Contacts"]
        return contacts

    @contextmanager
    def desk(self, name: str) -> Iterator[Desk]:
        """An agent's desk."""
        address = f"ws{self.server.url.removeprefix('http')}/agent/socket?name={name}"
        with open_websocket(address, origin=self.server.url) as socket:
            yield Desk(socket)

    def position(self, contact_id: str) -> int:
        """The contact's place in its queue."""
        reply = self.connect.get_contact_metrics(
            InstanceId=INSTANCE, ContactId=contact_id, Metrics=[{"Name": "POSITION_IN_QUEUE"}]
        )
        return int(reply["MetricResults"][0]["Value"]["Number"])

    def agent(self, agent_id: str) -> dict[str, Any]:
        agents = self.control.call("GET", "state")["agents"]
        found: dict[str, Any] = next(agent for agent in agents if agent["id"] == agent_id)
        return found

    def close(self) -> None:
        self.connect.close()
        self.server.close()


def make_participant_client(server: LocalConnect) -> Any:
    return boto3.client(
        "connectparticipant",
        endpoint_url=server.url,
        region_name=server.region,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )


def without_metadata(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "ResponseMetadata"}


@pytest.fixture
def kept() -> Iterator[Kept]:
    server = Kept()
    yield server
    server.close()


@pytest.mark.parametrize("how", ENDINGS)
def test_contacts_are_as_before(kept: Kept, how: signal.Signals) -> None:
    """Should know waiting, connected, invited, monitoring, transferred and ended contacts, and all said about them."""
    kept.control.call("PATCH", "settings", {"transfer_calls": True})
    connect, control = kept.connect, kept.control
    ended = start(connect, Description="ended")
    connect.stop_contact(InstanceId=INSTANCE, ContactId=ended)
    talking = start_connected(
        connect,
        control,
        Description="\u00fc \U0001f600",
        Attributes={"order": "7"},
        References={"shop": {"Type": "URL", "Value": "https://shop.example"}},
        RelatedContactId=ended,
        AllowedCapabilities={"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}},
    )
    connect.tag_contact(InstanceId=INSTANCE, ContactId=talking, Tags={"team": "blue"})
    invite(connect, talking)
    listening = monitor(connect, talking, control.add_agent())
    control.wait_for_state(listening, "connected")
    moved = start(connect)
    successor = connect.transfer_contact(
        InstanceId=INSTANCE,
        ContactId=moved,
        ContactFlowId=LocalConnect.contact_flow_id,
        QueueId=kept.describe(moved)["QueueInfo"]["Id"],
    )["ContactId"]
    before = control.call("GET", "state")
    ids = [contact["id"] for contact in before["contacts"]]
    described = [kept.describe(contact_id) for contact_id in ids]
    found = kept.search()

    kept.restart(how)

    after = kept.control.call("GET", "state")
    assert after["contacts"] == before["contacts"]
    assert after["agents"] == before["agents"]
    assert [kept.describe(contact_id) for contact_id in ids] == described
    assert {ended, talking, listening, moved, successor} < set(ids)
    assert len(ids) == 6
    assert kept.search() == found
    assert len(found) == 6


@pytest.mark.parametrize("how", ENDINGS)
def test_tokens_are_as_good_as_before(kept: Kept, how: signal.Signals) -> None:
    """Should replay whole answers, let people in by their tokens, and let them speak by their connections."""
    participant = make_participant_client(kept.server)
    request = start_request(ClientToken="once")
    first = kept.connect.start_web_rtc_contact(**request)
    connection = participant.create_participant_connection(
        ParticipantToken=first["ParticipantToken"],
        Type=["CONNECTION_CREDENTIALS", "WEBRTC_CONNECTION"],
    )
    token = connection["ConnectionCredentials"]["ConnectionToken"]
    digits = {"ConnectionToken": token, "ContentType": "audio/dtmf", "ClientToken": "keys"}
    sent = participant.send_message(**digits, Content="42")

    kept.restart(how)

    again = kept.connect.start_web_rtc_contact(**request)
    assert without_metadata(again) == without_metadata(first)
    reconnected = participant.create_participant_connection(
        ParticipantToken=first["ParticipantToken"], Type=["WEBRTC_CONNECTION"]
    )
    assert reconnected["WebRTCConnection"] == connection["WebRTCConnection"]
    repeated = participant.send_message(**digits, Content="42")
    assert without_metadata(repeated) == without_metadata(sent)
    participant.send_message(ConnectionToken=token, ContentType="audio/dtmf", Content="1")
    assert kept.control.contact(first["ContactId"])["digits"] == "421"
    participant.close()


def test_queue_and_agents_go_on(kept: Kept) -> None:
    """Should keep the order of the queue, ring anew, answer as scripted, and let calls go on."""
    connect, control = kept.connect, kept.control
    talking = start_connected(connect, control, Description="first")
    agent_id = control.contact(talking)["agent_id"]
    waiting = [start(connect) for _ in range(3)]
    control.call("POST", "clock", {"advance_s": 3600})
    before = control.call("GET", "state")["now"]

    kept.restart(signal.SIGKILL)

    assert kept.control.call("GET", "state")["now"] > before
    assert [kept.position(contact_id) for contact_id in waiting] == [1, 2, 3]
    assert kept.agent(agent_id)["contact_id"] == talking
    kept.control.call("POST", f"agents/{agent_id}/hang-up")
    kept.control.wait_for_state(waiting[0], "connected")
    assert [kept.position(contact_id) for contact_id in waiting[1:]] == [1, 2]


def test_agent_at_a_desk_keeps_status_and_call(kept: Kept) -> None:
    """Should show a desk that comes back in time what it showed before, and leave one that does not."""
    with kept.desk("Ben") as ben, kept.desk("Eva") as eva:
        ben.wish("status", status="available")
        ben.wait_for_status("available")
        eva.wish("status", status="break")
        eva.wait_for_status("break")
        contact_id = start(kept.connect)
        ben.wait_for_status("ringing")
        ben.wish("accept", contact_id=contact_id)
        before = ben.wait_for_status("busy")
        eva_id = eva.view["agent"]["id"]

    kept.restart(signal.SIGKILL)

    with kept.desk("Ben") as ben:
        assert ben.view == before
        assert kept.agent(eva_id)["status"] == "break"
        wait_for(lambda: kept.agent(eva_id)["status"] == "offline")
        ben.wish("hang_up", contact_id=contact_id)
        ben.wait_for_status("available")


def test_undelivered_events_are_delivered_by_the_next_process(kept: Kept) -> None:
    """Should deliver, in order, what no target had taken, and nothing that one had."""
    listener = Listener()
    server = kept.server
    server.end()
    server.start(events_url=listener.url)
    kept.lift_limits()
    taken = start(kept.connect)
    wait_for(lambda: listener.types(taken) == ["INITIATED", "QUEUED"])
    wait_for(lambda: kept.control.call("GET", "state")["events"]["undelivered"] == 0)
    listener.answers = [500] * 1000
    contact_id = start(kept.connect)
    kept.connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    wait_for(lambda: len(listener.answers) < 1000)
    server.end(signal.SIGKILL)
    listener.answers = []

    server.start(events_url=listener.url)

    life = ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]
    wait_for(lambda: listener.types(contact_id) == life)
    wait_for(lambda: kept.control.call("GET", "state")["events"]["undelivered"] == 0)
    assert listener.types(taken) == ["INITIATED", "QUEUED"]
    listener.close()


def test_what_is_forgotten_stays_forgotten(kept: Kept) -> None:
    """Should keep no more ended contacts than the setting allows, and nothing at all after a reset."""
    kept.control.call("PATCH", "settings", {"retained_contacts": 2})
    ids = [start(kept.connect) for _ in range(4)]
    for contact_id in ids:
        kept.connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    kept.restart()
    contacts = kept.control.call("GET", "state")["contacts"]
    assert [contact["id"] for contact in contacts] == ids[2:]

    kept.control.add_agent()
    kept.control.call("POST", "clock", {"advance_s": 3600})
    kept.control.call("POST", "reset")
    before = kept.control.call("GET", "state")
    kept.restart(signal.SIGKILL)

    after = kept.control.call("GET", "state")
    assert after["contacts"] == after["agents"] == []
    assert after["now"][:13] == before["now"][:13]
    kept.server.end()
    with closing(sqlite3.connect(kept.server.data)) as file:
        assert file.execute("SELECT count(*) FROM document").fetchone() == (0,)


def test_file_is_its_owners_and_its_process_alone(kept: Kept) -> None:
    """Should be readable by nobody else, since it holds tokens, and refused to a second localconnect."""
    for name in (kept.server.data, kept.server.data.with_name(f"{kept.server.data.name}-wal")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o600

    second = run("--port", "0", "--data", str(kept.server.data))

    assert second.returncode == 2
    assert "another localconnect" in second.stderr
    assert "Traceback" not in second.stderr


def test_unusable_file_is_said_plainly(tmp_path: Path) -> None:
    """Should refuse what is no database, another's, of another format, or nowhere, and leave it as it is."""
    text, other, newer = tmp_path / "text", tmp_path / "other", tmp_path / "newer"
    text.write_text("Dear diary, " * 100)
    with closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE diary (page TEXT)")
    server = LocalConnect(options=("--data", str(newer)))
    server.start()
    server.close()
    with closing(sqlite3.connect(newer)) as file:
        file.execute("PRAGMA user_version = 99")

    for path, said in (
        (text, "no file of this localconnect"),
        (other, "another program"),
        (newer, "format 99"),
        (tmp_path / "no" / "where", "cannot be opened"),
    ):
        before = path.read_bytes() if path.exists() else None
        ended = run("--port", "0", "--data", str(path))
        assert ended.returncode == 2
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr
        assert before == (path.read_bytes() if path.exists() else None)


def test_contacts_of_an_undeclared_instance_are_refused(kept: Kept, tmp_path: Path) -> None:
    """Should not start without what its contacts belong to, and say which that is."""
    start(kept.connect)
    kept.server.end()
    config = tmp_path / "centre.toml"
    config.write_text(
        '[[instances]]\nalias = "shop"\n[[instances.queues]]\nname = "Q"\n'
        '[[instances.flows]]\nname = "F"\nqueue = "Q"\n'
    )

    ended = run("--port", "0", "--config", str(config), "--data", str(kept.server.data))

    assert ended.returncode == 2
    assert f"instance {INSTANCE}" in ended.stderr
    assert "--config" in ended.stderr
