"""The one https origin of `dev.py run --lan`: takes TLS off, and passes each request on by its path.

    python -m devtools.lan_front --origin https://192.168.1.5:8000 --certificates FOLDER --portal PORT --connect PORT

A page and its sockets must share an origin: a browser asks about an unknown certificate for a page, never for a socket.
Every connection carries one request: its head is read and passed on, then bytes flow both ways until either side ends. So
WebSockets need nothing of their own, and nothing has to be known of bodies.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devtools.lan_certificate import CertificateFiles

logger = logging.getLogger("lan")

AUTHORITY_PATH = "/authority.crt"
MAX_HEAD = 32 * 1024
MAX_CONNECTIONS = 500
HEAD_TIMEOUT_S = 10.0
_PIECE = 64 * 1024
_OF_CONNECT = frozenset({"agent", "control", "v1", "v2"})
"""First path segments that localconnect serves to browsers: desk, signalling, and where the Chime SDK reports."""

_TARGET = re.compile(rb"/(?!/)[!-~]*")
_HEADER = re.compile(rb"[!-9;-~]+:[^\r\n\0]*")
_HERE_ONLY = frozenset({"admin"})
"""Its password is public."""

_DROPPED = frozenset(
    {
        b"keep-alive",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"proxy-connection",
        b"connection",
        b"upgrade",
        b"daphne-root-path",
    }
)
"""What only a server in front may say: who asks, how, under which path, and how long the connection lasts."""


class UnreadableHead(ValueError):
    """Not a request that can be passed on."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request's first line and headers, as they came."""

    target: str
    host: str
    lines: tuple[bytes, ...]

    @property
    def root(self) -> str:
        return unquote(urlsplit(self.target).path).split("/", 2)[1]

    def passed_on(self, peer: str) -> bytes:
        """The head for the server behind: it is told who asks, and to end the connection with its answer."""
        kept = [line for line in self.lines if _name_of(line) not in _DROPPED]
        kept += [b"X-Forwarded-For: " + peer.encode(), b"X-Forwarded-Proto: https"]
        if any(
            _name_of(line) == b"upgrade" and b"websocket" in line.lower() for line in self.lines
        ):
            kept += [b"Connection: Upgrade", b"Upgrade: websocket"]
        else:
            kept.append(b"Connection: close")
        return b"\r\n".join([*kept, b"", b""])


def parse_head(data: bytes) -> Head:
    """Read a head that ends with an empty line.

    :raises UnreadableHead: it is none, or leaves room for two readings.
    """
    lines = tuple(data.removesuffix(b"\r\n\r\n").split(b"\r\n"))
    words = lines[0].split(b" ")
    hosts = [line.partition(b":")[2].strip() for line in lines[1:] if _name_of(line) == b"host"]
    if len(words) != 3 or words[2] != b"HTTP/1.1" or not _TARGET.fullmatch(words[1]):
        raise UnreadableHead
    if len(hosts) != 1 or any(not _is_header(line) for line in lines[1:]):
        raise UnreadableHead
    try:
        return Head(words[1].decode("ascii"), hosts[0].decode("ascii").lower(), lines)
    except UnicodeDecodeError as error:
        raise UnreadableHead from error


class Front:
    """Serves one origin."""

    def __init__(self, *, origin: str, authority: bytes, portal: int, connect: int) -> None:
        self._origin = origin
        self._host = urlsplit(origin).netloc
        self._authority = authority
        self._portal = portal
        self._connect = connect
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._open += 1
        try:
            if self._open <= MAX_CONNECTIONS:
                await self._serve_request(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            logger.debug("a connection ended: %s", error)
        except (UnreadableHead, asyncio.LimitOverrunError):
            await _answer(writer, "400 Bad Request", b"This is no request of a browser.\n")
        finally:
            self._open -= 1
            writer.close()

    async def _serve_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = parse_head(await reader.readuntil(b"\r\n\r\n"))
        peer, own = (
            str((writer.get_extra_info(name) or ("",))[0]) for name in ("peername", "sockname")
        )
        if head.host != self._host:
            # The certificate is accepted, and sockets are opened, at one origin only.
            await _answer(
                writer, "307 Temporary Redirect", b"", f"Location: {self._origin}{head.target}"
            )
        elif head.target == AUTHORITY_PATH:
            kind = "Content-Type: application/x-x509-ca-cert"
            await _answer(writer, "200 OK", self._authority, kind)
        elif head.root in _HERE_ONLY and peer != own:
            await _answer(writer, "403 Forbidden", b"Open this page on the machine itself.\n")
        else:
            port = self._connect if head.root in _OF_CONNECT else self._portal
            await self._pass_on(head.passed_on(peer), port, reader, writer)

    async def _pass_on(
        self, head: bytes, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            behind, to_behind = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await _answer(writer, "502 Bad Gateway", b"The server behind is not up.\n")
            return
        to_behind.write(head)
        flows = [
            asyncio.create_task(_flow(reader, to_behind)),
            asyncio.create_task(_flow(behind, writer)),
        ]
        try:
            await asyncio.wait(flows, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for flow in flows:
                flow.cancel()
            await asyncio.gather(*flows, return_exceptions=True)
            to_behind.close()


async def _flow(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(_PIECE):
            target.write(data)
            await target.drain()


async def _answer(writer: asyncio.StreamWriter, status: str, body: bytes, *headers: str) -> None:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    with contextlib.suppress(OSError):
        await writer.drain()


def _name_of(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()


def _is_header(line: bytes) -> bool:
    """A folded line, a blank before the colon, a lone line end: different servers read them differently."""
    return _HEADER.fullmatch(line) is not None


async def _run(options: argparse.Namespace) -> None:
    files = CertificateFiles.in_folder(options.certificates)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols(["http/1.1"])
    front = Front(
        origin=options.origin,
        authority=files.authority.read_bytes(),
        portal=options.portal,
        connect=options.connect,
    )
    origin = urlsplit(options.origin)
    server = await asyncio.start_server(
        front.serve,
        "::" if ":" in str(origin.hostname) else "0.0.0.0",  # noqa: S104 - it is for others
        origin.port or 443,
        ssl=context,
        ssl_handshake_timeout=HEAD_TIMEOUT_S,
        limit=MAX_HEAD,
    )
    async with server:
        await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(prog="lan_front", description=__doc__)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--certificates", type=Path, required=True)
    parser.add_argument("--portal", type=int, required=True)
    parser.add_argument("--connect", type=int, required=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
