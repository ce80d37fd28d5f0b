"""The peer of `bench media`: two stock aiortc peer connections that pass each other's tracks on, decoded and encoded anew.

That is the way aiortc's public interface offers to build a server of calls. Runs as a process of its own: a line with
two offers in, a line with two answers out, and the call lasts until its input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from benchmarks._media_calls import Call
from benchmarks._media_path import MediaPath
from devtools.children import end_with_parent

ROOT = Path(__file__).resolve().parent.parent


class Peer:
    """The process, seen from the benchmark."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    async def call(self) -> Call:
        """A call through it."""
        paths = (MediaPath(stamped=False), MediaPath(stamped=False))
        offers = [await path.offer(["sendrecv"]) for path in paths]
        answers = await asyncio.to_thread(self._ask, offers)
        await asyncio.gather(*(p.connect(a) for p, a in zip(paths, answers, strict=True)))
        return Call(paths)

    def _ask(self, offers: list[str]) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(offers), file=self._process.stdin, flush=True)
        answers: list[str] = json.loads(self._process.stdout.readline())
        return answers


@contextlib.contextmanager
def running() -> Iterator[Peer]:
    """Start it, and end it by closing its input."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks._media_peer"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent,
    ) as process:
        try:
            yield Peer(process)
        finally:
            process.kill()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        connections = [RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2)]
        for connection, offer in zip(connections, json.loads(line), strict=True):
            await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for connection, other in zip(connections, reversed(connections), strict=True):
            for receiver in other.getReceivers():
                connection.addTrack(receiver.track)
        for connection in connections:
            await connection.setLocalDescription(await connection.createAnswer())
        print(json.dumps([c.localDescription.sdp for c in connections]), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
