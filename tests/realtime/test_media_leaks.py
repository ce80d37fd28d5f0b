"""What is left of calls in the server's processes when they are over: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import UNLIMITED, ControlApi, RawClient, start_request, wait_for
from tests.conformance.hostile import descriptors, resident_kib
from tests.realtime.light_client import LightClient
from tests.servers import LocalConnect

_AT_ONCE = 4
_MOST_GROWTH_MB = 12
"""What ended contacts may take; a transport that stays takes as much with every fortieth call."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the server's processes hold."""

    files: int
    tasks: int
    memory_mb: float
    processes: int


@dataclass(frozen=True, slots=True)
class _Subject:
    """A server, and how many calls tell whether it leaks; those at first bring memory up to what calls need."""

    server: LocalConnect
    first: int
    further: int


@pytest.fixture(
    params=[(0, 60, 140), (2, 24, 36)], ids=["in the server", "in processes of their own"]
)
def subject(request: pytest.FixtureRequest) -> Iterator[_Subject]:
    processes, first, further = request.param
    with LocalConnect(options=("--media-processes", str(processes))).running() as server:
        yield _Subject(server, first, further)


async def _call(server: LocalConnect, *, says_goodbye: bool) -> None:
    """A customer calls, is connected, speaks, hears, and leaves or is cut off."""
    raw = RawClient(server)
    started = await asyncio.to_thread(raw.signed, "PUT", "/contact/webrtc", start_request())
    connection = started.json["ConnectionData"]
    address = connection["Meeting"]["MediaPlacement"]["SignalingUrl"]
    async with LightClient(address, connection["Attendee"]["JoinToken"]) as client:
        await client.join()
        await client.connect()
        async with asyncio.timeout(10):
            while not client.heard.rtp:
                client.speak()
                await asyncio.sleep(0.01)
        if says_goodbye:
            await client.leave()
        else:
            client.socket.transport.abort()


async def _calls(server: LocalConnect, count: int) -> None:
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with free:
            await _call(server, says_goodbye=number % 4 > 0)

    await asyncio.gather(*(one(number) for number in range(count)))


def _held(server: LocalConnect, control: ControlApi) -> _Held:
    """What is held once every call is over."""
    control.call("POST", "clock", {"advance_s": 120})
    wait_for(lambda: not control.call("GET", "state")["meetings"])
    state = control.call("GET", "state")
    pids = [server.pid, *(one["pid"] for one in state["media_processes"])]
    return _Held(
        sum(descriptors(pid) for pid in pids),
        state["process"]["tasks"],
        sum(resident_kib(pid) for pid in pids) / 1024,
        len(pids),
    )


def _run(control: ControlApi) -> bool:
    """Whether every process of media has been started; what it is asked it answers once it is ready."""
    return all(one["pid"] for one in control.call("GET", "state")["media_processes"])


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads Linux's /proc")
async def test_calls_leave_nothing_behind(subject: _Subject) -> None:
    """Should hold no more files and tasks after many calls than before them, nor more memory than after the first."""
    server, control = subject.server, ControlApi(subject.server.url)
    await asyncio.to_thread(wait_for, lambda: _run(control))
    idle = await asyncio.to_thread(_held, server, control)
    limits: dict[str, Any] = dict.fromkeys(
        control.call("GET", "settings")["rate_limits"], UNLIMITED
    )
    changes = {"rate_limits": limits, "concurrent_calls": subject.first + subject.further}
    control.call("PATCH", "settings", changes)
    await _calls(server, subject.first)
    before = await asyncio.to_thread(_held, server, control)

    await _calls(server, subject.further)

    def flat() -> bool:
        now = _held(server, control)
        return now.files <= idle.files + 2 * now.processes and now.tasks <= idle.tasks + 1

    await asyncio.to_thread(wait_for, flat)
    after = await asyncio.to_thread(_held, server, control)
    assert after.memory_mb - before.memory_mb < _MOST_GROWTH_MB
