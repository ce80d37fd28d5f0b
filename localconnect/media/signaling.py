"""One signalling socket: which frames are legal when, and what each of them sets going.

The state machine of a client's WebSocket, from the token in its subprotocol to the last close code. It must not know
RTP or SDP (connection.py), nor what others in the meeting are told (room.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum, IntEnum

from starlette.websockets import WebSocket, WebSocketDisconnect

from localconnect.media import frames, sdp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.attendee import Attendee
from localconnect.media.connection import MediaConnection
from localconnect.media.endpoint import Endpoint
from localconnect.media.network import MediaNetwork, NoMediaSocket
from localconnect.media.rate import Rate
from localconnect.media.room import Room

logger = logging.getLogger(__name__)

Type = pb.SignalFrame.Type

IDLE_S = 45.0
"""A client pings every 10 seconds: one silent for longer than this is gone."""

FRAMES_PER_SECOND = 200
_OUTBOX = 512
_UNAVAILABLE = 503
"""The status of sound that there is no room for now; the SDK tries again."""

_GOODBYE_S = 1.5
_LOST_S = 3.0


class CloseCode(IntEnum):
    """Why this server closes a socket. The SDK retries 45xx, and takes any 44xx but 4410 while joining for good."""

    BAD_REQUEST = 4400
    FORBIDDEN = 4403
    MEETING_ENDED = 4410
    TOO_MANY_FRAMES = 4429
    TOO_MANY_SOCKETS = 4430
    SERVER_ERROR = 4500
    TOO_BIG = 1009


class State(Enum):
    """How far a client has come."""

    OPENED = "opened"
    JOINED = "joined"
    SUBSCRIBED = "subscribed"
    ENDING = "ending"


@dataclass(frozen=True, slots=True)
class _Member:
    """What a client has from JOIN on."""

    endpoint: Endpoint
    media: MediaConnection


class IllegalFrame(ValueError):
    """A frame that may not come in the present state."""


_ANYWHERE = frozenset(State)
_MEMBERS = frozenset({State.JOINED, State.SUBSCRIBED})
_LEGAL: dict[pb.SignalFrame.Type, frozenset[State]] = {
    Type.PING_PONG: _ANYWHERE,  # the SDK pings before it joins
    Type.JOIN: frozenset({State.OPENED}),
    Type.SUBSCRIBE: _MEMBERS | {State.ENDING},  # the SDK does not leave before it is acknowledged
    Type.LEAVE: _ANYWHERE,
    Type.AUDIO_CONTROL: _MEMBERS,
    Type.PAUSE: _MEMBERS,
    Type.RESUME: _MEMBERS,
    Type.DATA_MESSAGE: _MEMBERS,
    Type.REMOTE_VIDEO_UPDATE: _MEMBERS,
}


class SignalingSession:
    """A client's WebSocket, from acceptance to close."""

    def __init__(
        self,
        websocket: WebSocket,
        *,
        room: Room,
        attendee: Attendee,
        content: bool,
        network: MediaNetwork,
        join_s: float,
    ) -> None:
        self.room = room
        self.attendee = attendee
        self.closed = asyncio.Event()
        self._websocket = websocket
        self._content = content
        self._network = network
        self._state = State.OPENED
        self._member: _Member | None = None
        self._ended_media: MediaConnection | None = None
        self._outbox: asyncio.Queue[bytes | int] = asyncio.Queue(_OUTBOX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.TimerHandle | None = None
        self._rate = Rate(FRAMES_PER_SECOND)
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._join_by = self._heard_at + join_s

    # What the room uses ---------------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Send a frame, soon. A client that does not read its frames is cut off."""
        try:
            self._outbox.put_nowait(frame)
        except asyncio.QueueFull:
            self.abort()

    def finish(self, status: int) -> None:
        """Tell the client why its audio ends, stop its media, and leave it a moment to say goodbye."""
        if self._state is State.ENDING:
            return
        self._state = State.ENDING
        self.send(frames.audio_status(status))
        self._close_media()
        self._close_later(_GOODBYE_S, CloseCode.MEETING_ENDED)

    def abort(self) -> None:
        """Close now, in a way that makes the client try again."""
        self._close(CloseCode.SERVER_ERROR)

    # The socket -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve the accepted socket until it is closed, then free everything."""
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        except TimeoutError:
            self._close(CloseCode.SERVER_ERROR)
        except (frames.MalformedFrame, IllegalFrame, sdp.MalformedOffer) as error:
            logger.info("closing a signalling socket: %s", error)
            self._close(CloseCode.BAD_REQUEST)
        except NoMediaSocket as error:
            logger.error("no media for %s: %s", self.attendee.id, error)  # noqa: TRY400 - nothing is broken here
            self.send(frames.audio_status(_UNAVAILABLE))
            self._close(CloseCode.SERVER_ERROR)
        except WebSocketDisconnect:
            pass
        finally:
            await self._end(writer)

    async def _read(self) -> None:
        while True:
            async with asyncio.timeout_at(self._patience_ends_at()):
                message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return  # which may be our own doing: nobody was heard of by that
            self._heard_at = self._loop.time()
            data = message.get("bytes")
            if data is None:
                raise frames.MalformedFrame("a text message")
            if len(data) > frames.MAX_FRAME_BYTES:
                self._close(CloseCode.TOO_BIG)
                return
            if not self._rate.admit(self._loop.time()):
                self._close(CloseCode.TOO_MANY_FRAMES)
                return
            frame = frames.decode(data)
            if frame is not None:
                await self._handle(frame)

    def _patience_ends_at(self) -> float:
        """Until when the next frame must come. Pings do not keep a socket open that never joins."""
        idle_at = self._loop.time() + IDLE_S
        return min(idle_at, self._join_by) if self._state is State.OPENED else idle_at

    async def _write(self) -> None:
        try:
            while isinstance(item := await self._outbox.get(), bytes):
                await self._websocket.send_bytes(item)
            await self._websocket.close(item)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # the client is gone; the reader notices too

    async def _end(self, writer: asyncio.Task[None]) -> None:
        if self._closing is not None:
            self._closing.cancel()
        if self._member is not None:
            heard_at = max(self._heard_at, self._member.media.heard_at)
            self.room.lose(self._member.endpoint, self._loop.time() - heard_at)
        self._close_media()
        try:
            async with asyncio.timeout(_GOODBYE_S):
                if not self._outbox.empty():
                    await writer
        except TimeoutError:
            logger.debug("a client did not take its last frames")
        writer.cancel()
        await asyncio.gather(writer, *self._tasks, return_exceptions=True)
        self.closed.set()

    def _close(self, code: int) -> None:
        while self._outbox.full():
            self._outbox.get_nowait()
        self._outbox.put_nowait(code)

    def _close_later(self, delay_s: float, code: CloseCode) -> None:
        if self._closing is None:
            self._closing = self._loop.call_later(delay_s, self._close, code)

    def _close_media(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            self._ended_media = member.media
            self._start(member.media.close())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The frames -----------------------------------------------------------------------------------------------

    async def _handle(self, frame: pb.SignalFrame) -> None:
        kind = frame.type
        if not self._expects(kind):
            return
        match kind:
            case Type.PING_PONG:
                self._answer_ping(frame.ping_pong)
            case Type.LEAVE:
                self._leave()
            case Type.JOIN:
                self._join(frame.join)
            case _ if self._member is not None:
                await self._act(self._member, frame)
            case Type.SUBSCRIBE:
                self._decline(frame.subscribe)

    def _expects(self, kind: pb.SignalFrame.Type) -> bool:
        """Whether a frame is to be acted on; metrics, timings and whatever newer clients send are not.

        :raises IllegalFrame: it may not come now.
        """
        legal = _LEGAL.get(kind)
        if legal is None:
            return False
        if self._state in legal:
            return True
        if self._state is State.ENDING:
            return False  # what was under way when the end came is no offence
        raise IllegalFrame(f"{Type.Name(kind)} while {self._state.value}")

    def _answer_ping(self, ping: pb.PingPong) -> None:
        if ping.type == pb.PingPong.PING:
            self.send(frames.pong(ping.ping_id))

    def _join(self, join: pb.Join) -> None:
        endpoint = self.room.admit(self.attendee, content=self._content, client=self)
        media = MediaConnection(
            self.room, endpoint, network=self._network, on_lost=self._media_lost
        )
        self._member = _Member(endpoint, media)
        self._state = State.JOINED
        self.send(frames.join_ack(join))
        self.send(self.room.index(endpoint))

    def _leave(self) -> None:
        self._state = State.ENDING
        if self._member is not None:
            self.room.leave(self._member.endpoint)
        self.send(frames.leave_ack())
        self._close_media()
        self._close_later(_GOODBYE_S, CloseCode.MEETING_ENDED)

    def _decline(self, subscribe: pb.Subscribe) -> None:
        ack = None if self._ended_media is None else self._ended_media.decline(subscribe)
        if ack is not None:
            self.send(ack)

    async def _act(self, member: _Member, frame: pb.SignalFrame) -> None:
        match frame.type:
            case Type.SUBSCRIBE:
                await self._subscribe(member, frame.subscribe)
            case Type.AUDIO_CONTROL:
                self.room.set_muted(member.endpoint, frame.audio_control.muted)
            case Type.PAUSE | Type.RESUME:
                paused = frame.type == Type.PAUSE
                member.media.set_paused(frozenset(frame.pause.stream_ids), paused)
            case Type.REMOTE_VIDEO_UPDATE:
                member.media.prefer(frame.remote_video_update.preferences)
            case Type.DATA_MESSAGE:
                self.room.messages.relay(member.endpoint, frame.data_message.messages)

    async def _subscribe(self, member: _Member, subscribe: pb.Subscribe) -> None:
        if subscribe.HasField("audio_muted"):
            self.room.set_muted(member.endpoint, subscribe.audio_muted)
        before = self.room.videos.of(member.endpoint.roster_id)
        offer, ack = await member.media.negotiate(subscribe)
        if self._member is not member:
            self._decline(subscribe)  # ended while sockets were opened
            return
        self.send(ack)
        if self._state is State.JOINED:
            self._state = State.SUBSCRIBED
            self.room.announce(member.endpoint)
            self._start(self._connect(member, offer))
            return
        if self.room.videos.of(member.endpoint.roster_id) != before:
            self.room.send_index()
        member.media.start_watching()

    async def _connect(self, member: _Member, offer: sdp.Offer) -> None:
        try:
            await member.media.connect(offer)
        except ConnectionError as error:
            if member is self._member:
                logger.info("no media from %s: %s", self.attendee.id, error)
                self._close(CloseCode.SERVER_ERROR)

    def _media_lost(self) -> None:
        # A client that reconnects or leaves closes its media first and this socket a moment later.
        self._close_later(_LOST_S, CloseCode.SERVER_ERROR)
