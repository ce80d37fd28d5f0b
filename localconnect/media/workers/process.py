"""One worker as the parent sees it: a process that is started, told, asked, and started again when it dies or hangs.

Knows nothing of meetings but their ids. What a process that is not there is told is lost: a new one asks for everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localconnect.media.hosting import MediaObserver
from localconnect.media.workers.commands import Document
from localconnect.media.workers.streams import read_document, write_document

logger = logging.getLogger(__name__)

PATIENCE_S = 30.0
"""How long a worker may take to start, or to answer."""

_BEAT_S = 1.0
"""How often a worker has to show that it still answers."""

_GOODBYE_S = 4.0
_SHORT_LIFE_S = 10.0
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Before a worker that has died is started again; longer the more often it dies young."""


class WorkerGone(ConnectionError):
    """The process that was asked is not there any more, or not yet."""


class Worker:
    """A place for one process after the other. `meetings` are those whose media it has."""

    def __init__(
        self,
        number: int,
        *,
        folder: Path,
        observer: MediaObserver,
        greeting: Callable[[], Document],
        silent_s: Callable[[], float],
    ) -> None:
        """:param greeting: gives the command that every new process is told first.
        :param silent_s: gives how long a process may not answer before it counts as hanging.
        """
        self.meetings: set[str] = set()
        self.path = ""
        self._number = number
        self._folder = folder
        self._observer = observer
        self._greeting = greeting
        self._silent_s = silent_s
        self._heard = 0
        self._writer: asyncio.StreamWriter | None = None
        self._is_up = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._questions = itertools.count(1)
        self._lives = itertools.count(1)
        self._is_closing = False
        self._task = asyncio.create_task(self._keep_alive())

    @property
    def pid(self) -> int | None:
        """The number of its process, if there is one."""
        return None if self._process is None else self._process.pid

    def tell(self, document: Document) -> None:
        """Have a command carried out, after all those before it."""
        if self._writer is not None:
            write_document(self._writer, ["do", document])

    async def ask(self, name: str, *values: Any) -> Any:
        """What the worker answers, once every command before has been carried out.

        :raises WorkerGone: it has no process, or that dies before it answers.
        :raises TimeoutError: it takes too long.
        """
        if self._writer is None:
            raise WorkerGone(f"media process {self._number} is not there")
        number = next(self._questions)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        write_document(self._writer, ["ask", number, name, *values])
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        finally:
            self._answers.pop(number, None)

    async def settle(self) -> None:
        """Wait for a process that listens at `path` and has carried out every command so far.

        :raises WorkerGone: it dies before.
        :raises TimeoutError: it takes too long.
        """
        async with asyncio.timeout(PATIENCE_S):
            await self._is_up.wait()
            await self.ask("settle")

    async def close(self) -> None:
        """End the process; its clients try again elsewhere."""
        self._is_closing = True
        with contextlib.suppress(WorkerGone, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.ask("close")
        if self._writer is not None:
            self._writer.close()  # at the end of its stream a worker leaves
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await asyncio.shield(self._task)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        young_deaths = 0
        while True:
            born_at = loop.time()
            try:
                await self._live()
            except Exception:
                # Whatever it was, calls need somewhere to be.
                logger.exception("media process %d is no more to be had", self._number)
            if self._is_closing:
                return
            young_deaths = young_deaths + 1 if loop.time() - born_at < _SHORT_LIFE_S else 0
            await asyncio.sleep(_PAUSES_S[min(young_deaths, len(_PAUSES_S) - 1)])

    async def _live(self) -> None:
        """One process, from its start to its end."""
        process, reader, self._writer = await self._start()
        self._process = process
        watch = asyncio.create_task(self._watch(process))
        try:
            self.tell(self._greeting())
            self._observer.needed(list(self.meetings))
            self._is_up.set()
            while not self._is_closing and (message := await read_document(reader)) is not None:
                self._take(message)
        finally:
            watch.cancel()
            self._is_up.clear()
            self._writer.close()
            self._writer = None
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(WorkerGone(f"media process {self._number} has died"))
            if not self._is_closing:
                self._observer.broken(list(self.meetings))
            await _bury(process)
            self._process = None
        if not self._is_closing:
            logger.error(
                "media process %d (%d) ended with status %s; another one takes up its %d meetings",
                *(self._number, process.pid, process.returncode, len(self.meetings)),
            )

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """End a process that hangs, since its calls would be silent for good; the end of its stream tells the rest."""
        with contextlib.suppress(TimeoutError):
            try:
                await self.ask("settle")  # it takes a while to start
                await self._until_silent()
            except WorkerGone:
                return
        logger.error(
            "media process %d (%d) does not answer any more and is ended",
            *(self._number, process.pid),
        )
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    async def _until_silent(self) -> None:
        """Wait until the process has told and answered nothing for as long as it may.

        Counted in beats instead of by the clock: a pause of this process itself is one of them, however long it was.
        """
        silent = 0.0
        while silent < self._silent_s():
            heard, beat = self._heard, min(_BEAT_S, self._silent_s())
            if self._writer is not None:
                write_document(self._writer, ["ask", next(self._questions), "settle"])
            await asyncio.sleep(beat)
            silent = 0.0 if self._heard != heard else silent + beat

    async def _start(
        self,
    ) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]:
        self.path = str(self._folder / f"{self._number}-{next(self._lives)}")
        level = logging.getLevelName(logging.getLogger().getEffectiveLevel()).lower()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "localconnect.media.workers"),
                    *("--socket", self.path, "--log-level", level),
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                )
            except OSError:
                ours.close()
                raise
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return process, reader, writer

    def _take(self, message: Document) -> None:
        self._heard += 1
        kind, first, *rest = message
        if kind == "told":
            self._hear(first, *rest)
            return
        answer = self._answers.get(first)
        if answer is not None and not answer.done():
            answer.set_result(rest[0])

    def _hear(self, event: str, *facts: Any) -> None:
        told: dict[str, Callable[..., None]] = {
            "connected": self._observer.connected,
            "lost": self._observer.lost,
            "left": self._observer.left,
            "measured": self._observer.measured,
        }
        try:
            told[event](*facts)
        except Exception:
            # What fails for one call must not end the others here.
            logger.exception("Media process %d told of what could not be followed", self._number)


async def _bury(process: asyncio.subprocess.Process) -> None:
    """Wait for a process whose stream has ended; it has a moment to leave by itself."""
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
