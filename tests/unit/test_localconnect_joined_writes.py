"""Writes of one turn of the event loop, on a real pair of sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from localconnect.joined_writes import JoinedWrites


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


async def joined(ours: socket.socket) -> JoinedWrites:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    return JoinedWrites(transport)


async def test_writes_of_one_turn_leave_together(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """Should send nothing within the turn, and everything in order after it."""
    transport = await joined(pair[0])

    transport.write(b"head ")
    transport.write(b"body")

    with pytest.raises(BlockingIOError):
        pair[1].recv(100)
    await asyncio.sleep(0)
    assert pair[1].recv(100) == b"head body"
    transport.abort()
    await asyncio.sleep(0)


async def test_closing_sends_what_was_written(pair: tuple[socket.socket, socket.socket]) -> None:
    """Should lose nothing that was written before the connection is closed."""
    transport = await joined(pair[0])

    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)

    assert pair[1].recv(100) == b"last words"
    assert transport.is_closing()


async def test_much_does_not_wait(pair: tuple[socket.socket, socket.socket]) -> None:
    """Should pass a lot on at once, for flow control to see it."""
    transport = await joined(pair[0])

    transport.write(b"x" * 100_000)

    assert pair[1].recv(10)
    transport.abort()
    await asyncio.sleep(0)


async def test_nothing_is_written_once_aborted(pair: tuple[socket.socket, socket.socket]) -> None:
    """Should drop what has not left when the connection is cut."""
    transport = await joined(pair[0])

    transport.write(b"never")
    transport.abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert pair[1].recv(100) == b""
