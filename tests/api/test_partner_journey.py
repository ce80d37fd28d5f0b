"""A partner's program from its key to the end of a call, over the network: it knows the address, the key and the docs."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest
import requests
from standardwebhooks import Webhook

from tests.both_servers import both_servers
from tests.servers import Portal
from tests.webhook_world import Receiver


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """The live portal beside a live contact centre."""
    with both_servers() as (_connect, portal):
        yield portal


@pytest.fixture
def session(portal: Portal) -> Iterator[requests.Session]:
    """An HTTP client that sends a fresh key, as the command line prints it."""
    key = (
        portal.manage("create_api_key", "Example", "--entry-point", "demo")
        .strip()
        .splitlines()[-1]
    )
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {key}"
        yield session


def test_program_starts_follows_and_ends_a_call(portal: Portal, session: requests.Session) -> None:
    """Should take it from the start, through its customer's browser, to the end."""
    api = f"{portal.url}/api/v1"
    [entry_point] = session.get(f"{api}/entry-points/").json()["data"]
    started = session.post(
        f"{api}/contacts/",
        json={"entry_point": entry_point["slug"], "name": "Ana", "attributes": {"order": "4711"}},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert started.status_code == 201, started.text
    contact = started.json()
    address = f"{api}/contacts/{contact['id']}/"

    with requests.Session() as browser:
        asked = browser.get(contact["join_url"])
        token = asked.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        opened = browser.post(
            contact["join_url"],
            data={"csrfmiddlewaretoken": token},
            headers={"Origin": portal.url},
        )
        assert opened.url == f"{portal.url}/calls/{contact['id']}/"
        assert contact["connection"]["Meeting"]["MeetingId"] in opened.text
    assert requests.get(contact["join_url"], timeout=30).status_code == 410

    etag = session.get(address).headers["ETag"]
    noted = session.patch(address, json={"notes": "Called twice"}, headers={"If-Match": etag})
    assert noted.json()["notes"] == "Called twice", noted.text
    assert session.post(f"{address}end/").json()["state"] == "ended"
    listed = session.get(f"{api}/contacts/", params={"state": "ended", "limit": "1"}).json()
    assert [one["id"] for one in listed["data"]] == [contact["id"]]
    assert "JOINED_BY_LINK" in {
        one["type"] for one in session.get(f"{address}events/").json()["data"]
    }
    assert session.delete(address).status_code == 202
    assert session.get(address).json()["name"] == ""
    key = session.headers["Authorization"].removeprefix("Bearer ")  # type: ignore[union-attr]
    assert key not in portal.logs()
    assert contact["join_url"].rstrip("/").rpartition("/")[2] not in portal.logs()


def test_program_is_told_by_the_worker(portal: Portal, session: requests.Session) -> None:
    """Should get each event signed, from the process that carries them for all."""
    api = f"{portal.url}/api/v1"
    with Receiver().serving() as receiver:
        made = session.post(f"{api}/webhook-endpoints/", json={"url": receiver.url()})
        assert made.status_code == 201, made.text
        started = session.post(f"{api}/contacts/", json={"entry_point": "demo", "name": "Ana"})
        assert session.post(f"{api}/contacts/{started.json()['id']}/end/").status_code == 200
        receiver.wait_for("contact.ended")
        assert "contact.created" in receiver.types()
        for one in receiver.received:
            assert Webhook(made.json()["secret"]).verify(one.body, dict(one.headers)) == one.event
        assert made.json()["secret"] not in portal.logs()


def test_rehearsal_goes_as_its_name_says(portal: Portal, session: requests.Session) -> None:
    """Should bring a test call through its states by itself, and tell of it where tests are told of."""
    api = f"{portal.url}/api/v1"
    made = portal.manage("create_api_key", "Example", "--entry-point", "demo", "--test")
    with (
        requests.Session() as rehearsal,
        Receiver().serving() as receiver,
        Receiver().serving() as real,
    ):
        rehearsal.headers["Authorization"] = f"Bearer {made.strip().splitlines()[-1]}"
        for sender, hook in ((rehearsal, receiver), (session, real)):
            url = f"{api}/webhook-endpoints/"
            assert sender.post(url, json={"url": hook.url()}).status_code == 201
        call = {"entry_point": "demo", "name": "drop-at-2s"}
        started = rehearsal.post(f"{api}/contacts/", json=call)
        assert started.status_code == 201, started.text
        address = f"{api}/contacts/{started.json()['id']}/"
        receiver.wait_for("contact.connected")
        receiver.wait_for("contact.ended")
        ended = rehearsal.get(address).json()
        until = time.monotonic() + 20
        while ended["end_reason"] is None and time.monotonic() < until:
            time.sleep(0.2)  # why it ended is told after that it did
            ended = rehearsal.get(address).json()
        assert (ended["state"], ended["end_reason"]) == ("ended", "connection_lost")
        assert {one.event["livemode"] for one in receiver.received} == {False}
        assert session.get(address).status_code == 404
        assert real.received == []
