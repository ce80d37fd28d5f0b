"""A peer: what boto3 alone needs for the same calls, with one client in a process of its own and as many threads as are asked for."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from benchmarks._sides import Round
from benchmarks._upstream import CAPABILITIES, Caller

MOST_AT_ONCE = 50


class RawBoto3:
    """The process. Use as a context manager."""

    name = "raw"

    def __init__(self, caller: Caller) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, caller), daemon=True)

    def __enter__(self) -> RawBoto3:
        self._process.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.terminate()
        self._process.join()

    def start_calls(self, count: int, *, at_once: int) -> Round:
        """Start so many contacts."""
        return self._ask("start", [None] * count, at_once)

    def add_participants(self, contact_ids: list[str]) -> Round:
        """Add a participant to each contact, one after the other, and fetch what they join with."""
        return self._ask("add", contact_ids, 1)

    def _ask(self, what: str, of: list[Any], at_once: int) -> Round:
        self._pipe.send((what, of, at_once))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Round)
        return answer


def _serve(pipe: Connection, caller: Caller) -> None:
    contacts = caller.client(connections=MOST_AT_ONCE)
    participants = caller.client("connectparticipant")

    def start(_: None) -> None:
        contacts.start_web_rtc_contact(
            InstanceId=caller.instance_id,
            ContactFlowId=caller.contact_flow_id,
            ClientToken=str(uuid.uuid4()),
            ParticipantDetails={"DisplayName": "Ana"},
            AllowedCapabilities=CAPABILITIES,
            Attributes={"order": "4711"},
        )

    def add(contact_id: str) -> None:
        made = contacts.create_participant(
            InstanceId=caller.instance_id,
            ContactId=contact_id,
            ClientToken=str(uuid.uuid4()),
            ParticipantDetails={"ParticipantRole": "CUSTOMER", "DisplayName": "Ben"},
        )
        participants.create_participant_connection(
            ParticipantToken=made["ParticipantCredentials"]["ParticipantToken"],
            Type=["WEBRTC_CONNECTION"],
        )

    calls: dict[str, Callable[[Any], None]] = {"start": start, "add": add}
    while True:
        what, of, at_once = pipe.recv()
        try:
            pipe.send(_timed(calls[what], of, at_once))
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            pipe.send(RuntimeError(repr(error)))


def _timed(call: Callable[[Any], None], of: list[Any], at_once: int) -> Round:
    def one(argument: Any) -> float:
        began = time.perf_counter()
        call(argument)
        return 1000 * (time.perf_counter() - began)

    with ThreadPoolExecutor(at_once) as threads:
        began, cpu = time.perf_counter(), time.process_time()
        times = list(threads.map(one, of))
        took = time.perf_counter() - began
    return Round(times, took, time.process_time() - cpu)
