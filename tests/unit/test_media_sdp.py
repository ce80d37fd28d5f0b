"""Offers that real browsers made through the SDK, and the answers to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from localconnect.media import sdp

_OFFERS = Path(__file__).parent / "media_offers"
_LOCAL = sdp.LocalTransport(
    ice_username="user",
    ice_password="a-password-of-22-chars",
    fingerprint=("sha-256", "AA:BB"),
    candidates=("1 1 udp 2130706431 192.0.2.7 40000 typ host",),
)


def _offer(name: str) -> sdp.Offer:
    return sdp.parse_offer((_OFFERS / f"{name}.sdp").read_text())


def _sections(answer: str) -> list[list[str]]:
    return [("m=" + part).split("\r\n") for part in answer.split("\r\nm=")[1:]]


def _answer(offer: sdp.Offer, **sent: sdp.Sent) -> str:
    by_mid = {mid.removeprefix("m"): track for mid, track in sent.items()}
    return sdp.write_answer(offer, _LOCAL, version=1, sent=by_mid, received=frozenset({"0", "1"}))


def test_chromium_offer_is_read() -> None:
    """Should find transport, sections, directions and payload types."""
    offer = _offer("chromium-two-videos")
    assert [(s.kind, s.mid, s.direction) for s in offer.sections] == [
        ("audio", "0", "sendrecv"),
        ("video", "1", "sendrecv"),
        ("video", "2", "recvonly"),
    ]
    assert len(offer.ice_password) >= 22
    assert offer.fingerprints[0][0] == "sha-256"
    assert any("typ host" in candidate for candidate in offer.candidates)
    assert offer.audio is not None
    assert offer.audio.payload_type(sdp.AUDIO_CODEC) == 111
    assert offer.audio.audio_level_id == 1
    assert offer.videos[0].payload_type(sdp.VIDEO_CODEC) == 96


def test_firefox_offer_is_read() -> None:
    """Should take the fingerprint from the session, and port 0 with bundle-only for a live section."""
    offer = _offer("firefox-bundle-only")
    assert offer.fingerprints[0][0] == "sha-256"
    assert [s.rejected for s in offer.sections] == [False] * 4
    assert offer.videos[0].sends
    assert offer.videos[1].receives


def test_answer_lets_the_codec_be_vp8_and_the_feedback_be_what_is_served() -> None:
    """Should keep one codec, four kinds of feedback and the offered parameters, and no header extension."""
    (_, camera, _) = _sections(_answer(_offer("chromium-two-videos")))
    assert camera[0] == "m=video 9 UDP/TLS/RTP/SAVPF 96"
    assert "a=recvonly" in camera
    assert [line for line in camera if line.startswith("a=rtcp-fb")] == [
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:96 ccm fir",
        "a=rtcp-fb:96 goog-remb",
    ]
    assert not [line for line in camera if line.startswith("a=extmap")]


def test_answer_repeats_the_start_bitrate_of_the_offer() -> None:
    """Should copy the parameters that the SDK put into its own offer."""
    offer = _offer("chromium-two-videos")
    offered = [v for v in offer.videos[0].values("fmtp") if v.startswith("96 ")]
    (_, camera, _) = _sections(_answer(offer))
    assert [line for line in camera if line.startswith("a=fmtp")] == [
        f"a=fmtp:{value}" for value in offered
    ]


def test_answer_sends_a_watched_video_under_its_label() -> None:
    """Should make the stream id `v_` and the mid, and announce the SSRC."""
    answer = _answer(_offer("chromium-two-videos"), m2=sdp.Sent(ssrc=99, label="v_2"))
    watched = _sections(answer)[2]
    assert "a=sendonly" in watched
    assert "a=msid:v_2 v_2" in watched
    assert "a=ssrc:99 cname:localconnect" in watched


def test_answer_to_a_section_without_a_stream_is_inactive() -> None:
    """Should keep the section alive, so that the browser can use it again."""
    unused = _sections(_answer(_offer("chromium-two-videos")))[2]
    assert unused[0].startswith("m=video 9 ")
    assert "a=inactive" in unused


def test_answer_to_a_stopped_section_keeps_it_out_of_the_bundle() -> None:
    """Should echo port 0 and bundle the others only."""
    head, audio, camera, watched = _cut((_OFFERS / "chromium-two-videos.sdp").read_text())
    stopped = watched.replace("m=video 9 ", "m=video 0 ").replace("a=recvonly", "a=inactive")
    answer = _answer(sdp.parse_offer(head + audio + camera + stopped))
    assert "a=group:BUNDLE 0 1\r\n" in answer
    assert _sections(answer)[2][0].startswith("m=video 0 ")


def test_answer_to_firefox_bundles_its_idle_sections() -> None:
    """Should accept every bundle-only section: refusing one makes the SDK reconnect for ever."""
    answer = _answer(_offer("firefox-bundle-only"))
    assert "a=group:BUNDLE 0 1 3 4\r\n" in answer
    assert "m=video 0 " not in answer


def test_answer_offers_candidates_once() -> None:
    """Should put them into the first section, with their end."""
    answer = _answer(_offer("chromium-two-videos"))
    assert answer.count("a=candidate:") == 1
    assert "a=end-of-candidates" in _sections(answer)[0]


def test_answer_to_sound_is_opus_with_levels() -> None:
    """Should drop every other codec and keep the level extension under the offered id."""
    audio = _sections(_answer(_offer("chromium-view-only"), m0=sdp.Sent(ssrc=5, label="a_0")))[0]
    assert audio[0] == "m=audio 9 UDP/TLS/RTP/SAVPF 111"
    assert "a=sendrecv" in audio
    assert "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level" in audio


def test_answer_refuses_video_without_vp8() -> None:
    """Should refuse a section that has nothing in common with this server."""
    text = (_OFFERS / "chromium-two-videos.sdp").read_text().replace("VP8/90000", "XY8/90000")
    assert _sections(_answer(sdp.parse_offer(text)))[1][0].startswith("m=video 0 ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n",
        "v=0\r\nm=audio\r\na=mid:0\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\n",
    ],
    ids=["empty", "no section", "no transport", "broken m=", "no mid"],
)
def test_offer_without_what_an_answer_needs_is_refused(text: str) -> None:
    """Should say so instead of answering nonsense."""
    with pytest.raises(sdp.MalformedOffer):
        sdp.parse_offer(text)


def _cut(text: str) -> list[str]:
    head, *sections = text.split("\r\nm=") if "\r\n" in text else text.split("\nm=")
    newline = "\r\n" if "\r\n" in text else "\n"
    return [head + newline, *("m=" + s.rstrip() + newline for s in sections)]


def test_simulcast_is_taken_with_its_layers() -> None:
    """Should read the layers in their order, paused ones too, and accept each with the extension that names it."""
    offer = _offer("chromium-simulcast")
    (camera,) = offer.videos
    assert camera.rids == ["low", "mid", "hi"]
    answer = _answer(offer)
    _, section = _sections(answer)
    extension_id = camera.extension_id(sdp.RTP_STREAM_ID)
    assert f"a=extmap:{extension_id} {sdp.RTP_STREAM_ID}" in section
    assert [line for line in section if line.startswith("a=rid:")] == [
        "a=rid:low recv",
        "a=rid:mid recv",
        "a=rid:hi recv",
    ]
    assert "a=simulcast:recv low;mid;hi" in section


def test_idle_camera_is_answered_with_the_extension_for_layers() -> None:
    """Should keep it open: what the first answer lacks, a browser does not offer again."""
    text = (_OFFERS / "chromium-simulcast.sdp").read_text()
    idle = text.replace("a=sendrecv", "a=inactive").split("a=rid:")[0]
    answer = sdp.write_answer(
        sdp.parse_offer(idle), _LOCAL, version=1, sent={}, received=frozenset()
    )
    assert sdp.RTP_STREAM_ID in answer
    assert "simulcast" not in answer
