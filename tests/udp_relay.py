"""A network path for tests: a UDP relay between a client and a server that limits, delays, drops and moves.

Put between the two by rewriting the candidates of an answer, and by keeping the client's own from the server.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket

_CANDIDATE = re.compile(
    r"(?m)^a=candidate:(\S+ 1 udp \d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*\r?\n"
)
_ANY_CANDIDATE = re.compile(r"(?m)^a=(candidate:|end-of-candidates).*\r?\n")
_LARGEST = 65536

Address = tuple[str, int]


def without_candidates(sdp: str) -> str:
    """An offer that does not say where the client is, so that the only way to it is its own."""
    return _ANY_CANDIDATE.sub("", sdp)


class UdpRelay:
    """One client's path. `rate` bits per second come down (0: any), after `delay_s`; a queue longer than `queue_s` overflows.

    While `blocked`, nothing passes either way. Each address of the client has an address of its own towards the server.
    """

    def __init__(
        self, *, rate: float = 0, delay_s: float = 0.01, queue_s: float = 0.3, loss: float = 0
    ) -> None:
        self.rate = rate
        self.delay_s = delay_s
        self.queue_s = queue_s
        self.loss = loss
        self.blocked = False
        self.passed = 0
        self.dropped = 0
        self._random = random.Random(7)
        self._free_at = 0.0
        self._server: Address = ("", 0)
        self._outer: socket.socket | None = None
        self._inner: dict[Address, socket.socket] = {}
        self._loop = asyncio.get_running_loop()

    async def lead(self, answer: str) -> str:
        """The same answer with the relay in place of the server."""
        found = _CANDIDATE.search(answer)
        assert found is not None, "an answer without an IPv4 candidate"
        _, host, port = found.groups()
        self._server = (host, int(port))
        if self._outer is None:
            self._outer = self._open()
            self._loop.add_reader(self._outer, self._go_up)
        own = self._outer.getsockname()[1]
        line = f"a=candidate:{found[1]} {host} {own} typ host\r\na=end-of-candidates\r\n"
        rest = _ANY_CANDIDATE.sub("", answer)
        return re.sub(r"(?m)^(a=mid:.*\r?\n)", rf"\g<1>{line}", rest)

    def move(self) -> None:
        """Send what goes up from another address from now on, as a client that has changed networks."""
        self._close_inner()

    def close(self) -> None:
        """Cut the path."""
        self._close_inner()
        if self._outer is not None:
            self._loop.remove_reader(self._outer)
            self._outer.close()
            self._outer = None

    def _open(self) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.bind((self._server[0], 0))
        return opened

    def _close_inner(self) -> None:
        for inner in self._inner.values():
            self._loop.remove_reader(inner)
            inner.close()
        self._inner.clear()

    def _go_up(self) -> None:
        """Pass what the client sends on at once."""
        if self._outer is None:
            return
        data, client = self._outer.recvfrom(_LARGEST)
        if self.blocked or self._random.random() < self.loss:
            return
        if client not in self._inner:
            inner = self._inner[client] = self._open()
            self._loop.add_reader(inner, self._come_down, inner, client)
        self._inner[client].sendto(data, self._server)

    def _come_down(self, inner: socket.socket, client: Address) -> None:
        """Let what the server sends wait its turn, or drop it."""
        data = inner.recv(_LARGEST)
        now = self._loop.time()
        waiting = max(0.0, self._free_at - now)
        if self.blocked or waiting > self.queue_s or self._random.random() < self.loss:
            self.dropped += 1
            return
        if self.rate:
            self._free_at = now + waiting + len(data) * 8 / self.rate
            waiting = self._free_at - now
        self.passed += 1
        self._loop.call_later(self.delay_s + waiting, self._arrive, data, client)

    def _arrive(self, data: bytes, client: Address) -> None:
        if self._outer is not None:
            self._outer.sendto(data, client)
