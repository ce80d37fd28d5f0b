"""A worker: has the media of some meetings, for the localconnect that has started it, and ends with that one.

Commands come on standard input, a socket, and answers go back there; clients' WebSockets come one by one on the Unix
socket `--socket`. Signals that end the parent are the parent's business: its end ends this process too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

from localconnect import log
from localconnect.background import Background
from localconnect.collector import spare_long_lived
from localconnect.media.rooms import Rooms
from localconnect.media.workers.commands import Document, obey
from localconnect.media.workers.streams import read_document, write_document
from localconnect.media.workers.tunnel import serve_carried
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

_BACKLOG = 1024


class _Reporter:
    """Tells the parent what becomes of media."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def connected(self, meeting_id: str, attendee_id: str) -> None:
        self._tell("connected", meeting_id, attendee_id)

    def lost(self, meeting_id: str, attendee_id: str, silent_s: float) -> None:
        self._tell("lost", meeting_id, attendee_id, silent_s)

    def left(self, meeting_id: str, attendee_id: str) -> None:
        self._tell("left", meeting_id, attendee_id)

    def measured(
        self,
        meeting_id: str,
        attendee_id: str,
        loss: float,
        round_trip_s: float | None,
        jitter_s: float,
    ) -> None:
        self._tell("measured", meeting_id, attendee_id, loss, round_trip_s, jitter_s)

    def broken(self, meeting_ids: object) -> None:
        """Does not happen within a process."""

    def needed(self, meeting_ids: object) -> None:
        """Does not happen within a process."""

    def _tell(self, *event: str | float | None) -> None:
        write_document(self._writer, ["told", *event])


class _Servant:
    """Does what the parent wants, in its order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._settings = Settings()
        self._background = Background()
        self.rooms = Rooms(self._settings)
        self.rooms.report_to(_Reporter(writer))

    async def serve(self) -> None:
        """Serve until the parent is gone."""
        while (message := await read_document(self._reader)) is not None:
            kind, *rest = message
            if kind == "do":
                self._obey(rest[0])
            else:
                self._background.start(self._answer(*rest))
        await self.rooms.close()
        await self._background.close()

    def _obey(self, document: Document) -> None:
        try:
            obey(self.rooms, self._settings, document)
        except Exception:
            # What fails for one call must not end the others here.
            logger.exception("A command could not be carried out")

    async def _answer(self, number: int, name: str, *values: Any) -> None:
        document: Document = ["answer", number, await self._ask(name, *values)]
        write_document(self._writer, document)

    async def _ask(self, name: str, *values: Any) -> Any:
        match name:
            case "end":
                return await self.rooms.end(*values)
            case "describe":
                return await self.rooms.describe()
            case "close":
                return await self.rooms.close()
            case _:
                return None  # "settle": what came before has been done


async def _work(path: str) -> None:
    parent = socket.socket(fileno=0)
    reader, writer = await asyncio.open_unix_connection(sock=parent)
    servant = _Servant(reader, writer)
    serve = partial(serve_carried, serve=servant.rooms.serve_signaling)
    server = await asyncio.start_unix_server(serve, path, backlog=_BACKLOG)
    try:
        await servant.serve()
    finally:
        server.close()
        _tidy_up(Path(path))


def _tidy_up(path: Path) -> None:
    """Leave no file behind, nor the folder when this was the last: a parent that was killed cannot do it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def main() -> None:
    """Work until the parent is gone."""
    parser = argparse.ArgumentParser(description="Has media for localconnect, which starts it.")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--log-level", default="info")
    options = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    log.configure(options.log_level)
    spare_long_lived()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_work(options.socket))


def _loop_factory() -> Any:
    """uvloop, as the parent's server uses it where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
