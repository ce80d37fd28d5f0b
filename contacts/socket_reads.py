"""Reads from the database for sockets: in threads of their own, and for all who ask at about the same time at once.

Sockets that open together, as after a deploy, so cost the database a few queries, and wait neither for each other nor for
whatever else shares Django's one thread for synchronous work. The threads give their connection back after each read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")
Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")

THREADS = 2  # and so many database connections at most
AT_ONCE = 200  # things asked for in one read
APART_S = 0.0125  # from read to read: who comes alone is answered at once, a crowd together

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="socket-read")


async def in_read_thread(read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run what uses the database in one of the threads. Who is cancelled meanwhile goes when it has ended there."""
    reading = asyncio.get_running_loop().run_in_executor(
        _threads, partial(_read, partial(read, *args, **kwargs))
    )
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        await asyncio.gather(reading, return_exceptions=True)
        raise


async def read_together(
    read: Callable[[Collection[Asked]], Mapping[Asked, Found]], asked: Asked
) -> Found | None:
    """Return what `read` finds for `asked`, or None. It is called after this call, for others who ask as well.

    Whatever it raises, each of them is told.
    """
    reads = _reads.setdefault(asyncio.get_running_loop(), {})
    return await reads.setdefault(read, _Reads(read)).ask(asked)


def _read(read: Callable[[], R]) -> R:
    close_old_connections()
    try:
        return read()
    finally:
        close_old_connections()


class _Reads(Generic[Asked, Found]):
    """One read of one event loop: one trip of a thread at a time, for whoever has asked when it begins."""

    def __init__(self, read: Callable[[Collection[Asked]], Mapping[Asked, Found]]) -> None:
        self._read = read
        self._waiting: list[tuple[Asked, asyncio.Future[Found | None]]] = []
        self._reader: asyncio.Task[None] | None = None
        self._next_at = 0.0  # by the event loop's clock

    async def ask(self, asked: Asked) -> Found | None:
        future: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._reader is None:
            self._reader = asyncio.create_task(self._answer_all(), name="socket-read")
        return await future

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._answer([one for one in batch if not one[1].done()])
        finally:
            self._reader = None

    async def _gather(self) -> None:
        """Wait for others, unless there are enough or there was no read just now."""
        loop = asyncio.get_running_loop()
        if len(self._waiting) < AT_ONCE:
            await asyncio.sleep(self._next_at - loop.time())
        self._next_at = loop.time() + APART_S

    async def _answer(self, batch: list[tuple[Asked, asyncio.Future[Found | None]]]) -> None:
        try:
            found = await in_read_thread(self._read, {asked for asked, _ in batch})
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            for _, future in batch:
                if not future.done():  # who asked may be gone
                    future.set_exception(error)
        else:
            for asked, future in batch:
                if not future.done():
                    future.set_result(found.get(asked))


_reads: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, _Reads[Any, Any]]] = (
    WeakKeyDictionary()
)
