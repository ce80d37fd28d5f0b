"""The offers of the SDK, read, and the answers to them, written.

The client always offers and this server always answers, with one bundled transport. What a section will carry is
decided elsewhere and handed in by mid: sections move and are reused, so nothing here or outside goes by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

AUDIO_CODEC = "opus/48000"
VIDEO_CODEC = "VP8/90000"

_AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_CNAME = "localconnect"


class MalformedOffer(ValueError):
    """An SDP offer lacks what an answer needs."""


@dataclass(frozen=True, slots=True)
class Section:
    """One media section of an offer."""

    kind: str
    mid: str
    direction: str
    rejected: bool
    protocol: str
    payload_types: tuple[int, ...]
    attributes: tuple[tuple[str, str], ...] = field(repr=False)

    def values(self, name: str) -> list[str]:
        """The values of every `a=name:` line."""
        return [value for key, value in self.attributes if key == name]

    @property
    def sends(self) -> bool:
        """Whether the client wants to send in it."""
        return not self.rejected and self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        """Whether the client wants to receive in it."""
        return not self.rejected and self.direction in ("sendrecv", "recvonly")

    def payload_type(self, codec: str) -> int | None:
        """The first payload type of `codec`, as in `VP8/90000`."""
        for value in self.values("rtpmap"):
            number, _, name = value.partition(" ")
            if name.lower().startswith(codec.lower()) and number.isdecimal():
                return int(number)
        return None

    @property
    def audio_level_id(self) -> int | None:
        """The id under which the client can send audio levels."""
        for value in self.values("extmap"):
            number, _, uri = value.partition(" ")
            number = number.partition("/")[0]
            if uri.split(" ")[0] == _AUDIO_LEVEL and number.isdecimal():
                return int(number)
        return None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client proposes."""

    sections: tuple[Section, ...]
    ice_username: str
    ice_password: str = field(repr=False)
    fingerprints: tuple[tuple[str, str], ...]
    candidates: tuple[str, ...]

    @property
    def audio(self) -> Section | None:
        """The section of the meeting's sound."""
        return next((s for s in self.sections if s.kind == "audio" and not s.rejected), None)

    @property
    def videos(self) -> list[Section]:
        """Every video section in order, rejected ones too: SUBSCRIBE counts them."""
        return [section for section in self.sections if section.kind == "video"]


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """This server's end of the bundled transport; candidates as the value of `a=candidate:`."""

    ice_username: str
    ice_password: str = field(repr=False)
    fingerprint: tuple[str, str]
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What this server sends in a section. `label` must be `v_` and the mid for the SDK to keep the section's track."""

    ssrc: int
    label: str


def parse_offer(text: str) -> Offer:
    """Read an offer.

    :raises MalformedOffer: it has no section, or no ICE credentials or DTLS fingerprint anywhere.
    """
    head, *bodies = re.split(r"(?m)^(?=m=)", text.replace("\r\n", "\n"))
    if not bodies:
        raise MalformedOffer("no media section")
    session = _attributes(head)
    sections = tuple(_section(body) for body in bodies)
    # ICE and DTLS facts stand in any live section or, in Firefox, in the session's head.
    pools = [*(s.attributes for s in sections if not s.rejected), session]
    username = _first(pools, "ice-ufrag")
    password = _first(pools, "ice-pwd")
    fingerprints = {
        (algorithm, value)
        for pool in pools
        for key, text in pool
        if key == "fingerprint"
        for algorithm, _, value in [text.partition(" ")]
    }
    if username is None or password is None or not fingerprints:
        raise MalformedOffer("no ICE credentials or no fingerprint")
    return Offer(
        sections=sections,
        ice_username=username,
        ice_password=password,
        fingerprints=tuple(sorted(fingerprints)),
        candidates=tuple(value for pool in pools for key, value in pool if key == "candidate"),
    )


def _attributes(block: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in block.split("\n"):
        if line.startswith("a="):
            key, _, value = line[2:].partition(":")
            found.append((key, value.strip()))
    return tuple(found)


def _section(body: str) -> Section:
    match = re.match(r"m=(\S+) (\d+)\S* (\S+)((?: \d+)*)", body)
    attributes = _attributes(body)
    keys = [key for key, _ in attributes]
    if match is None or "mid" not in keys:
        raise MalformedOffer("a media section without mid or without a proper m= line")
    return Section(
        kind=match[1],
        mid=dict(attributes)["mid"],
        direction=next((key for key in keys if key in _DIRECTIONS), "sendrecv"),
        # Port 0 with bundle-only is a live section: Firefox offers its idle camera like that.
        rejected=match[2] == "0" and "bundle-only" not in keys,
        protocol=match[3],
        payload_types=tuple(int(number) for number in match[4].split()),
        attributes=attributes,
    )


def _first(pools: Sequence[tuple[tuple[str, str], ...]], name: str) -> str | None:
    return next((value for pool in pools for key, value in pool if key == name), None)


def write_answer(
    offer: Offer,
    local: LocalTransport,
    *,
    version: int,
    sent: Mapping[str, Sent],
    received: frozenset[str],
) -> str:
    """The answer: in the sections (by mid) of `sent` this server sends, in those of `received` it takes what comes.

    Every other live section is answered inactive; a section without a usable codec is refused.
    """
    blocks = []
    accepted: list[str] = []
    for section in offer.sections:
        lines = _answer_section(section, sent.get(section.mid), section.mid in received)
        if lines is None:
            blocks.append(_refused(section))
            continue
        if not accepted:
            lines += [f"a=candidate:{candidate}" for candidate in local.candidates]
            lines.append("a=end-of-candidates")
        accepted.append(section.mid)
        blocks.append([*lines, *_transport_lines(local)])
    head = [
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(accepted)}",
        "a=msid-semantic: WMS *",
    ]
    return "".join(f"{line}\r\n" for block in [head, *blocks] for line in block)


def _transport_lines(local: LocalTransport) -> list[str]:
    return [
        f"a=ice-ufrag:{local.ice_username}",
        f"a=ice-pwd:{local.ice_password}",
        f"a=fingerprint:{local.fingerprint[0]} {local.fingerprint[1]}",
        "a=setup:active",
        "a=rtcp-mux",
    ]


def _refused(section: Section) -> list[str]:
    formats = " ".join(map(str, section.payload_types[:1])) or "0"
    return [
        f"m={section.kind} 0 {section.protocol} {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
    ]


def _answer_section(section: Section, sent: Sent | None, received: bool) -> list[str] | None:
    codec = AUDIO_CODEC if section.kind == "audio" else VIDEO_CODEC
    payload_type = section.payload_type(codec)
    if section.rejected or payload_type is None:
        return None
    lines = [
        f"m={section.kind} 9 {section.protocol} {payload_type}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        f"a={_direction(section, sent is not None, received)}",
    ]
    lines += (
        _audio_lines(section, payload_type)
        if section.kind == "audio"
        else _video_lines(section, payload_type)
    )
    if sent is not None:
        lines.append(f"a=msid:{sent.label} {sent.label}")
        lines.append(f"a=ssrc:{sent.ssrc} cname:{_CNAME}")
    return lines


def _direction(section: Section, sending: bool, receiving: bool) -> str:
    sending = sending and section.receives
    receiving = receiving and section.sends
    if sending:
        return "sendrecv" if receiving else "sendonly"
    return "recvonly" if receiving else "inactive"


def _audio_lines(section: Section, payload_type: int) -> list[str]:
    lines = [
        f"a=rtpmap:{payload_type} opus/48000/2",
        f"a=fmtp:{payload_type} minptime=10;useinbandfec=1",
    ]
    if section.audio_level_id is not None:
        lines.append(f"a=extmap:{section.audio_level_id} {_AUDIO_LEVEL}")
    return lines


def _video_lines(section: Section, payload_type: int) -> list[str]:
    prefix = f"{payload_type} "
    offered = {v.removeprefix(prefix) for v in section.values("rtcp-fb") if v.startswith(prefix)}
    lines = [f"a=rtpmap:{payload_type} VP8/90000"]
    lines += [f"a=rtcp-fb:{prefix}{name}" for name in _VIDEO_FEEDBACK if name in offered]
    # The SDK adds a start bitrate to its own offer, which counts only when the answer repeats it.
    lines += [f"a=fmtp:{value}" for value in section.values("fmtp") if value.startswith(prefix)]
    return lines
