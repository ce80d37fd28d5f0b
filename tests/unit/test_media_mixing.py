"""Who hears what when more than one is sounding: pitches in each ear, and nothing audible where it changes."""

from __future__ import annotations

import asyncio
import itertools
import random

import numpy as np

from localconnect.media import rtp
from localconnect.media.audio import AudioBridge
from localconnect.media.mixing import Mix
from localconnect.media.opus import FRAME, SAMPLE_RATE
from tests.sound import (
    Ear,
    Mouth,
    Sound,
    decoded,
    gaps,
    level_of,
    loudest_click,
    opus_packets,
    simulated,
    syllables,
    tone,
)

_PITCHES = {"ana": 400, "ben": 1000, "eve": 1700}
_HEARD, _NOT_HEARD = -40, -60
_CLICK = -45
"""In dB below full scale; the tones are at -15, and breaking one off measures above -40."""


def _between(sound: Sound, start_s: float, end_s: float) -> Sound:
    return sound[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]


def _levels(sound: Sound) -> dict[str, float]:
    return {name: level_of(sound, pitch) for name, pitch in _PITCHES.items()}


async def _conversation(*, eve_begins: float, eve_ends: float, ends: float) -> dict[str, Ear]:
    """Ana and Ben speak, Eve listens and speaks for a while, each in a phase of their own."""
    bridge = AudioBridge()
    ears = {name: Ear(bridge, name) for name in _PITCHES}
    mouths = {
        name: Mouth(bridge, name, opus_packets(tone(pitch, 2))) for name, pitch in _PITCHES.items()
    }

    async def speak(name: str, begins: float, until: float) -> None:
        await asyncio.sleep(begins)
        await mouths[name].speak_for(until - begins)

    async def tick() -> None:
        for _ in range(round(ends / 0.2)):
            await asyncio.sleep(0.2)
            bridge.tick()

    await asyncio.gather(
        speak("ana", 0.003, ends),
        speak("ben", 0.011, ends),
        speak("eve", eve_begins + 0.017, eve_ends),
        tick(),
    )
    bridge.close()
    return ears


def test_everybody_hears_all_others_and_not_themselves() -> None:
    """Should bring the other two pitches to each ear, and keep its own out."""
    ears = simulated(_conversation(eve_begins=0, eve_ends=4, ends=4))
    for name, ear in ears.items():
        levels = _levels(_between(ear.sound(), 1.5, 3.5))
        assert levels.pop(name) < _NOT_HEARD
        assert min(levels.values()) > _HEARD


def test_third_voice_comes_and_goes_without_a_click() -> None:
    """Should switch from passing on to mixing and back within a steady tone, and no jump or gap is heard."""
    ears = simulated(_conversation(eve_begins=2, eve_ends=4, ends=10))
    for name in ("ana", "ben"):
        sound = ears[name].sound()
        other = "ben" if name == "ana" else "ana"
        assert _levels(_between(sound, 3, 3.8))["eve"] > _HEARD
        for start, end in itertools.pairwise((0.5, 1.8, 3.0, 4.5, 6.0, 7.5, 9.0)):
            part = _between(sound, start, end)
            assert _levels(part)[other] > _HEARD
            assert loudest_click(part) < _CLICK
        assert gaps(_between(sound, 0.5, 9), like=tone(400, 1)) == 0


def test_one_voice_passes_undecoded_again_after_the_others_have_left() -> None:
    """Should leave the mix within seconds, since mixing costs and delays."""
    ears = simulated(_conversation(eve_begins=1, eve_ends=2, ends=8))
    sent = set(opus_packets(tone(_PITCHES["ben"], 2)))
    payloads = [packet[12:] for packet in ears["ana"].packets]
    assert set(payloads[-50:]) <= sent
    assert not set(payloads[75:125]) & sent


def test_time_goes_on_evenly_through_all_changes() -> None:
    """Should number every packet, and count 20 ms for each, whatever it is made of."""
    ears = simulated(_conversation(eve_begins=1, eve_ends=3, ends=8))
    for ear in ears.values():
        times = [rtp.timestamp(packet) for packet in ear.packets]
        steps = [b - a for a, b in itertools.pairwise(times)]
        assert set(steps) == {FRAME}
        assert abs(len(times) * 0.02 - 8) < 0.2


def test_voices_stay_intelligible_when_each_loses_packets() -> None:
    """Should leave gaps in at most 2 % of the time with 5 % and with 10 % loss."""

    async def scenario(loss: float) -> Sound:
        bridge, chance = AudioBridge(), random.Random(7)
        ear = Ear(bridge, "ana")
        packets = opus_packets(syllables(10))
        ben = Mouth(bridge, "ben", packets)
        eve = Mouth(bridge, "eve", opus_packets(np.zeros(SAMPLE_RATE)))
        await asyncio.gather(
            ben.speak_for(10, loses=lambda: chance.random() < loss), eve.speak_for(10)
        )
        bridge.close()
        return ear.sound()

    undisturbed = simulated(scenario(0.0))
    for loss in (0.05, 0.1):
        assert gaps(simulated(scenario(loss)), like=undisturbed) <= 0.02


def test_muted_sender_is_not_heard_whatever_it_sends() -> None:
    """Should fade the voice out, send silence meanwhile, and bring the voice back."""

    async def scenario() -> Sound:
        bridge = AudioBridge()
        ear, mouth = Ear(bridge, "ana"), Mouth(bridge, "ben", opus_packets(tone(1000, 2)))
        for muted in (False, True, False):
            bridge.set_muted(mouth.sender, muted)
            await mouth.speak_for(1)
        bridge.close()
        return ear.sound()

    sound = simulated(scenario())
    assert level_of(_between(sound, 0.2, 0.9), 1000) > _HEARD
    assert np.abs(_between(sound, 1.1, 1.95)).max() < 10
    assert level_of(_between(sound, 2.3, 2.9), 1000) > _HEARD
    assert loudest_click(_between(sound, 0.5, 1.9)) < _CLICK


def test_muted_senders_are_not_decoded() -> None:
    """Should cost nothing but the count of its packets when two speak and a third sends unheard."""

    async def scenario() -> None:
        bridge = AudioBridge()
        ear = Ear(bridge, "ana")
        ben = Mouth(bridge, "ben", opus_packets(tone(400, 1)))
        eve = Mouth(bridge, "eve", opus_packets(tone(1000, 1)))
        bridge.set_muted(eve.sender, True)
        await asyncio.gather(ben.speak_for(1), eve.speak_for(1))
        assert ear.listener.source is ben.sender
        assert not ear.listener.mixes
        bridge.close()

    simulated(scenario())


def test_packets_that_are_no_opus_disturb_nobody_else() -> None:
    """Should go on mixing the others when one sends rubbish."""

    async def scenario() -> Sound:
        bridge = AudioBridge()
        ear = Ear(bridge, "ana")
        ben = Mouth(bridge, "ben", opus_packets(tone(1000, 2)))
        eve = Mouth(bridge, "eve", [b"", b"\xff\xff\xff", b"rubbish" * 30])
        await asyncio.gather(ben.speak_for(2), eve.speak_for(2))
        bridge.close()
        return ear.sound()

    assert level_of(_between(simulated(scenario()), 0.5, 1.9), 1000) > _HEARD


def test_loud_voices_together_are_bent_and_not_cut() -> None:
    """Should keep a sum that exceeds full scale below it, and its overtones low."""
    loud = [tone(pitch, 1, 20_000).astype(np.int16) for pitch in (300, 500, 700)]
    mix: Mix[int] = Mix()
    sources = frozenset(range(3))
    packets = [
        mix.packet(sources, lambda s, at=at: loud[s][at : at + FRAME])
        for at in range(0, SAMPLE_RATE, FRAME)
    ]
    sound = _between(decoded(packets), 0.2, 0.9)
    assert all(level_of(sound, pitch) > -12 for pitch in (300, 500, 700))
    assert loudest_click(sound, above_hertz=8000) < -40


def test_bridge_frees_decoders_when_nobody_needs_them_and_on_close() -> None:
    """Should hold no decoder for a sender that is passed on, and none for anybody in the end."""

    async def scenario() -> None:
        bridge = AudioBridge()
        ear = Ear(bridge, "ana")
        mouths = [Mouth(bridge, name, opus_packets(tone(400, 1))) for name in ("ben", "eve")]
        await asyncio.gather(*(mouth.speak_for(1) for mouth in mouths))
        assert all(mouth.sender.decodes for mouth in mouths)
        bridge.remove_sender(mouths[1].sender)
        await mouths[0].speak_for(5)
        assert not any(mouth.sender.decodes for mouth in mouths)
        bridge.add_sender(mouths[1].sender)
        await asyncio.gather(*(mouth.speak_for(1) for mouth in mouths))
        assert all(mouth.sender.decodes for mouth in mouths)
        bridge.close()
        assert not any(mouth.sender.decodes for mouth in mouths)
        count = len(ear.packets)
        await asyncio.sleep(1)
        assert len(ear.packets) == count

    simulated(scenario())
