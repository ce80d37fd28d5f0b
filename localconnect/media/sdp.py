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
RTP_STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
_LAYERS = 3
"""Layers of a simulcast that are taken: as many as the SDK sends."""

_VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")
MAX_SECTIONS = 64
"""More sections than 25 videos, the client's own media, and as many again that were stopped and not yet reused."""

_MOST_PAYLOAD_TYPE = 127
_MEDIA = ("audio", "video")
_EXTENSION_ID = re.compile(r"[0-9]{1,3}")
_ICE_USERNAME = re.compile(r"[A-Za-z0-9+/]{4,256}")
_ICE_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")

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
            if name.lower().startswith(codec.lower()) and number in map(str, self.payload_types):
                return int(number)
        return None

    def extension_id(self, uri: str) -> int | None:
        """The id under which the client can send a header extension."""
        for value in self.values("extmap"):
            number, _, name = value.partition(" ")
            number = number.partition("/")[0]
            if name.split(" ")[0] == uri and _EXTENSION_ID.fullmatch(number):
                return int(number)
        return None

    @property
    def audio_level_id(self) -> int | None:
        """The id under which the client can send audio levels."""
        return self.extension_id(_AUDIO_LEVEL)

    @property
    def rids(self) -> list[str]:
        """The RTP stream ids of the layers it can send at a time, in its order; those it has paused too (RFC 8853)."""
        for value in self.values("simulcast"):
            direction, _, layers = value.partition(" ")
            if direction == "send":
                # Of alternatives, separated by commas, the first is meant.
                names = [
                    layer.split(",")[0].lstrip("~") for layer in layers.split(" ")[0].split(";")
                ]
                return [name for name in names if name.isalnum()][:_LAYERS]
        return []


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

    :raises MalformedOffer: it has no section or too many, a payload type that RTP does not know,
        or no proper ICE credentials or DTLS fingerprint anywhere.
    """
    head, *bodies = re.split(r"(?m)^(?=m=)", text.replace("\r\n", "\n"))
    if not bodies:
        raise MalformedOffer("no media section")
    if len(bodies) > MAX_SECTIONS:
        raise MalformedOffer(f"{len(bodies)} media sections; at most {MAX_SECTIONS} are read")
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
    if not (_ICE_USERNAME.fullmatch(username) and _ICE_PASSWORD.fullmatch(password)):
        raise MalformedOffer("ICE credentials that are none")
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
    match = re.match(r"m=(\S+) (\d+)\S* (\S+)((?: \d{1,5}\b)*)", body)
    attributes = _attributes(body)
    keys = [key for key, _ in attributes]
    if match is None or "mid" not in keys:
        raise MalformedOffer("a media section without mid or without a proper m= line")
    payload_types = tuple(int(number) for number in match[4].split())
    if match[1] in _MEDIA and any(number > _MOST_PAYLOAD_TYPE for number in payload_types):
        raise MalformedOffer("a payload type above 127")
    return Section(
        kind=match[1],
        mid=dict(attributes)["mid"],
        direction=next((key for key in keys if key in _DIRECTIONS), "sendrecv"),
        # Port 0 with bundle-only is a live section: Firefox offers its idle camera like that.
        rejected=match[2] == "0" and "bundle-only" not in keys,
        protocol=match[3],
        payload_types=payload_types,
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
    return lines + _simulcast_lines(section)


def _simulcast_lines(section: Section) -> list[str]:
    lines = []
    extension_id = section.extension_id(RTP_STREAM_ID)
    # Also while nothing is sent: what a browser's first answer lacks it does not offer again.
    if extension_id is not None and section.direction != "recvonly":
        lines.append(f"a=extmap:{extension_id} {RTP_STREAM_ID}")
    if section.rids:
        lines += [f"a=rid:{rid} recv" for rid in section.rids]
        lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return lines
