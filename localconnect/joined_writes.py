"""A connection that sends together what is written together: the head of an answer and its body, in one packet.

uvicorn writes them one after the other, and each write is a call of the system here and another at the client.
"""

from __future__ import annotations

import asyncio
from typing import Any

_AT_ONCE = 64 * 1024
"""Bytes that do not wait for more, so that whoever writes a lot is told in time that the client does not keep up."""


class JoinedWrites:
    """A transport, but for its writes, which leave with the next turn of the event loop at the latest."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)
        self._size += len(data)
        if self._size > _AT_ONCE:
            self._flush()

    def write_eof(self) -> None:
        """Nothing more will be written."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what was written, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if not self._transport.is_closing():
            self._transport.write(data)
