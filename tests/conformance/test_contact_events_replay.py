"""The history of contact events: kept, captured, and sent again."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.conformance.conftest import ControlApi, start_request
from tests.conformance.event_listener import Listener
from tests.conformance.test_contact_events_queue import take, types

INSTANCE = start_request()["InstanceId"]


@pytest.fixture
def url(sqs: Any, control: ControlApi) -> str:
    """The address of a queue that events go to once `listen` is called."""
    address: str = sqs.create_queue(QueueName="again")["QueueUrl"]
    return address


def listen(control: ControlApi) -> None:
    """From now on events go to the queue."""
    control.call("PATCH", "settings", {"events_targets": [{"queue": "again"}]})


def start_and_stop(connect: Any) -> str:
    """The id of a contact that nobody answered."""
    contact_id: str = connect.start_web_rtc_contact(**start_request())["ContactId"]
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    return contact_id


def captured(control: ControlApi, query: str = "") -> str:
    """The history as JSON lines."""
    with urllib.request.urlopen(f"{control.url}/_local/events?format=jsonl{query}") as reply:
        text: str = reply.read().decode()
    return text


def test_history_is_kept_without_any_target(connect: Any, control: ControlApi) -> None:
    """Should show what was published, and what goes wrong with events, before anybody listens."""
    contact_id = start_and_stop(connect)

    shown = control.call("GET", "events")

    assert shown["duplicate"] == 0
    assert types(shown["history"]) == ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]
    assert shown["next_after"] == 4
    assert {event["detail"]["contactId"] for event in shown["history"]} == {contact_id}


def test_history_is_shown_by_contact_and_page(connect: Any, control: ControlApi) -> None:
    """Should go on where the last page ended."""
    start_and_stop(connect)
    second = start_and_stop(connect)

    page = control.call("GET", f"events?contact_id={second}&limit=3")
    rest = control.call("GET", f"events?contact_id={second}&after={page['next_after']}")

    assert types(page["history"] + rest["history"])[-1] == "COMPLETED"
    assert (len(page["history"]), len(rest["history"])) == (3, 1)
    assert control.call("GET", f"events?after={rest['next_after']}")["history"] == []


def test_history_is_bounded_and_can_be_off(connect: Any, control: ControlApi) -> None:
    """Should keep the latest, as many as the setting says."""
    control.call("PATCH", "settings", {"events_history": 3})
    start_and_stop(connect)
    shown = control.call("GET", "events")
    assert types(shown["history"]) == ["QUEUED", "DISCONNECTED", "COMPLETED"]
    assert types(control.call("GET", "events?after=3")["history"]) == ["COMPLETED"]

    control.call("POST", "reset")
    control.call("PATCH", "settings", {"events_history": 0})
    start_and_stop(connect)
    assert control.call("GET", "events")["history"] == []


def test_events_lost_on_purpose_are_in_the_history(connect: Any, control: ControlApi) -> None:
    """Should keep what happened, whatever became of its delivery."""
    control.call("PATCH", "events", {"drop": True})
    start_and_stop(connect)

    assert len(control.call("GET", "events")["history"]) == 4


def test_replay_sends_the_same_events(
    connect: Any, sqs: Any, control: ControlApi, url: str
) -> None:
    """Should send them in their order with their ids, and not count them as new."""
    start_and_stop(connect)
    history = control.call("GET", "events")["history"]
    listen(control)

    assert control.call("POST", "events/replay", {}) == {"replayed": 4}

    assert take(sqs, url, 4) == history
    assert control.call("GET", "events")["history"] == history


def test_replay_of_one_contact(connect: Any, sqs: Any, control: ControlApi, url: str) -> None:
    """Should leave the others out."""
    start_and_stop(connect)
    second = start_and_stop(connect)
    listen(control)

    assert control.call("POST", "events/replay", {"contact_id": second}) == {"replayed": 4}

    assert {event["detail"]["contactId"] for event in take(sqs, url, 4)} == {second}


def test_replay_in_another_order(connect: Any, sqs: Any, control: ControlApi, url: str) -> None:
    """Should reverse, or shuffle the same way each time."""
    for _ in range(3):
        start_and_stop(connect)
    ids = [event["id"] for event in control.call("GET", "events")["history"]]
    listen(control)

    def replayed(**wish: Any) -> list[str]:
        control.call("POST", "events/replay", wish)
        return [event["id"] for event in take(sqs, url, 12)]

    assert replayed(order="reversed") == ids[::-1]
    shuffled = replayed(order="shuffled", seed=7)
    assert sorted(shuffled) == sorted(ids)
    assert shuffled not in (ids, ids[::-1])
    assert replayed(order="shuffled", seed=7) == shuffled


def test_replay_takes_its_time(connect: Any, sqs: Any, control: ControlApi, url: str) -> None:
    """Should leave the pauses there were, shortened as asked."""
    contact_id = connect.start_web_rtc_contact(**start_request())["ContactId"]
    control.call("POST", "clock", {"advance_s": 1000})
    connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
    listen(control)

    control.call("POST", "events/replay", {"speed": 10})

    assert types(take(sqs, url, 2)) == ["INITIATED", "QUEUED"]
    control.call("POST", "clock", {"advance_s": 50})
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    control.call("POST", "clock", {"advance_s": 60})
    assert types(take(sqs, url, 2)) == ["DISCONNECTED", "COMPLETED"]


def test_captured_history_is_sent_another_day(connect: Any, sqs: Any, control: ControlApi) -> None:
    """Should take what was captured back after a reset, through whatever trouble there is."""
    contact_id = start_and_stop(connect)
    lines = captured(control, f"&contact_id={contact_id}").splitlines()
    events = [json.loads(line) for line in lines]
    control.call("POST", "reset")
    listen(control)
    control.call("PATCH", "events", {"duplicate": True})

    assert control.call("POST", "events/replay", {"events": events}) == {"replayed": 4}

    url = sqs.get_queue_url(QueueName="again")["QueueUrl"]
    assert take(sqs, url, 8) == [event for event in events for _ in range(2)]


GOOD = {
    "id": "e",
    "source": "aws.connect",
    "detail-type": "Amazon Connect Contact Event",
    "time": "2026-01-02T03:04:05Z",
    "detail": {"contactId": "c", "eventType": "INITIATED"},
}


@pytest.mark.parametrize(
    "wish",
    [
        {"order": "sideways"},
        {"order": []},
        {"seed": "x"},
        {"speed": 0},
        {"speed": True},
        {"contact_id": 1},
        {"contact_id": "c", "events": [GOOD]},
        {"nonsense": 1},
        {"events": {}},
        {"events": [1]},
        {"events": [GOOD | {"id": 1}]},
        {"events": [GOOD | {"time": "yesterday"}]},
        {"events": [GOOD | {"extra": float("nan")}]},
        {"events": [GOOD | {"detail": {"contactId": "c"}}]},
        {"events": [GOOD | {"pad": "x" * 262_144}]},
        {"events": [GOOD] * 10_001},
    ],
)
def test_impossible_replays_are_refused(control: ControlApi, wish: dict[str, Any]) -> None:
    """Should send nothing at all."""
    assert control.refusal("POST", "events/replay", wish) == 400


@pytest.mark.parametrize("query", ["limit=x", "limit=1001", "after=-1", "after=1e3", "limit=²"])
def test_impossible_pages_are_refused(control: ControlApi, query: str) -> None:
    """Should say what is expected."""
    assert control.refusal("GET", f"events?{quote(query, safe='=')}") == 400


def replay_file(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command does with a captured file."""
    return subprocess.run(
        [sys.executable, "-m", "localconnect", "--replay-events", str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_file_is_replayed_by_one_command(
    connect: Any, control: ControlApi, tmp_path: Path
) -> None:
    """Should POST every line, with the key, and end once all are taken."""
    contact_id = start_and_stop(connect)
    path = tmp_path / "events.jsonl"
    path.write_text(captured(control))
    listener = Listener()
    listener.answers = [503]

    done = replay_file(path, "--events-url", listener.url, "--events-key", "k")

    assert (done.returncode, done.stdout) == (0, "4 delivered, 0 given up\n")
    assert sorted(listener.types(contact_id)) == sorted(
        ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]
    )
    assert set(listener.keys) == {"k"}
    listener.close()


def test_file_that_cannot_be_replayed_is_told_by_line(tmp_path: Path) -> None:
    """Should point at the line, or at the missing address, and end with 2."""
    path = tmp_path / "events.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n\n{{}}\n")

    wrong = replay_file(path, "--events-url", "http://127.0.0.1:1/")
    path.write_text(json.dumps(GOOD))
    nowhere = replay_file(path)
    missing = replay_file(tmp_path / "none", "--events-url", "http://127.0.0.1:1/")

    assert {wrong.returncode, nowhere.returncode, missing.returncode} == {2}
    assert "events.jsonl: line 3.detail: expected an object" in wrong.stderr
    assert "--events-url" in nowhere.stderr
    assert "No such file" in missing.stderr
