"""Media in processes of its own: nobody notices, except that one of them may die and calls go on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from localconnect.media.network import parse_ports
from tests.conformance.conftest import ControlApi, wait_for
from tests.media_ports import free_range
from tests.realtime.light_client import LightClient
from tests.realtime.media_client import SignalingClient
from tests.realtime.media_world import MediaWorld
from tests.realtime.switchboard import Switchboard, enter, talk, until
from tests.servers import LocalConnect

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads Linux's /proc")

_PROCESSES = 2
_SERVED_BY_ONE = pytest.mark.parametrize("world", [1], indirect=True, ids=["in a worker"])


@pytest.fixture(scope="module")
def server() -> Iterator[LocalConnect]:
    with LocalConnect(options=("--media-processes", str(_PROCESSES))).running() as running:
        yield running


@pytest.fixture
def switchboard(server: LocalConnect) -> Switchboard:
    return Switchboard(server)


async def test_call_is_whole_wherever_its_media_is(switchboard: Switchboard) -> None:
    """Should let people talk, hold them, follow settings and clock, and end the meeting with the call."""
    ports = free_range(8)
    switchboard.control.call("PATCH", "settings", {"media_ports": ports})
    call = await asyncio.to_thread(switchboard.begin)
    async with call.customer.client() as customer, call.guest.client() as guest:
        await enter(customer, guest)
        assert _ports_of(customer) <= set(parse_ports(ports))
        await talk(customer, guest)
        switchboard.tell(call, "hold")
        await until(lambda: [a["hears"] for a in switchboard.attendees() if a["held"]] == _HELD)
        switchboard.tell(call, "resume")
        await talk(customer, guest)
        customer.socket.transport.abort()
        await until(lambda: _shown(switchboard) == 1)
    switchboard.control.call("POST", "clock", {"advance_s": 61})

    ended = switchboard.control.wait_for_state(call.contact_id, "ended")
    assert ended["disconnect_reason"] == "CUSTOMER_DISCONNECT"
    await until(lambda: not switchboard.state()["meetings"])


def _ports_of(client: LightClient) -> set[int]:
    return {candidate.port for candidate in client.media._connection.remote_candidates}


_HELD = ["hold music"] * 2


def _shown(switchboard: Switchboard) -> int:
    return sum(len(meeting["present"]) for meeting in switchboard.state()["meetings"])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
async def test_lost_process_costs_its_calls_a_moment_and_the_others_nothing(
    switchboard: Switchboard, how: signal.Signals
) -> None:
    """Should cut its clients off so that they come back, to the same call, held as it was, in a new process."""
    switchboard.control.call("PATCH", "settings", {"media_process_silent_s": 2})
    struck, spared = [await asyncio.to_thread(switchboard.begin) for _ in range(2)]
    async with AsyncExitStack() as clients:
        ana, ben, eve, zoe = [
            await clients.enter_async_context(place.client())
            for place in (struck.customer, struck.guest, spared.customer, spared.guest)
        ]
        await enter(ana, ben, eve, zoe)
        switchboard.tell(struck, "hold")
        pids = switchboard.pids()
        assert [one["meetings"] for one in switchboard.state()["media_processes"]] == [1, 1]
        assert pids[0] is not None

        os.kill(pids[0], how)

        for client in (ana, ben):
            assert await client.close_code() == 4500
        await until(lambda: not Path(f"/proc/{pids[0]}").exists())
        await talk(eve, zoe)
        async with struck.customer.client() as ana, struck.guest.client() as ben:
            await enter(ana, ben)
            await until(
                lambda: [a["hears"] for a in switchboard.attendees() if a["held"]] == _HELD
            )
            switchboard.tell(struck, "resume")
            await talk(ana, ben)
            await talk(eve, zoe)
            assert switchboard.pids()[1] == pids[1]
            for call in (struck, spared):
                assert switchboard.control.contact(call.contact_id)["state"] == "connected"
    assert "ended with status -9; another one takes up its 1 meetings" in switchboard.server.logs()


async def test_pause_of_the_server_is_no_silence_of_its_processes(
    switchboard: Switchboard,
) -> None:
    """Should not end processes for the time in which the server itself stood still, as with a laptop's lid closed."""
    switchboard.control.call("PATCH", "settings", {"media_process_silent_s": 2})
    before = await until(lambda: all(pids := switchboard.pids()) and pids)
    call = await asyncio.to_thread(switchboard.begin)
    async with call.customer.client() as customer, call.guest.client() as guest:
        await enter(customer, guest)

        os.kill(switchboard.server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(4)
        finally:
            os.kill(switchboard.server.pid, signal.SIGCONT)

        await asyncio.sleep(3)  # in which a hanging process would be ended
        await talk(customer, guest)
        assert switchboard.pids() == before


@_SERVED_BY_ONE
async def test_sockets_are_closed_as_by_the_server_itself(world: MediaWorld) -> None:
    """Should pass on text, bytes and codes: the SDK tells from a code whether to try again."""
    for message, code in [("text", 4400), (b"\x09abc", 4400), (b"\x05" + bytes(70_000), 1009)]:
        async with world.client(world.invite("ana")) as ana:
            await ana.socket.send(message)
            assert await ana.close_code() == code
    async with SignalingClient(world.url + world.meeting.id, "nonsense") as client:
        assert client.socket.subprotocol == "_aws_wt_session"
        assert await client.close_code() == 4403
    late = world.client(world.invite("ana"))
    await world.meetings.end(world.meeting)
    async with late:
        assert await late.close_code() == 4410


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_the_server(how: signal.Signals) -> None:
    """Should leave none of them behind, nor their folder, also when the server is killed alone."""
    server = LocalConnect(options=("--media-processes", str(_PROCESSES)))
    server.start()
    try:
        pids = wait_for(lambda: _all_there(server))
        folders = {_folder(pid) for pid in pids}
        os.kill(server.pid, how)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    finally:
        server.end()
    wait_for(lambda: not any(folder.exists() for folder in folders))


def _all_there(server: LocalConnect) -> list[int] | None:
    """The processes once each has its socket."""
    state = ControlApi(server.url).call("GET", "state")
    pids = [one["pid"] for one in state["media_processes"]]
    return pids if all(pids) and all(_socket(pid).exists() for pid in pids) else None


def _socket(pid: int) -> Path:
    arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return Path(arguments[arguments.index("--socket") + 1])


def _folder(pid: int) -> Path:
    return _socket(pid).parent
