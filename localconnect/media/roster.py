"""Who is shown to whom: the entries of a meeting's roster, and the frames that tell of them.

Everybody in it is told of everybody else who is listed; who only listens is told, and told of to nobody. It must not
know of graces, nor decide who belongs to the meeting: room.py does.
"""

from __future__ import annotations

from collections.abc import Iterator

from localconnect.media import frames
from localconnect.media.audio_sender import AudioSender
from localconnect.media.endpoint import Endpoint

_LOUDEST_DB, _SILENT_DB = 14, 42


class Roster:
    """The endpoints that have been announced, those hidden by a grace included."""

    def __init__(self) -> None:
        self._shown: dict[int, Endpoint] = {}

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(list(self._shown.values()))

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def listed(self) -> list[Endpoint]:
        """Those whom the others know of."""
        return [endpoint for endpoint in self._shown.values() if endpoint.is_listed]

    def enter(self, endpoint: Endpoint) -> None:
        """Show an endpoint to the others, in place of its former ones, and everybody to it."""
        former = self.of(endpoint.roster_id)
        endpoint.visible = True
        self._tell_of(endpoint, frames.present([endpoint.entry()]))
        for old in former:
            self.drop(
                old, dropped=False
            )  # the new entry is known, so nobody sees the attendee leave
        self._shown[endpoint.audio_stream_id] = endpoint
        endpoint.client.send(
            frames.present(e.entry() for e in self._shown.values() if e.is_listed or e is endpoint)
        )

    def of(self, roster_id: str) -> list[Endpoint]:
        """The entries of one attendee, or of its content share."""
        return [e for e in self._shown.values() if e.roster_id == roster_id]

    def drop(self, endpoint: Endpoint, *, dropped: bool) -> None:
        """Strike an entry off, if it is there; `dropped` tells the others that there was no goodbye."""
        if self._shown.pop(endpoint.audio_stream_id, None) is not None:
            self._tell_of(endpoint, frames.left(endpoint.audio_stream_id, dropped=dropped))

    def tell(self, frame: bytes) -> None:
        """Send a frame to everybody."""
        for endpoint in self._shown.values():
            endpoint.client.send(frame)

    def tell_levels(self) -> None:
        """Tell everybody how loud everybody is, and how well they are received."""
        self.tell(
            frames.audio_metadata(
                (e.audio_stream_id, _volume(e.audio), e.signal_strength) for e in self.listed
            )
        )

    def clear(self) -> None:
        """Forget everybody without a word."""
        self._shown.clear()

    def describe(self) -> list[dict[str, object]]:
        """Its entries, without tokens."""
        return [
            {
                "attendee_id": endpoint.roster_id,
                "audio_stream_id": endpoint.audio_stream_id,
                "muted": endpoint.audio.muted,
                "lost": endpoint.lost,
            }
            for endpoint in self._shown.values()
        ]

    def _tell_of(self, endpoint: Endpoint, frame: bytes) -> None:
        if endpoint.is_listed:
            self.tell(frame)


def _volume(audio: AudioSender) -> int:
    """Decibels below full scale as AUDIO_METADATA counts them: 14 is loud, 42 silent."""
    return max(_LOUDEST_DB, min(_SILENT_DB, round(audio.loudness)))
