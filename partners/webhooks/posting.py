"""Posts one body to one destination over HTTP/1.1, within a deadline. Follows no redirect, uses no proxy, reads little.

h11 reads and writes the protocol; the connection is made here, to an address that was checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

import h11

from partners.models.webhook_deliveries import EXCERPT_MAX_CHARACTERS
from partners.webhooks.destinations import Destination, DestinationRefused

CONNECT_WITHIN_S = 5.0
BODY_WITHIN_S = 2.0  # of an answer whose status is known
ADDRESSES_TRIED = 3
READ_AT_ONCE = 16 * 1024
BUSY = frozenset({429, 503})
SECONDS = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
LONGEST_WAIT = timedelta(days=1)
USER_AGENT = "ConnectVideoPortal-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: a status, or why there is none."""

    status: int | None
    error: str
    excerpt: str
    latency_ms: int
    retry_after: str = ""
    """What a busy receiver's Retry-After says, if it says anything."""

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    def wait_asked_for(self, *, now: datetime) -> timedelta:
        """Return how long a busy receiver wants to be left in peace, at most a day.

        RFC 9110, 10.2.3: seconds, or the time at which to come again. What cannot be read asks for nothing.
        """
        if SECONDS.match(self.retry_after):
            return min(timedelta(seconds=int(self.retry_after)), LONGEST_WAIT)
        try:
            at = parsedate_to_datetime(self.retry_after)
            wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
        except (ValueError, TypeError, OverflowError):
            return timedelta(0)
        return min(max(wait, timedelta(0)), LONGEST_WAIT)


@cache
def tls_context() -> ssl.SSLContext:
    """Return what certificates are checked with: this system's authorities."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def post(
    url: str, headers: Mapping[str, str], body: bytes, *, within_s: float, tls: ssl.SSLContext
) -> Answer:
    """Send it, and return the answer. Raises nothing: every failure is one of the words of `Answer.error`."""
    began = time.monotonic()
    status: int | None = None
    retry_after = ""
    excerpt, error = "", ""
    try:
        async with asyncio.timeout(within_s):
            status, retry_after, excerpt = await _exchange(Destination.of(url), headers, body, tls)
    except TimeoutError:
        error = "timeout"
    except DestinationRefused:
        error = "address_refused"
    except ssl.SSLError:
        error = "tls_failed"
    except h11.RemoteProtocolError:
        error = "no_http"
    except OSError:
        error = "unreachable"
    if status is not None and 300 <= status < 400:
        error = "redirect_refused"
    latency_ms = round(1000 * (time.monotonic() - began))
    return Answer(status, error, excerpt, latency_ms, retry_after)


async def _exchange(
    destination: Destination, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext
) -> tuple[int, str, str]:
    reader, writer = await _connect(destination, tls)
    try:
        speaker = h11.Connection(h11.CLIENT)
        named = {
            "Host": destination.host_header,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        request = h11.Request(
            method="POST", target=destination.target, headers=list(named.items())
        )
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(speaker.send(event) or b"")
        await writer.drain()
        return await _answer(speaker, reader)
    finally:
        # Without waiting for the other side's goodbye, which may never come.
        writer.transport.abort()


async def _connect(
    destination: Destination, tls: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to one of the checked addresses, and to the name by which it was asked for as far as TLS is concerned.

    :raises OSError: none can be reached.
    """
    context = tls if destination.is_secure else None
    name = destination.host.rstrip(".") if destination.is_secure else None
    failure: Exception = OSError("no address")
    for address in (await destination.addresses())[:ADDRESSES_TRIED]:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                return await asyncio.open_connection(
                    address, destination.port, ssl=context, server_hostname=name
                )
        except ssl.SSLError:
            raise
        except (OSError, TimeoutError) as error:
            failure = error
    raise failure


async def _answer(speaker: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, str, str]:
    """Read the status, when to come again, and the beginning of the body as far as it comes soon."""
    while not isinstance(event := await _next_event(speaker, reader), h11.Response):
        if isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("closed without an answer")
    found = b""
    with contextlib.suppress(TimeoutError, OSError, h11.RemoteProtocolError):
        async with asyncio.timeout(BODY_WITHIN_S):
            while len(found) < EXCERPT_MAX_CHARACTERS and isinstance(
                part := await _next_event(speaker, reader), h11.Data
            ):
                found += bytes(part.data)
    text = found[:EXCERPT_MAX_CHARACTERS].decode(errors="replace").replace("\x00", "\ufffd")
    retry_after = ""
    if event.status_code in BUSY:
        told = dict(event.headers).get(b"retry-after", b"").decode("ascii", "replace")
        retry_after = told.strip()
    return event.status_code, retry_after, text


async def _next_event(speaker: h11.Connection, reader: asyncio.StreamReader) -> object:
    """Return one of h11's events, once enough has come for one."""
    event: object = speaker.next_event()
    while event is h11.NEED_DATA:
        speaker.receive_data(await reader.read(READ_AT_ONCE))
        event = speaker.next_event()
    return event
