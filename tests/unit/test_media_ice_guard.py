"""What comes to a transport's open ports from people it does not know, and from a client that means harm."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import stun

from localconnect.media.ice_guard import MAX_ADDRESSES, usable_candidates
from tests.unit.transport_pair import Pair, packet, pair, until

__all__ = ["pair"]

_ID = bytes(12)


def _check(*attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
        for kind, value in attributes
    )
    return struct.pack("!HHI12s", 1, len(body), stun.COOKIE, _ID) + body


def _signed(connection: Any, *, priority: int | None) -> bytes:
    """A check as only the client can make it."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{connection.local_username}:{connection.remote_username}"
    if priority is not None:
        request.attributes["PRIORITY"] = priority
    request.add_message_integrity(connection.local_password.encode())
    return bytes(request)


class _Stranger(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers = 0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.answers += 1


@pytest.fixture
async def complaints() -> AsyncIterator[list[dict[str, Any]]]:
    """What the event loop was told of exceptions that nobody caught."""
    found: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    yield found
    asyncio.get_running_loop().set_exception_handler(None)


async def _stranger(host: str) -> _Stranger:
    loop = asyncio.get_running_loop()
    _, stranger = await loop.create_datagram_endpoint(_Stranger, local_addr=(host, 0))
    return stranger


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_check((0x0024, b"ab")), id="priority of two bytes"),
        pytest.param(_check((0x8028, b"")), id="empty fingerprint"),
        pytest.param(_check((0x0006, b"\xff\xfe")), id="user name that is no text"),
        pytest.param(_check((0x0020, b"\x00\x01")), id="cut off address"),
        pytest.param(b"\x00\x01\xff\xff" + bytes(30), id="wrong length"),
        pytest.param(b"\x16\xfe\xfd" + bytes(40), id="handshake record"),
        pytest.param(b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28", id="alert"),
        pytest.param(b"\x15\xfe\xfd\x00\x00" + b"\x01" * 20, id="record like a check"),
        pytest.param(b"\x80\x60" + bytes(40), id="media"),
        pytest.param(b"\x80\xc9" + bytes(40), id="report"),
        pytest.param(b"\x40" * 30, id="neither"),
    ],
)
async def test_stranger_changes_nothing(
    pair: Pair, complaints: list[dict[str, Any]], data: bytes
) -> None:
    """Should let a call go on, keep nothing and raise nothing, whatever comes from somewhere else."""
    near, near_sink, far, _ = pair
    local = next(c for c in near._connection.local_candidates if ":" not in c.host)
    known = len(near._connection.remote_candidates)
    stranger = await _stranger(local.host)
    for _ in range(200):
        stranger.transport.sendto(data, (local.host, local.port))
    await asyncio.sleep(0.05)

    far.send_rtp(packet(1))

    await until(lambda: near_sink.rtp)
    assert complaints == []
    assert len(near._connection.remote_candidates) == known
    assert near._connection._queue.qsize() == 0
    assert not near_sink.lost.is_set()
    stranger.transport.close()


async def test_check_without_a_priority_is_passed_over(
    pair: Pair, complaints: list[dict[str, Any]]
) -> None:
    """Should not fall over a signed check that lacks what aioice takes from it."""
    near, near_sink, far, _ = pair
    local = next(c for c in near._connection.local_candidates if ":" not in c.host)
    client = await _stranger(local.host)
    client.transport.sendto(_signed(near._connection, priority=None), (local.host, local.port))
    far.send_rtp(packet(1))
    await until(lambda: near_sink.rtp)
    assert complaints == []
    client.transport.close()


async def test_client_with_countless_addresses_is_remembered_at_some(
    pair: Pair, complaints: list[dict[str, Any]]
) -> None:
    """Should answer checks from so many addresses and no more, each of which costs a check in return."""
    near, *_ = pair
    local = next(c for c in near._connection.local_candidates if ":" not in c.host)
    clients = [await _stranger(local.host) for _ in range(MAX_ADDRESSES + 20)]
    for client in clients:
        check = _signed(near._connection, priority=1)
        client.transport.sendto(check, (local.host, local.port))
        await asyncio.sleep(0)
    await until(lambda: len(near._connection.remote_candidates) >= MAX_ADDRESSES)
    await asyncio.sleep(0.1)
    assert len(near._connection.remote_candidates) == MAX_ADDRESSES
    assert complaints == []
    for client in clients:
        client.transport.close()


def test_candidates_are_taken_once_and_not_without_end() -> None:
    """Should send checks to places that exist, and not to thousands of them for one offer."""
    many = [f"1 1 udp 1 192.0.2.1 {port} typ host" for port in range(1, 3000)]
    assert len(usable_candidates(many)) == MAX_ADDRESSES
    assert len(usable_candidates(many[:1] * 5)) == 1
    assert (
        usable_candidates(
            [
                "1 1 udp 1 192.0.2.1 70000 typ host",
                "1 1 udp 1 192.0.2.1 0 typ host",
                "1 1 udp 1 a.example 9 typ host",
                f"1 1 udp 1 192.0.2.1 {'9' * 5000} typ host",
            ]
        )
        == []
    )
