"""The WebSocket that CreateParticipantConnection hands out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as open_websocket

from tests.conformance.conftest import (
    ControlApi,
)
from tests.conformance.test_participants import INSTANCE, first_token


def test_participant_socket_answers_and_tells_of_the_end(
    connect: Any, control: ControlApi, participant: Any
) -> None:
    """Should confirm a subscription, return heartbeats, and close after the news of the end."""
    contact_id, token = first_token(connect)
    url = participant.create_participant_connection(ParticipantToken=token, Type=["WEBSOCKET"])[
        "Websocket"
    ]["Url"]

    with open_websocket(url) as socket:
        socket.send(json.dumps({"topic": "aws/subscribe", "content": {"topics": ["aws/chat"]}}))
        assert json.loads(socket.recv(timeout=30))["content"]["status"] == "success"
        socket.send(json.dumps({"topic": "aws/heartbeat"}))
        assert json.loads(socket.recv(timeout=30)) == {"topic": "aws/heartbeat"}
        connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)
        told = json.loads(json.loads(socket.recv(timeout=30))["content"])
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=30)

    assert told["ContentType"] == "application/vnd.amazonaws.connect.event.chat.ended"
    assert told["ContactId"] == contact_id


def test_participant_socket_must_be_opened_in_time(
    connect: Any, control: ControlApi, participant: Any
) -> None:
    """Should refuse an address after a hundred seconds, and a made-up one at once."""
    _, token = first_token(connect)
    url = participant.create_participant_connection(ParticipantToken=token, Type=["WEBSOCKET"])[
        "Websocket"
    ]["Url"]
    control.call("POST", "clock", {"advance_s": 101})

    for address in (url, f"{url}x"):
        with pytest.raises(InvalidStatus):
            open_websocket(address)


def test_participant_socket_closes_on_nonsense(connect: Any, participant: Any) -> None:
    """Should close with a code of its own, whatever the nonsense."""
    _, token = first_token(connect)
    for nonsense in ("{", "[]", '{"topic":"aws/other"}'):
        reply = participant.create_participant_connection(
            ParticipantToken=token, Type=["WEBSOCKET"]
        )
        with open_websocket(reply["Websocket"]["Url"]) as socket:
            socket.send(nonsense)
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4400
