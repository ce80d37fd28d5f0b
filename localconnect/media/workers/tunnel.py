"""A client's WebSocket, carried on from the process that has it to the worker that has its meeting.

What passes are ASGI's own messages, spelt as one byte and their content. Each socket has a stream of its own, so that a
client who reads slowly holds up nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from localconnect.media.signaling import CloseCode
from localconnect.media.workers.streams import read_message, write_message

Message = MutableMapping[str, Any]

_ACCEPT, _BYTES, _TEXT, _CLOSE, _GONE = b"a", b"b", b"t", b"c", b"d"
_CODE = struct.Struct(">H")
_BROKEN = 1006
"""The code of a socket that was never closed properly."""


async def carry_on(websocket: WebSocket, meeting_id: str, path: str) -> None:
    """Let the worker that listens at `path` serve a socket. One that dies meanwhile closes it with 4500.

    :raises OSError: nobody listens there, or dies before it accepts the socket.
    """
    reader, writer = await asyncio.open_unix_connection(path)
    await websocket.receive()  # the handshake
    offered = websocket.scope.get("subprotocols", [])
    write_message(writer, json.dumps([meeting_id, offered]).encode())
    upwards = asyncio.create_task(_pass_up(websocket, writer))
    try:
        await _pass_down(reader, websocket)
    except WebSocketDisconnect:
        pass  # the client is gone; the worker learns of it by the end of the stream
    finally:
        upwards.cancel()
        await asyncio.gather(upwards, return_exceptions=True)
        writer.close()


async def _pass_up(websocket: WebSocket, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            message = await websocket.receive()
            write_message(writer, _from_client(message))
            await writer.drain()
            if message["type"] == "websocket.disconnect":
                return


async def _pass_down(reader: asyncio.StreamReader, websocket: WebSocket) -> None:
    while (data := await read_message(reader)) is not None:
        message = _to_client(data)
        await websocket.send(message)
        if message["type"] == "websocket.close":
            return
    if websocket.application_state is WebSocketState.CONNECTING:
        raise ConnectionResetError("the media process has died")
    with contextlib.suppress(RuntimeError):  # the client has closed it already
        await websocket.close(CloseCode.SERVER_ERROR)


async def serve_carried(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    serve: Callable[[WebSocket], Awaitable[None]],
) -> None:
    """Serve a socket that comes by a tunnel, at the worker's end."""
    hello = await read_message(reader)
    if hello is None:
        return
    meeting_id, offered = json.loads(hello)
    scope = {
        "type": "websocket",
        "subprotocols": offered,
        "path_params": {"meeting_id": meeting_id},
    }
    connected = False

    async def receive() -> Message:
        nonlocal connected
        if not connected:
            connected = True
            return {"type": "websocket.connect"}
        data = await read_message(reader)
        if data is None:
            return {"type": "websocket.disconnect", "code": _BROKEN}
        return _read_client(data)

    async def send(message: Message) -> None:
        write_message(writer, _write_server(message))
        await writer.drain()

    try:
        await serve(WebSocket(scope, receive, send))
    finally:
        writer.close()


def _from_client(message: Message) -> bytes:
    if message["type"] == "websocket.disconnect":
        return _GONE + _CODE.pack(message.get("code") or _BROKEN)
    data: bytes | None = message.get("bytes")
    if data is None:
        text: str = message["text"]
        return _TEXT + text.encode()
    return _BYTES + data


def _read_client(data: bytes) -> Message:
    kind, content = data[:1], data[1:]
    if kind == _GONE:
        return {"type": "websocket.disconnect", "code": _CODE.unpack(content)[0]}
    if kind == _TEXT:
        return {"type": "websocket.receive", "text": content.decode()}
    return {"type": "websocket.receive", "bytes": content}


def _write_server(message: Message) -> bytes:
    match message["type"]:
        case "websocket.accept":
            subprotocol: str | None = message.get("subprotocol")
            return _ACCEPT + (subprotocol or "").encode()
        case "websocket.close":
            return _CLOSE + _CODE.pack(message.get("code") or 1000)
        case _:
            data: bytes = message["bytes"]
            return _BYTES + data


def _to_client(data: bytes) -> Message:
    kind, content = data[:1], data[1:]
    if kind == _ACCEPT:
        return {"type": "websocket.accept", "subprotocol": content.decode() or None}
    if kind == _CLOSE:
        return {"type": "websocket.close", "code": _CODE.unpack(content)[0]}
    return {"type": "websocket.send", "bytes": content}
