"""What the front of `dev.py run --lan` passes on to which server, and what not. Requests come in as bytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from devtools.lan_front import Front, UnreadableHead, parse_head

ORIGIN = "https://192.0.2.7:8000"


@dataclass
class Behind:
    """A server behind the front. It keeps what it is sent, and says who it is."""

    name: str
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if b"Upgrade: websocket" in head:
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            writer.write((await reader.readexactly(4)).upper())
        else:
            writer.write(f"HTTP/1.1 200 OK\r\n\r\n{self.name}".encode())
        writer.close()


@dataclass
class World:
    """The front, without its TLS, and both servers behind."""

    portal: Behind
    connect: Behind
    port: int

    async def ask(self, request: str, *, sender: str = "127.0.0.1", then: bytes = b"") -> str:
        """Send a request for the front's own host, and read until the connection ends."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(sender, 0)
        )
        line, _, headers = request.partition("\n")
        lines = [f"{line} HTTP/1.1", *headers.split("\n")] if headers else [f"{line} HTTP/1.1"]
        if "host:" not in headers.lower():
            lines.insert(1, "Host: 192.0.2.7:8000")
        writer.write("\r\n".join([*lines, "", ""]).encode() + then)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        return answer.decode()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """All three on free ports."""
    async with contextlib.AsyncExitStack() as stack:
        portal, connect = Behind("portal"), Behind("connect")
        for behind in (portal, connect):
            server = await asyncio.start_server(behind.serve, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            behind.port = server.sockets[0].getsockname()[1]
        front = Front(origin=ORIGIN, authority=b"PEM", portal=portal.port, connect=connect.port)
        server = await asyncio.start_server(front.serve, "127.0.0.1", 0, limit=32 * 1024)
        await stack.enter_async_context(server)
        yield World(portal, connect, server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "portal"),
        ("/call/demo/?next=/agent/", "portal"),
        ("/agents", "portal"),
        ("/agent/?name=Sam", "connect"),
        ("/control/some-meeting?X-Chime-Control-Protocol-Version=3", "connect"),
        ("/v1/client-events", "connect"),
        ("/_local/state", "portal"),
    ],
)
async def test_path_decides_who_answers(world: World, path: str, name: str) -> None:
    """Should let localconnect answer for desk and signalling alone: its control API is not for the network."""
    assert (await world.ask(f"GET {path}")).endswith(name)


async def test_servers_are_told_who_asks_and_nothing_a_stranger_says_of_it(world: World) -> None:
    """Should replace what only a server in front may say."""
    said = "X-Forwarded-For: 10.0.0.1\nx-forwarded-proto: http\nDaphne-Root-Path: /x\nConnection: keep-alive"
    await world.ask(f"GET /\n{said}\nCookie: a=b")
    head = world.portal.heads[0].decode().lower()
    assert "x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: https\r\nconnection: close" in head
    assert "cookie: a=b" in head
    for gone in ("10.0.0.1", "proto: http\r", "daphne", "keep-alive"):
        assert gone not in head


async def test_socket_flows_both_ways(world: World) -> None:
    """Should pass a handshake on as one, and then every byte."""
    answer = await world.ask(
        "GET /control/m\nConnection: keep-alive, Upgrade\nUpgrade: websocket", then=b"ping"
    )
    assert answer.startswith("HTTP/1.1 101")
    assert answer.endswith("PING")


async def test_other_upgrade_is_none(world: World) -> None:
    """Should end such a connection with its answer too: a second request on it would not be looked at."""
    await world.ask("GET /\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c")
    head = world.portal.heads[0].lower()
    assert b"upgrade" not in head
    assert b"connection: close" in head


@pytest.mark.parametrize("path", ["/admin/", "/%61dmin/login/", "/admin"])
async def test_admin_is_for_the_machine_itself(world: World, path: str) -> None:
    """Should refuse others, however they write it: its password is public."""
    assert (await world.ask(f"GET {path}")).endswith("portal")
    assert "403 Forbidden" in await world.ask(f"GET {path}", sender="127.0.0.2")
    assert (await world.ask("GET /call/demo/", sender="127.0.0.2")).endswith("portal")


async def test_other_host_is_sent_to_the_origin(world: World) -> None:
    """Should lead everybody to the one origin whose certificate they accept."""
    answer = await world.ask("GET /call/demo/?a=1\nHost: laptop.local:8000")
    assert "307 Temporary Redirect" in answer
    assert f"Location: {ORIGIN}/call/demo/?a=1\r\n" in answer
    assert not world.portal.heads


async def test_authority_can_be_fetched(world: World) -> None:
    """Should hand out what a stubborn browser installs."""
    answer = await world.ask("GET /authority.crt")
    assert "application/x-x509-ca-cert" in answer
    assert answer.endswith("PEM")


async def test_server_that_is_not_up_is_told(world: World) -> None:
    """Should answer 502 rather than hang."""
    async with contextlib.AsyncExitStack() as stack:
        front = Front(origin=ORIGIN, authority=b"", portal=1, connect=1)
        server = await asyncio.start_server(front.serve, "127.0.0.1", 0)
        await stack.enter_async_context(server)
        world.port = server.sockets[0].getsockname()[1]
        assert "502 Bad Gateway" in await world.ask("GET /")


@pytest.mark.parametrize(
    "head",
    [
        b"GET //evil.example/ HTTP/1.1\r\nHost: a",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: a",
        b"GET / HTTP/1.0\r\nHost: a",
        b"GET /a\nb HTTP/1.1\r\nHost: a",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For : 1",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n folded",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: b\nX-Forwarded-For: 1",
        b"GET / HTTP/1.1\r\nHost: \xff",
        b"\x16\x03\x01",
    ],
)
def test_head_with_two_readings_is_refused(head: bytes) -> None:
    """Should not guess what the server behind would make of it."""
    with pytest.raises(UnreadableHead):
        parse_head(head + b"\r\n\r\n")


async def test_endless_head_is_refused(world: World) -> None:
    """Should answer 400 and keep no more than a head's worth."""
    assert "400 Bad Request" in await world.ask(f"GET /\nA: {'a' * 40_000}")
