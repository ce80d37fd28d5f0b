"""Several workers as one `MediaHost`: which meeting is where, and that everything asked reaches its worker.

Meetings are spread as they begin, to whoever has fewest, and stay there; one whose worker has died waits for the next
process in the same place, so that what has killed one process cannot go round and kill the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from localconnect.media.attendee import Attendee
from localconnect.media.cues import Cue
from localconnect.media.hosting import Description, MediaObserver
from localconnect.media.rooms import accept
from localconnect.media.signaling import CloseCode
from localconnect.media.workers.commands import command, settings_command
from localconnect.media.workers.process import Worker, WorkerGone
from localconnect.media.workers.tunnel import carry_on
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

MOST_PROCESSES = 64
_GOODBYE_S = 2.5


class MediaWorkers:
    """`count` processes, which end with this one."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._count = count
        self._observer: MediaObserver | None = None
        self._folder: Path | None = None
        self._workers: list[Worker] = []
        self._places: dict[str, Worker] = {}
        self._sockets: set[asyncio.Task[Any]] = set()

    def report_to(self, observer: MediaObserver) -> None:
        """From now on `observer` is told."""
        self._observer = observer

    def open(self) -> None:
        """Start the processes; what they are told until they run they are told then."""
        if self._observer is None:
            raise RuntimeError("Nobody is told what happens here")
        self._folder = Path(tempfile.mkdtemp(prefix="localconnect-"))  # for this user alone
        self._workers = [
            Worker(
                number,
                folder=self._folder,
                observer=self._observer,
                greeting=partial(settings_command, self._settings),
                silent_s=lambda: self._settings.media_process_silent_s,
            )
            for number in range(1, self._count + 1)
        ]

    def settings_changed(self) -> None:
        """The settings have other values."""
        for worker in self._workers:
            worker.tell(settings_command(self._settings))

    def create(self, meeting_id: str) -> None:
        """Open an empty room for a meeting: where it was before, or where there are fewest."""
        worker = self._places.get(meeting_id)
        if worker is None:
            worker = min(self._workers, key=lambda one: len(one.meetings))
            self._places[meeting_id] = worker
            worker.meetings.add(meeting_id)
        worker.tell(command("create", meeting_id))

    def admit(self, meeting_id: str, attendee: Attendee) -> None:
        """Let somebody in who shows the join token."""
        self._tell("admit", meeting_id, attendee)

    def remove(self, meeting_id: str, attendee_id: str, status: int) -> None:
        """Let them in no more; a connected client is told why by an AUDIO_STATUS."""
        self._tell("remove", meeting_id, attendee_id, status)

    def set_held(self, meeting_id: str, attendee_id: str, held: bool) -> None:
        """Take somebody out of the conversation, or back into it."""
        self._tell("set_held", meeting_id, attendee_id, held)

    def play(self, meeting_id: str, attendee_id: str, cue: Cue | None) -> None:
        """Play a sound to somebody in a loop, or nothing more."""
        self._tell("play", meeting_id, attendee_id, cue)

    def announce(self, meeting_id: str, attendee_id: str, cue: Cue) -> None:
        """Play a sound to somebody once; what else is played pauses."""
        self._tell("announce", meeting_id, attendee_id, cue)

    def attach_pattern(self, meeting_id: str, attendee_id: str) -> None:
        """Let a moving test picture and a tone join in somebody's place."""
        self._tell("attach_pattern", meeting_id, attendee_id)

    def send_as(self, meeting_id: str, attendee_id: str, topic: str, data: bytes) -> None:
        """Send everybody else a data message of somebody, who need not be connected."""
        self._tell("send_as", meeting_id, attendee_id, topic, data)

    async def end(self, meeting_id: str) -> None:
        """End a meeting for all: clients are told (410), get a moment to leave, and everything is freed."""
        worker = self._places.pop(meeting_id, None)
        if worker is not None:
            worker.meetings.discard(meeting_id)
            with contextlib.suppress(WorkerGone, TimeoutError):
                await worker.ask("end", meeting_id)

    async def close(self) -> None:
        """Break everything off without goodbye, so that clients try to come back, and end the processes."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
        if self._sockets:
            await asyncio.wait(self._sockets, timeout=_GOODBYE_S)
        self._workers.clear()
        self._places.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def describe(self) -> list[Description]:
        """Every meeting's attendees, streams and counters. Those whose worker is being started are left out."""
        answers = await asyncio.gather(*(_described(worker) for worker in self._workers))
        return [description for answer in answers for description in answer]

    def processes(self) -> list[dict[str, Any]]:
        """The processes, and how many meetings each has."""
        return [{"pid": worker.pid, "meetings": len(worker.meetings)} for worker in self._workers]

    async def serve_signaling(self, websocket: WebSocket) -> None:
        """Serve one signalling socket, by the worker that has its meeting."""
        meeting_id = websocket.path_params["meeting_id"]
        worker = self._places.get(meeting_id)
        if worker is None:
            await _refuse(websocket, CloseCode.MEETING_ENDED)
            return
        task = asyncio.current_task()
        if task is not None:
            self._sockets.add(task)
            task.add_done_callback(self._sockets.discard)
        try:
            await worker.settle()
            await carry_on(websocket, meeting_id, worker.path)
        except (OSError, TimeoutError) as error:
            logger.info("a signalling socket finds no media process: %s", error)
            await _refuse(websocket, CloseCode.SERVER_ERROR)

    def _tell(self, name: str, meeting_id: str, *values: Any) -> None:
        worker = self._places.get(meeting_id)
        if worker is not None:
            worker.tell(command(name, meeting_id, *values))


async def _described(worker: Worker) -> list[Description]:
    try:
        answer: list[Description] = await worker.ask("describe")
    except (WorkerGone, TimeoutError):
        return []
    return answer


async def _refuse(websocket: WebSocket, code: CloseCode) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await accept(websocket)
        await websocket.close(code)
