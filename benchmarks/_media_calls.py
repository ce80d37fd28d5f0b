"""Two-party calls for `bench media`: through localconnect, by way of the API and an agent's desk, and without a server.

Knows how people join; what they send and see is `_media_path`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks._media_packets import FPS, Due, microphone
from benchmarks._media_path import MediaPath
from benchmarks._subject import aws_client
from localconnect.media import signaling_pb2 as pb
from tests.servers import LocalConnect

Type = pb.SignalFrame.Type
_REPORT_S = 0.5
_PING_S = 10.0
_LONGEST_WAIT_S = 15.0


@dataclass
class Call:
    """Two people; `join_ms` is how long the second took from opening its socket to its first complete frame."""

    paths: tuple[MediaPath, MediaPath]
    people: list[Person] = field(default_factory=list)
    join_ms: float = 0.0
    desk: ClientConnection | None = None
    _senders: list[Sender] = field(default_factory=list)

    def start_sending(self, *, offset_s: float) -> None:
        """Both send from now on; the offset keeps frames of different calls apart."""
        self._senders = [
            Sender(path, offset_s + number * 0.5 / FPS) for number, path in enumerate(self.paths)
        ]

    def stop_sending(self) -> None:
        """Both fall silent."""
        for sender in self._senders:
            sender.stop()
        self._senders = []

    async def close(self) -> None:
        """Everybody leaves."""
        self.stop_sending()
        await asyncio.gather(*(person.close() for person in self.people))
        await asyncio.gather(*(path.close() for path in self.paths))
        if self.desk is not None:
            await self.desk.close()


class Sender:
    """Sends what one path has to send, each packet when it is due."""

    def __init__(self, path: MediaPath, offset_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._path = path
        start = self._loop.time() + offset_s
        self._timers: dict[str, asyncio.TimerHandle] = {}
        for name, packets in (
            ("camera", path.camera.packets(start)),
            ("microphone", microphone(start)),
        ):
            self._next(name, packets)
        self._report()

    def _next(self, name: str, packets: Iterator[Due]) -> None:
        due = next(packets)
        self._timers[name] = self._loop.call_at(due.at, self._send, name, packets, due)

    def _send(self, name: str, packets: Iterator[Due], due: Due) -> None:
        self._path.send(due)
        self._next(name, packets)

    def _report(self) -> None:
        self._path.report()
        self._timers["report"] = self._loop.call_later(_REPORT_S, self._report)

    def stop(self) -> None:
        """Send no more."""
        for timer in self._timers.values():
            timer.cancel()


async def direct_call() -> Call:
    """Two clients that talk to each other without a server: what the clients themselves add."""
    one, other = MediaPath(), MediaPath(controlling=False)
    offers = [await path.offer(["sendrecv"]) for path in (one, other)]
    async with asyncio.timeout(_LONGEST_WAIT_S):
        await asyncio.gather(one.connect(offers[1]), other.connect(offers[0]))
    return Call((one, other))


class Person:
    """One client of localconnect: its signalling socket and its media."""

    def __init__(self, connection: dict[str, Any], *, loss: float = 0.0) -> None:
        self._url = connection["Meeting"]["MediaPlacement"]["SignalingUrl"]
        self._token = connection["Attendee"]["JoinToken"]
        self.path = MediaPath(loss=loss)
        self._socket: ClientConnection
        self._offer = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._watching = 0

    async def join(self) -> None:
        """Join with sound and camera, watching who is there; later whoever comes."""
        protocols = ["_aws_wt_session", self._token]
        self._socket = await connect(self._url, subprotocols=protocols, ping_interval=None)  # type: ignore[arg-type]
        await self._send(Type.JOIN, join=pb.Join(protocol_version=2))
        index = (await self._next(Type.INDEX)).index
        self._offer = await self.path.offer(["sendonly", "recvonly"])
        await self._subscribe(index)
        ack = (await self._next(Type.SUBSCRIBE_ACK)).subscribe_ack
        await self.path.connect(ack.sdp_answer)
        self._tasks = [asyncio.create_task(work()) for work in (self._follow, self._ping)]

    async def _subscribe(self, index: pb.Index) -> None:
        self._watching = index.sources[0].stream_id if index.sources else 0
        video = pb.StreamDescriptor(
            media_type=pb.VIDEO, track_label="camera", framerate=FPS, max_bitrate_kbps=1500
        )
        audio = pb.StreamDescriptor(media_type=pb.AUDIO, stream_id=1, group_id=1)
        subscribe = pb.Subscribe(
            duplex=pb.DUPLEX,
            send_streams=[audio, video],
            receive_stream_ids=[0, self._watching],
            sdp_offer=self._offer,
        )
        await self._send(Type.SUBSCRIBE, subscribe=subscribe)

    async def _follow(self) -> None:
        while True:
            index = (await self._next(Type.INDEX)).index
            if index.sources and index.sources[0].stream_id != self._watching:
                await self._subscribe(index)

    async def _ping(self) -> None:
        for number in itertools.count():
            await self._send(
                Type.PING_PONG, ping_pong=pb.PingPong(type=pb.PingPong.PING, ping_id=number)
            )
            await asyncio.sleep(_PING_S)

    async def _send(self, kind: pb.SignalFrame.Type, **fields: Any) -> None:
        frame = pb.SignalFrame(timestamp_ms=time.time_ns() // 1_000_000, type=kind, **fields)
        await self._socket.send(b"\x05" + frame.SerializeToString())

    async def _next(self, kind: pb.SignalFrame.Type) -> pb.SignalFrame:
        while True:
            message = await self._socket.recv()
            assert isinstance(message, bytes)
            frame = pb.SignalFrame.FromString(message[1:])
            if frame.type == kind:
                return frame

    async def close(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._send(Type.LEAVE, leave=pb.Leave())
        await self._socket.close()


@dataclass(frozen=True)
class Invitation:
    """What two people join a contact with; the desk has to stay open while the call lasts."""

    contact_id: str
    customer: dict[str, Any]
    agent: dict[str, Any]
    desk: ClientConnection


class Subject:
    """Makes calls of a localconnect; each has a desk of its own, which stays open while the call lasts."""

    def __init__(self, server: LocalConnect) -> None:
        self._server = server
        self._client, self._participants = (
            aws_client(
                server.url,
                access_key=server.access_key,
                secret_key=server.secret_key,
                region=server.region,
                service=service,
            )
            for service in ("connect", "connectparticipant")
        )
        self._desks = 0

    async def invite(self) -> Invitation:
        """Two people of a call that nobody has joined yet."""
        self._desks += 1
        url = f"{self._server.url.replace('http', 'ws', 1)}/agent/socket?name=Agent{self._desks}"
        desk = await connect(url, origin=self._server.url)
        await desk.send(json.dumps({"type": "status", "status": "available"}))
        started = await asyncio.to_thread(self._start)
        contact = (await _shown(desk, "offer"))["id"]
        await desk.send(json.dumps({"type": "accept", "contact_id": contact}))
        agent = (await _shown(desk, "call"))["connection"]
        return Invitation(contact, started["ConnectionData"], agent, desk)

    async def invite_third(self, contact_id: str) -> dict[str, Any]:
        """A further customer of a call."""
        return await asyncio.to_thread(self._add, contact_id)

    async def call(self, *, loss: float = 0.0) -> Call:
        """A call in which both already send."""
        invited = await self.invite()
        people = [Person(who, loss=loss) for who in (invited.customer, invited.agent)]
        call = Call((people[0].path, people[1].path), people, desk=invited.desk)
        async with asyncio.timeout(_LONGEST_WAIT_S):
            await people[0].join()
            first = Sender(people[0].path, 0.0)
            await asyncio.sleep(0.2)
            began = time.monotonic()
            await people[1].join()
            while not people[1].path.picture.frames_at:  # noqa: ASYNC110 (packets have no event)
                await asyncio.sleep(0.002)
            call.join_ms = (people[1].path.picture.frames_at[0] - began) * 1000
            first.stop()
        return call

    def _add(self, contact_id: str) -> Any:
        added = self._client.create_participant(
            InstanceId=self._server.instance_id,
            ContactId=contact_id,
            ParticipantDetails={"ParticipantRole": "CUSTOMER", "DisplayName": "Eve"},
        )
        token = added["ParticipantCredentials"]["ParticipantToken"]
        reply = self._participants.create_participant_connection(
            ParticipantToken=token, Type=["WEBRTC_CONNECTION"]
        )
        return reply["WebRTCConnection"]

    def _start(self) -> Any:
        video = {"Video": "SEND"}
        return self._client.start_web_rtc_contact(
            InstanceId=self._server.instance_id,
            ContactFlowId=self._server.contact_flow_id,
            ParticipantDetails={"DisplayName": "Ana"},
            AllowedCapabilities={"Customer": video, "Agent": video},
        )


async def _shown(desk: ClientConnection, what: str) -> dict[str, Any]:
    """The first of a desk's views that has that."""
    async with asyncio.timeout(_LONGEST_WAIT_S):
        while True:
            view = json.loads(await desk.recv())
            if view[what]:
                found: dict[str, Any] = view[what]
                return found


@contextlib.contextmanager
def sending(calls: list[Call]) -> Iterator[None]:
    """Everybody in these calls sends for a while."""
    for number, call in enumerate(calls):
        call.start_sending(offset_s=number / len(calls) / FPS)
    try:
        yield
    finally:
        for call in calls:
            call.stop_sending()
