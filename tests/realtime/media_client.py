"""A meeting's clients without a browser: signalling frames over a real socket, media through aiortc's own peer connection.

It speaks to the server as the SDK does, frame by frame, and knows nothing of the server's insides.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import uvicorn
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from localconnect.audio_quality import AudioReading
from localconnect.media import signaling_pb2 as pb
from localconnect.media.meetings import Attendee, Meeting, Meetings
from tests.udp_relay import UdpRelay, without_candidates

BROWSER_OFFER = (
    Path(__file__).parents[1] / "unit" / "media_offers" / "chromium-two-videos.sdp"
).read_text()
"""An offer nobody stands behind: enough for everything but the media."""


class Observer:
    """What the meetings reported, in order: name, and None for joined or whether it was dropped."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool | None]] = []
        self.read: list[tuple[str, AudioReading]] = []

    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        self.seen.append((attendee.external_user_id, None))

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        self.seen.append((attendee.external_user_id, dropped))

    def attendee_measured(
        self, meeting: Meeting, attendee: Attendee, reading: AudioReading
    ) -> None:
        self.read.append((attendee.external_user_id, reading))


@contextlib.asynccontextmanager
async def serving(meetings: Meetings) -> AsyncIterator[str]:
    """Serve the signalling of `meetings` on a free port of this process; gives the address to put a meeting id behind."""
    meetings.open()
    app = Starlette(routes=[WebSocketRoute("/control/{meeting_id}", meetings.serve_signaling)])
    config = uvicorn.Config(
        app, port=0, log_level="warning", ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/control/"
    finally:
        await meetings.close()
        server.should_exit = True
        await task


class SignalingClient:
    """One socket. `frames` holds every frame that came and was not asked for, `latest` the last that was."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self.frames: list[pb.SignalFrame] = []
        self.latest = pb.SignalFrame()
        self.socket: ClientConnection

    async def __aenter__(self) -> Self:
        self.socket = await connect(
            self._url,
            subprotocols=["_aws_wt_session", self._token],
            ping_interval=None,
            open_timeout=60,  # a process of media may have to start first
            max_queue=None,  # else who does not read cannot close either
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def send(self, kind: pb.SignalFrame.Type, **fields: object) -> None:
        """Send a frame with the given submessage."""
        frame = pb.SignalFrame(timestamp_ms=int(time.time() * 1000), type=kind, **fields)
        await self.socket.send(b"\x05" + frame.SerializeToString())

    async def next(self, kind: pb.SignalFrame.Type, *, within_s: float = 5.0) -> pb.SignalFrame:
        """The next frame of that type; others that come before it are put into `frames`."""
        async with asyncio.timeout(within_s):
            while True:
                frame = pb.SignalFrame.FromString((await self.socket.recv())[1:])
                if frame.type == kind:
                    self.latest = frame
                    return frame
                self.frames.append(frame)

    async def index(self, sources: int) -> pb.Index:
        """The next INDEX that lists so many streams."""
        while True:
            index = (await self.next(pb.SignalFrame.INDEX)).index
            if len(index.sources) == sources:
                return index

    async def close_code(self) -> int:
        """Read until the server closes, and say how it did."""
        async with asyncio.timeout(10):
            try:
                while True:
                    self.frames.append(pb.SignalFrame.FromString((await self.socket.recv())[1:]))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006

    async def join(self) -> pb.SignalFrame:
        """JOIN, up to the INDEX."""
        await self.send(pb.SignalFrame.JOIN, join=pb.Join(protocol_version=2))
        await self.next(pb.SignalFrame.JOIN_ACK)
        return await self.next(pb.SignalFrame.INDEX)

    async def subscribe(
        self,
        offer: str = BROWSER_OFFER,
        *,
        video: bool = False,
        receive: tuple[int, ...] = (0, 0),
        muted: bool = False,
    ) -> pb.SubscribeAck:
        """SUBSCRIBE, up to its acknowledgement."""
        streams = [pb.StreamDescriptor(media_type=pb.AUDIO, stream_id=1, group_id=1)]
        if video:
            streams.append(pb.StreamDescriptor(media_type=pb.VIDEO, track_label="camera"))
        await self.send(
            pb.SignalFrame.SUBSCRIBE,
            subscribe=pb.Subscribe(
                duplex=pb.DUPLEX if video else pb.RX,
                send_streams=streams,
                receive_stream_ids=receive,
                sdp_offer=offer,
                audio_muted=muted,
            ),
        )
        return (await self.next(pb.SignalFrame.SUBSCRIBE_ACK)).subscribe_ack

    async def leave(self) -> None:
        """LEAVE, up to its acknowledgement."""
        await self.send(pb.SignalFrame.LEAVE, leave=pb.Leave())
        await self.next(pb.SignalFrame.LEAVE_ACK)


class MediaClient(SignalingClient):
    """A client with sound, a camera, and one section to watch somebody in."""

    def __init__(
        self,
        url: str,
        token: str,
        sound: MediaStreamTrack | None = None,
        *,
        relay: UdpRelay | None = None,
        picture: VideoStreamTrack | None = None,
    ) -> None:
        super().__init__(url, token)
        self._relay = relay
        self.peer = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.microphone = self.peer.addTransceiver(
            sound or AudioStreamTrack(), direction="sendrecv"
        )
        self.camera = self.peer.addTransceiver(picture or VideoStreamTrack(), direction="sendrecv")
        self.watched = self.peer.addTransceiver("video", direction="recvonly")

    async def __aexit__(self, *_: object) -> None:
        await self.peer.close()
        if self._relay is not None:
            self._relay.close()
        await super().__aexit__()

    async def connect(self, *, watch: int = 0, video: bool = False) -> None:
        """Negotiate and wait for the media to stand."""
        self.camera.direction = "sendrecv" if video else "inactive"
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = self.peer.localDescription.sdp
        if self._relay is not None:
            offer = without_candidates(offer)
        ack = await self.subscribe(offer, video=video, receive=(0, watch))
        answer = ack.sdp_answer
        if self._relay is not None:
            answer = await self._relay.lead(answer)
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self.connected()

    async def connected(self) -> None:
        """Wait for the media to stand."""
        async with asyncio.timeout(10):
            while self.peer.connectionState != "connected":  # noqa: ASYNC110 (aiortc has no future for it)
                await asyncio.sleep(0.01)
