"""Carries webhooks: one thread decides and writes, an event loop in another one sends many at once.

However many receivers hang, each has its few attempts and its deadline, and the others go on.
"""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings

from partners.webhooks import sending
from partners.webhooks.posting import Answer, post, tls_context
from partners.webhooks.sending import Parcel

AT_ONCE = 200  # attempts of one worker
LOOKUPS_AT_ONCE = 32  # threads that wait for names
IDLE_S = 0.5

NO_SECRET = Answer(status=None, error="secret_unreadable", excerpt="", latency_ms=0)


class Courier:
    """The attempts that one worker is making."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._thread: threading.Thread | None = None
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._closing = asyncio.Event()
        self._at_work: Counter[UUID] = Counter()
        self._done: queue.SimpleQueue[tuple[Parcel, Answer]] = queue.SimpleQueue()

    @property
    def at_work(self) -> int:
        """How many attempts are on their way, or have come back and are not kept yet."""
        return self._at_work.total()

    def go_round(self, *, clock: Callable[[], datetime]) -> bool:
        """Send what is due, without waiting for what was sent; keep what has come back. Returns whether anything was done."""
        kept = self._keep_done(clock)
        most = AT_ONCE - self.at_work
        parcels = sending.claim(at=clock(), most=most, at_work=self._at_work)
        for parcel in parcels:
            self._send(parcel)
        return bool(kept or parcels)

    def wait(self, for_s: float) -> None:
        """Wait until something has come back, at most that long."""
        try:
            self._done.put(self._done.get(timeout=for_s))
        except queue.Empty:
            return

    def _keep_done(self, clock: Callable[[], datetime]) -> int:
        count = 0
        while True:
            try:
                parcel, answer = self._done.get_nowait()
            except queue.Empty:
                return count
            count += 1
            self._at_work[parcel.endpoint_id] -= 1
            if self._at_work[parcel.endpoint_id] <= 0:
                del self._at_work[parcel.endpoint_id]
            sending.keep(parcel=parcel, answer=answer, at=clock())

    def _send(self, parcel: Parcel) -> None:
        self._at_work[parcel.endpoint_id] += 1
        if not parcel.headers:
            self._done.put((parcel, NO_SECRET))
            return
        posting = post(
            parcel.url,
            parcel.headers,
            parcel.body,
            within_s=settings.WEBHOOK_TIMEOUT_S,
            tls=self._tls or tls_context(),
        )
        future = asyncio.run_coroutine_threadsafe(posting, self._running_loop())
        future.add_done_callback(partial(self._take_back, parcel))

    def _take_back(self, parcel: Parcel, future: Future[Answer]) -> None:
        if future.cancelled():  # it is being closed
            return
        error = future.exception()
        # An error that nobody foresaw is one of ours: the receiver is not blamed in the log for more than a failure.
        answer = future.result() if error is None else Answer(None, type(error).__name__, "", 0)
        self._done.put((parcel, answer))

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._thread is None:
            self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), daemon=True)
            self._thread.start()
        return self._loop.result()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(LOOKUPS_AT_ONCE, "webhook-names"))
        self._loop.set_result(loop)
        await self._closing.wait()

    def close(self) -> None:
        """Drop what is on its way. Its claims run out, and it is sent again."""
        if self._thread is not None:
            self._loop.result().call_soon_threadsafe(self._closing.set)
            self._thread.join()
