"""Requests sent many times at once, and how long calls, tokens and answers live."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import (
    ControlApi,
    RawClient,
    Reply,
    start,
    start_connected,
    start_request,
)
from tests.servers import LocalConnect

INSTANCE = LocalConnect.instance_id
QUEUE = "33333333-3333-4333-8333-333333333333"
DAY_S = 86_400
AT_ONCE = 20


def at_once(raw: RawClient, method: str, path: str, body: Any) -> list[Reply]:
    """The replies to one request sent by twenty clients, each on a connection of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(lambda _: raw.signed(method, path, body), range(AT_ONCE)))
    assert {reply.status for reply in replies} == {200}
    return replies


@pytest.mark.parametrize("replay", ["full", "contact_id_only"])
def test_duplicates_at_once_start_one_contact(
    replay: str, raw: RawClient, control: ControlApi
) -> None:
    """Should answer all of them with one contact, which the first alone is told the rest of, when set so."""
    control.call("PATCH", "settings", {"replay": replay, "concurrent_calls": 1})

    replies = at_once(raw, "PUT", "/contact/webrtc", start_request(ClientToken="t"))

    [contact] = control.call("GET", "state")["contacts"]
    assert {reply.json["ContactId"] for reply in replies} == {contact["id"]}
    whole = Counter("ParticipantToken" in reply.json for reply in replies)
    assert whole == ({True: AT_ONCE} if replay == "full" else {True: 1, False: AT_ONCE - 1})


def test_duplicates_at_once_invite_one_person(
    connect: Any, raw: RawClient, control: ControlApi
) -> None:
    """Should hand all of them the same credentials."""
    host = start_connected(connect, control)
    details = {"ParticipantRole": "CUSTOMER", "DisplayName": "Bo"}
    request = {"InstanceId": INSTANCE, "ContactId": host, "ParticipantDetails": details}

    replies = at_once(raw, "POST", "/contact/create-participant", {**request, "ClientToken": "t"})

    assert len({reply.body for reply in replies}) == 1
    assert len(control.call("GET", "state")["contacts"]) == 2


def test_duplicates_at_once_transfer_once(
    connect: Any, raw: RawClient, control: ControlApi
) -> None:
    """Should make one successor."""
    control.call("PATCH", "settings", {"transfer_calls": True})
    request = {"InstanceId": INSTANCE, "ContactId": start(connect), "QueueId": QUEUE}
    flow = {"ContactFlowId": LocalConnect.contact_flow_id, "ClientToken": "t"}

    replies = at_once(raw, "POST", "/contact/transfer", {**request, **flow})

    assert len({reply.body for reply in replies}) == 1
    assert len(control.call("GET", "state")["contacts"]) == 2


def test_client_tokens_of_other_contacts_are_others(connect: Any, control: ControlApi) -> None:
    """Should remember a token per operation and what it is about."""
    hosts = [start_connected(connect, control, ClientToken=token) for token in ("t", "u")]
    details = {"ParticipantRole": "CUSTOMER", "DisplayName": "Bo"}

    made = {
        connect.create_participant(
            InstanceId=INSTANCE, ContactId=host, ParticipantDetails=details, ClientToken="t"
        )["ParticipantId"]
        for host in hosts
    }

    assert len(made) == 2


@pytest.mark.parametrize("state", ["queued", "connected", "transferred"])
def test_call_ends_after_a_day(state: str, connect: Any, control: ControlApi) -> None:
    """Should end by itself 24 hours after its beginning, as its meeting does, transferred or not."""
    control.call("PATCH", "settings", {"transfer_calls": True})
    contact_id = start(connect) if state == "queued" else start_connected(connect, control)
    if state == "transferred":
        control.call("POST", "clock", {"advance_s": DAY_S / 2})
        contact_id = connect.transfer_contact(
            InstanceId=INSTANCE,
            ContactId=contact_id,
            ContactFlowId=LocalConnect.contact_flow_id,
            QueueId=QUEUE,
        )["ContactId"]
        control.call("POST", "clock", {"advance_s": DAY_S / 2 - 60})
    else:
        control.call("POST", "clock", {"advance_s": DAY_S - 60})
    assert control.contact(contact_id)["state"] != "ended"

    control.call("POST", "clock", {"advance_s": 61})

    contact = connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)["Contact"]
    assert contact["DisconnectReason"] == "OTHER"
    assert control.call("GET", "state")["meetings"] == []


def test_connection_token_is_good_for_a_day(
    connect: Any, participant: Any, control: ControlApi
) -> None:
    """Should expire after as long as the reply said, within the contact's life."""
    control.call("PATCH", "settings", {"max_call_s": 10 * DAY_S})
    token = connect.start_web_rtc_contact(**start_request())["ParticipantToken"]
    made = participant.create_participant_connection(
        ParticipantToken=token, Type=["CONNECTION_CREDENTIALS"]
    )
    message = {
        "ConnectionToken": made["ConnectionCredentials"]["ConnectionToken"],
        "ContentType": "audio/dtmf",
        "Content": "1",
    }
    control.call("POST", "clock", {"advance_s": DAY_S - 60})
    assert participant.send_message(**message)["Id"]

    control.call("POST", "clock", {"advance_s": 61})

    with pytest.raises(participant.exceptions.AccessDeniedException):
        participant.send_message(**message)


@pytest.mark.parametrize("character", ["a", "é", "€", "\U0001f600"])
@pytest.mark.parametrize("operation", ["start", "update"])
@pytest.mark.parametrize(("kind", "limit"), [("attributes", 32_768), ("references", 4_096)])
def test_totals_are_counted_in_utf8_bytes(
    character: str, operation: str, kind: str, limit: int, connect: Any, control: ControlApi
) -> None:
    """Should take exactly as many bytes as allowed, over all names and values, and not one more."""
    width = len(character.encode())
    count, rest = divmod(limit - 2, width)  # two names of one letter
    fitting = {"k": character * count, "r": "x" * rest}
    one_more = {**fitting, "r": "x" * (rest + 1)}

    assert say(connect, operation, kind, fitting) is None
    assert say(connect, operation, kind, one_more) == "InvalidRequestException"


def say(connect: Any, operation: str, kind: str, values: dict[str, str]) -> str | None:
    """The code of the error, if any, when a contact is given these attributes or references."""
    references = {name: {"Type": "STRING", "Value": value} for name, value in values.items()}
    given = {"Attributes": values} if kind == "attributes" else {"References": references}
    try:
        if operation == "start":
            start(connect, **given)
        elif kind == "attributes":
            connect.update_contact_attributes(
                InstanceId=INSTANCE, InitialContactId=start(connect), **given
            )
        else:
            connect.update_contact(InstanceId=INSTANCE, ContactId=start(connect), **given)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def test_repeated_screen_sharing_changes_nothing(connect: Any, control: ControlApi) -> None:
    """Should open one session per client token, and tell nothing anew."""
    allowed = {"Customer": {"ScreenShare": "SEND"}}
    contact_id = start_connected(connect, control, AllowedCapabilities=allowed)
    where = {"InstanceId": INSTANCE, "ContactId": contact_id}

    def last_update() -> Any:
        return connect.describe_contact(**where)["Contact"]["LastUpdateTimestamp"]

    connect.start_screen_sharing(**where, ClientToken="t")
    opened = last_update()
    control.call("POST", "clock", {"advance_s": 10})
    connect.start_screen_sharing(**where, ClientToken="t")
    assert last_update() == opened

    connect.start_screen_sharing(**where, ClientToken="u")
    assert last_update() > opened
