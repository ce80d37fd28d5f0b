"""The sound of a meeting: who hears whom, and the beat to which it is mixed.

Everybody hears all others who are not muted. Who hears exactly one gets that one's Opus packets as they come, which costs
next to nothing; who hears several gets a mix of their own; who hears nobody gets silence at the usual 50 packets a
second, because a client that receives nothing reconnects. Somebody on hold neither hears nor is heard, except what is
played to them. It must not know of sockets, SDP or signalling: packets leave through the callables it is given.
"""

from __future__ import annotations

import asyncio

from localconnect.media import rtp
from localconnect.media.audio_listener import FRAME_S, AudioListener
from localconnect.media.audio_sender import AudioSender
from localconnect.media.opus import Samples
from localconnect.media.player import Player

TICK_S = 0.2
"""How often levels are published, and those who have stopped sending are noticed."""

_MOST_BEHIND_S = 0.1
"""A beat that is later than that is skipped instead of made up for."""


class AudioBridge:
    """Everybody's sound in one meeting."""

    def __init__(self) -> None:
        self._senders: list[AudioSender] = []
        self._listeners: list[AudioListener] = []
        self._held: set[str] = set()
        self._players: dict[str, Player] = {}
        self._decoding: set[AudioSender] = set()
        self._beat: asyncio.TimerHandle | None = None
        self._due = 0.0

    # Who is there -------------------------------------------------------------------------------------------------

    def add_sender(self, sender: AudioSender) -> None:
        """It may be heard as soon as its first packet comes."""
        self._senders.append(sender)

    def remove_sender(self, sender: AudioSender) -> None:
        """Nobody hears it any more; fine when it is not there."""
        if sender in self._senders:
            self._senders.remove(sender)
            sender.listeners = ()
            self.rebalance()

    def add_listener(self, listener: AudioListener) -> None:
        """It gets sound, or silence, from now on."""
        self._listeners.append(listener)
        self.rebalance()

    def remove_listener(self, listener: AudioListener) -> None:
        """It gets nothing any more; fine when it is not there."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self.rebalance()

    def set_muted(self, sender: AudioSender, muted: bool) -> None:
        """A muted sender is not heard, whatever it sends."""
        sender.muted = muted
        self.rebalance()
        sender.forget()

    def set_held(self, owner: str, held: bool) -> None:
        """Take an attendee out of the conversation, or back: on hold they hear only what is played to them."""
        (self._held.add if held else self._held.discard)(owner)
        self.rebalance()
        for sender in self._senders:
            if sender.owner == owner:
                sender.forget()

    def player_for(self, owner: str) -> Player:
        """What plays music and announcements to an attendee, whether they are connected yet or not."""
        if owner not in self._players:
            self._players[owner] = Player(self, owner)
        return self._players[owner]

    def forget(self, owner: str) -> None:
        """The attendee has been removed: nothing is played to them any more, and they are not on hold."""
        if owner in self._players:
            self._players.pop(owner).stop()
        self._held.discard(owner)

    def is_held(self, owner: str) -> bool:
        """Whether that attendee is on hold."""
        return owner in self._held

    def playing_to(self, owner: str) -> str | None:
        """The name of what is played to that attendee just now."""
        player = self._players.get(owner)
        return player.playing if player is not None else None

    # What comes in ------------------------------------------------------------------------------------------------

    def receive(self, sender: AudioSender, data: bytes, now: float) -> None:
        """Take one packet of `sender` that arrived at `now` (monotonic seconds).

        :raises rtp.MalformedPacket: it is no RTP packet.
        """
        start, end = rtp.payload_span(data)
        was_live = sender.is_live(now)
        if sender.accept(data, now):
            for listener in sender.listeners:
                listener.follow(sender)
        if sender.muted or sender.owner in self._held:
            return
        if not was_live:
            self.rebalance()
        number, timestamp, payload = (
            rtp.sequence_number(data),
            rtp.timestamp(data),
            data[start:end],
        )
        sender.remember(number, timestamp, payload, now)
        for listener in sender.listeners:
            listener.forward(number, timestamp, payload, now)

    def tick(self) -> None:
        """Every 200 ms: settle the levels, and notice who has stopped."""
        for sender in self._senders:
            sender.settle_level()
        self.rebalance()

    # Who hears whom -----------------------------------------------------------------------------------------------

    def rebalance(self) -> None:
        """Settle for every listener whom it hears."""
        now = asyncio.get_running_loop().time()
        live = [sender for sender in self._senders if sender.is_live(now)]
        for listener in self._listeners:
            sources = frozenset(sender for sender in live if self._hears(listener, sender))
            if sources != listener.sources:
                listener.hear(sources, now)
        self._route()
        if self._beat is None and any(listener.needs_ticks for listener in self._listeners):
            self._due = now
            self._on_beat()

    def _hears(self, listener: AudioListener, sender: AudioSender) -> bool:
        if sender.audience is not None:
            return listener.owner in sender.audience
        return sender.owner != listener.owner and not self._held & {sender.owner, listener.owner}

    def _route(self) -> None:
        for sender in self._senders:
            sender.listeners = tuple(x for x in self._listeners if x.source is sender)

    # The beat -----------------------------------------------------------------------------------------------------

    def _on_beat(self) -> None:
        self._beat = None
        loop = asyncio.get_running_loop()
        due = self._due = max(self._due, loop.time() - _MOST_BEHIND_S)
        needy = [listener for listener in self._listeners if listener.needs_ticks]
        decoded: dict[AudioSender, Samples] = {}

        def samples_of(sender: AudioSender) -> Samples:
            if sender not in decoded:
                decoded[sender] = sender.samples(due)
            return decoded[sender]

        for listener in needy:
            listener.tick(samples_of, due)
        for sender in self._decoding - decoded.keys():
            sender.stop_decoding()
        self._decoding = set(decoded)
        if any(not listener.needs_ticks for listener in needy):
            self._route()
        if needy:  # the last beat finds nobody, and so ends all decoding
            self._due = due + FRAME_S
            self._beat = loop.call_at(self._due, self._on_beat)

    def close(self) -> None:
        """Forget everybody."""
        for player in self._players.values():
            player.stop()
        self._players.clear()
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        for sender in self._senders:
            sender.listeners = ()
        for sender in self._decoding:
            sender.stop_decoding()
        self._decoding.clear()
        self._senders.clear()
        self._listeners.clear()
        self._held.clear()
