"""Messages on a byte stream between this process and a worker: four bytes of length, then as many bytes."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

MOST_BYTES = 1 << 28
"""More is no message: the two ends have lost step."""

_LENGTH = struct.Struct(">I")


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The next message; None when the other end has gone.

    :raises ValueError: what comes is no message.
    """
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MOST_BYTES:
            raise ValueError(f"a message of {length} bytes")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def write_message(writer: asyncio.StreamWriter, message: bytes) -> None:
    """Send a message, soon. What is sent to one who has gone is lost."""
    writer.write(_LENGTH.pack(len(message)) + message)


async def read_document(reader: asyncio.StreamReader) -> Any:
    """The next message as the JSON value that it is; None when the other end has gone.

    :raises ValueError: what comes is no such message.
    """
    message = await read_message(reader)
    return None if message is None else json.loads(message)


def write_document(writer: asyncio.StreamWriter, document: object) -> None:
    """Send a JSON value, soon."""
    write_message(writer, json.dumps(document, separators=(",", ":")).encode())
