"""Music, announcements and holding: who hears them, how they follow each other, and that nothing of them is left over."""

from __future__ import annotations

import asyncio
import itertools
import wave
from pathlib import Path

import numpy as np
import pytest

from localconnect.media import music, pieces
from localconnect.media.audio import AudioBridge
from localconnect.media.cues import Cue, Made
from localconnect.media.opus import FRAME, SAMPLE_RATE, Samples
from localconnect.media.pieces import Piece, UnreadableSound
from localconnect.media.player import TooManyAnnouncements
from tests.sound import (
    Ear,
    Mouth,
    Sound,
    decoded,
    level_of,
    loudest_click,
    opus_packets,
    simulated,
    tone,
)

_MUSIC_HZ, _BEEP_HZ = 500, 1200
_HEARD, _NOT_HEARD = -40, -60


def _piece(hertz: float, seconds: float) -> Piece:
    return pieces.encode(f"{hertz} Hz", tone(hertz, seconds).astype(np.int16))


def _part(sound: Sound, start_s: float, end_s: float) -> Sound:
    return sound[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]


def test_music_is_heard_in_a_loop_without_a_seam_and_by_one_alone() -> None:
    """Should pass the ready packets on, over and over, to the attendee it is played to."""

    async def scenario() -> tuple[Ear, Ear, Piece]:
        bridge = AudioBridge()
        ana, ben = Ear(bridge, "ana"), Ear(bridge, "ben")
        piece = _piece(_MUSIC_HZ, 1)
        bridge.player_for("ana").play(piece)
        await asyncio.sleep(4)
        bridge.close()
        return ana, ben, piece

    ana, ben, piece = simulated(scenario())
    assert {packet[12:] for packet in ana.packets[5:]} == set(piece.payloads)
    sound = ana.sound()
    assert level_of(_part(sound, 0.5, 3.9), _MUSIC_HZ) > -20
    assert loudest_click(_part(sound, 0.5, 3.9)) < -50
    assert not _part(ben.sound(), 0.1, 3.9).any()


def test_announcement_interrupts_music_which_then_goes_on() -> None:
    """Should fade from one into the other, say when the announcement is over, and never play both."""
    ended: list[float] = []

    async def scenario() -> Sound:
        bridge = AudioBridge()
        ear, player = Ear(bridge, "ana"), bridge.player_for("ana")
        loop = asyncio.get_running_loop()
        began = loop.time()
        player.play(_piece(_MUSIC_HZ, 1))
        await asyncio.sleep(2)
        player.announce(
            _piece(_BEEP_HZ, 0.5), _piece(900, 0.5), then=lambda: ended.append(loop.time() - began)
        )
        assert player.playing == f"{_BEEP_HZ} Hz"
        await asyncio.sleep(4)
        assert player.playing == f"{_MUSIC_HZ} Hz"
        bridge.close()
        return ear.sound()

    sound = simulated(scenario())
    assert ended == [pytest.approx(3.0, abs=0.05)]
    for start, end, audible in (
        (0.5, 1.9, _MUSIC_HZ),
        (2.1, 2.45, _BEEP_HZ),
        (2.65, 2.95, 900),
        (3.2, 5.9, _MUSIC_HZ),
    ):
        part = _part(sound, start, end)
        for hertz in (_MUSIC_HZ, _BEEP_HZ, 900):
            level = level_of(part, hertz)
            assert level > _HEARD if hertz == audible else level < _NOT_HEARD
    assert loudest_click(_part(sound, 0.5, 5.9)) < -45


def test_piece_without_loop_ends_and_says_so() -> None:
    """Should call back once, and send silence afterwards."""
    ended: list[str | None] = []

    async def scenario() -> Sound:
        bridge = AudioBridge()
        ear, player = Ear(bridge, "ana"), bridge.player_for("ana")
        player.play(_piece(_BEEP_HZ, 0.5), loop=False, then=lambda: ended.append(player.playing))
        await asyncio.sleep(2)
        bridge.close()
        return ear.sound()

    sound = simulated(scenario())
    assert ended == [None]
    assert level_of(_part(sound, 0.1, 0.45), _BEEP_HZ) > _HEARD
    assert np.abs(_part(sound, 0.7, 1.9)).max() < 10


def test_held_customer_hears_music_alone_and_is_heard_by_nobody() -> None:
    """Should part them from the agent on the spot, and bring them together again."""

    async def scenario() -> tuple[Sound, Sound]:
        bridge = AudioBridge()
        ears = Ear(bridge, "customer"), Ear(bridge, "agent")
        mouths = (
            Mouth(bridge, "customer", opus_packets(tone(700, 1))),
            Mouth(bridge, "agent", opus_packets(tone(1100, 1))),
        )

        async def hold() -> None:
            await asyncio.sleep(2)
            bridge.set_held("customer", True)
            bridge.player_for("customer").play(_piece(_MUSIC_HZ, 1))
            await asyncio.sleep(2)
            assert bridge.is_held("customer")
            bridge.set_held("customer", False)
            bridge.player_for("customer").stop()

        await asyncio.gather(*(mouth.speak_for(10) for mouth in mouths), hold())
        bridge.close()
        return ears[0].sound(), ears[1].sound()

    customer, agent = simulated(scenario())
    for start, end, held in ((0.5, 1.9, False), (2.1, 3.9, True), (4.2, 9.9, False)):
        part = _part(customer, start, end)
        assert (level_of(part, _MUSIC_HZ) > _HEARD) == held
        assert (level_of(part, 1100) > _HEARD) == (not held)
        assert (level_of(_part(agent, start, end), 700) > _HEARD) == (not held)
    assert loudest_click(_part(customer, 0.5, 9.9)) < -45
    assert loudest_click(_part(agent, 0.5, 9.9)) < -45


def test_player_outlives_the_connection_of_its_listener() -> None:
    """Should go on for an attendee who comes back, and begin for one who is not there yet."""

    async def scenario() -> tuple[int, int]:
        bridge = AudioBridge()
        bridge.player_for("ana").play(_piece(_MUSIC_HZ, 1))
        counts = []
        for _ in range(2):
            ear = Ear(bridge, "ana")
            await asyncio.sleep(1)
            bridge.remove_listener(ear.listener)
            counts.append(len(ear.packets))
            assert level_of(_part(ear.sound(), 0.3, 0.9), _MUSIC_HZ) > _HEARD
            await asyncio.sleep(1)
        bridge.close()
        return counts[0], counts[1]

    assert all(45 <= count <= 55 for count in simulated(scenario()))


def test_nothing_is_left_of_players_after_stop_forget_and_close() -> None:
    """Should hold no timer and call nobody back."""
    called: list[int] = []

    async def scenario() -> None:
        bridge = AudioBridge()
        ear = Ear(bridge, "ana")
        for end in (
            lambda: bridge.player_for("ana").stop(),
            lambda: bridge.forget("ana"),
            bridge.close,
        ):
            player = bridge.player_for("ana")
            player.play(_piece(_MUSIC_HZ, 0.1), loop=False, then=lambda: called.append(1))
            player.announce(_piece(_BEEP_HZ, 0.1), then=lambda: called.append(2))
            end()
            assert player.playing is None
        count = len(ear.packets)
        await asyncio.sleep(1)
        assert len(ear.packets) == count

    simulated(scenario())
    assert called == []


def test_announcements_cannot_pile_up() -> None:
    """Should refuse the twenty-first that waits, so that a flow in a loop fills no memory."""

    async def scenario() -> None:
        bridge = AudioBridge()
        player, beep = bridge.player_for("ana"), _piece(_BEEP_HZ, 0.1)
        player.announce(beep)
        player.announce(*[beep] * 20)
        with pytest.raises(TooManyAnnouncements):
            player.announce(beep)
        bridge.close()

    simulated(scenario())


@pytest.mark.parametrize("made", [music.hold_music(), music.queue_music()], ids=["hold", "queue"])
def test_music_is_quiet_even_and_seamless(made: Samples) -> None:
    """Should be a loop of 12 seconds below a voice's level, never silent and without a jump, at the seam too."""
    assert len(made) == 12 * SAMPLE_RATE
    twice = np.concatenate((made, made)).astype(float)
    assert np.abs(twice).max() <= 4_500
    steps = np.sqrt(np.mean(twice.reshape(-1, SAMPLE_RATE // 2) ** 2, axis=1))
    assert steps.min() > 200
    assert loudest_click(twice) < -50
    around_the_seam = np.diff(twice)[len(made) - 100 : len(made) + 100]
    assert np.abs(around_the_seam).max() <= np.abs(np.diff(made.astype(float))).max()


def test_queue_positions_are_counted_out() -> None:
    """Should beep as often as the position says, up to five, and differently for all beyond."""
    for position in range(1, 6):
        sound = np.abs(music.position_chime(position).astype(float))
        loudness = sound[: len(sound) // 480 * 480].reshape(-1, 480).max(axis=1)
        onsets = sum(b > 3000 and b > 2 * a for a, b in itertools.pairwise([0.0, *loudness]))
        assert onsets == position
    assert np.array_equal(music.position_chime(6), music.position_chime(60))
    with pytest.raises(ValueError, match="begin at 1"):
        music.position_chime(0)


async def test_pieces_are_made_once_and_shared() -> None:
    """Should give everybody the same packets, also when they ask at once."""
    first, second = await asyncio.gather(
        *[pieces.prepared(Cue(Made.HOLD_MUSIC)) for _ in range(2)]
    )
    assert first is second
    assert first.seconds == 12
    assert (await pieces.prepared(Cue(Made.QUEUE_MUSIC))).payloads != first.payloads
    [seventh, eighth] = [
        await pieces.prepared(Cue(Made.POSITION, position=position)) for position in (7, 8)
    ]
    assert seventh is eighth
    assert (await pieces.prepared(Cue(Made.GREETING))).seconds < 2


async def test_companys_own_file_is_played(tmp_path: Path) -> None:
    """Should read another rate and two channels, and read the file again when it has changed."""
    path = tmp_path / "welcome.wav"
    for hertz in (600, 900):
        samples = tone(hertz, 1)[::3].astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(np.repeat(samples, 2).tobytes())
        piece = await pieces.from_file(path)
        assert piece is await pieces.from_file(path)
        assert abs(piece.seconds - 1) < 0.05
        assert level_of(decoded(piece.payloads)[FRAME * 5 : -FRAME * 5], hertz) > -20


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read"), (b"no sound", "holds no sound"), (b"", "holds no sound")],
)
async def test_file_that_is_no_sound_is_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    """Should say which file and why."""
    path = tmp_path / "welcome.ogg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableSound, match=message) as caught:
        await pieces.from_file(path)
    assert str(path) in str(caught.value)
