"""One sender's packets become an even flow of samples, whatever happens to them on the way."""

from __future__ import annotations

import random
from collections.abc import Callable

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localconnect.media.concealment import continued
from localconnect.media.jitter_buffer import JitterBuffer
from localconnect.media.opus import (
    FRAME,
    SAMPLE_RATE,
    OpusDecoder,
    OpusError,
    has_redundancy,
)
from localconnect.media.playout import Playout
from localconnect.media.time_stretch import lengthened, shortened
from tests.sound import (
    Sound,
    decoded,
    gaps,
    level_of,
    loudest_click,
    opus_packets,
    syllables,
    tone,
)

_STEP_S = 0.02


class _Path:
    """A way from a sender to a playout, which delays and loses packets."""

    def __init__(
        self,
        packets: list[bytes],
        *,
        loses: Callable[[], bool] = lambda: False,
        delay_s: Callable[[], float] = lambda: 0.0,
        ppm: float = 0.0,
        phase_s: float = 0.005,
        samples: int = FRAME,
    ) -> None:
        self.playout = Playout()
        self._samples = samples
        self.delays: list[float] = []
        self._arrivals = sorted(
            (number * samples / SAMPLE_RATE * (1 + ppm * 1e-6) + phase_s + delay_s(), number)
            for number in range(len(packets))
            if not loses()
        )
        self._packets = packets

    def play(self) -> Sound:
        """Everything that was sent, as it is heard."""
        frames, coming = [], iter(self._arrivals)
        at, number = next(coming)
        for step in range(len(self._packets) * self._samples // FRAME - 5):
            due = step * _STEP_S
            while at <= due:
                self.playout.put(number * self._samples, self._packets[number], at)
                at, number = next(coming, (float("inf"), 0))
            frames.append(self.playout.pull(due))
            self.delays.append(self.playout.delay)
        return np.concatenate(frames).astype(float)


def _chance(share: float) -> Callable[[], bool]:
    source = random.Random(3)
    return lambda: source.random() < share


def _jitter(mean_s: float) -> Callable[[], float]:
    source = random.Random(5)
    return lambda: source.expovariate(1 / mean_s)


@pytest.mark.parametrize("phase_s", [0.0005, 0.005, 0.0195])
def test_even_packets_wait_less_than_a_frame_and_a_half(phase_s: float) -> None:
    """Should lose nothing, conceal nothing, and add little delay in whatever phase the packets come."""
    path = _Path(opus_packets(tone(440, 10)), phase_s=phase_s)
    sound = path.play()
    assert path.playout.concealed_frames == 0
    assert gaps(sound[FRAME * 10 :], like=tone(440, 1)) == 0
    assert path.delays[-1] < 0.03


def test_uneven_packets_are_evened_out() -> None:
    """Should raise the delay as far as jitter makes it necessary, and conceal only what comes later than that."""
    path = _Path(opus_packets(tone(440, 20)), delay_s=_jitter(0.015))
    sound = path.play()
    assert path.playout.concealed_frames < 30
    assert gaps(sound[FRAME * 50 :], like=tone(440, 1)) == 0
    assert 0.02 < float(np.median(path.delays)) < 0.08


@pytest.mark.parametrize("loss", [0.05, 0.1])
@pytest.mark.parametrize("voice", [tone(440, 20), syllables(20)], ids=["tone", "syllables"])
def test_lost_packets_leave_no_gaps(loss: float, voice: Sound) -> None:
    """Should fill them, so that at most 2 % of the time is quieter than it was."""
    packets = opus_packets(voice)
    undisturbed = _Path(packets).play()
    path = _Path(packets, loses=_chance(loss), delay_s=_jitter(0.002))
    sound = path.play()
    assert gaps(sound, like=undisturbed) <= 0.02
    assert path.playout.recovered_frames + path.playout.concealed_frames > loss * 500


def test_redundancy_in_the_next_packet_is_used() -> None:
    """Should wait for it once packets are lost, and come nearer to what was said than a guess does."""
    path = _Path(opus_packets(syllables(20)), loses=_chance(0.1))
    path.play()
    assert path.playout.recovered_frames > 30


def test_recovered_frame_is_closer_than_a_continuation() -> None:
    """Should win some decibels over concealment, on all packets that carry redundancy."""
    packets = opus_packets(syllables(10))
    truth = decoded(packets).reshape(-1, FRAME)
    error_recovered = error_continued = 0.0
    decoder, past = OpusDecoder(), np.zeros(0, np.int16)
    for number, packet in enumerate(packets[:-1]):
        following = packets[number + 1]
        if number % 7 == 6 and has_redundancy(following):
            guess, _ = continued(past, FRAME)
            frame = decoder.recover(following, FRAME)
            error_recovered += float(np.sum((frame - truth[number]) ** 2))
            error_continued += float(np.sum((guess - truth[number]) ** 2))
        else:
            frame = decoder.decode(packet)
        past = np.concatenate((past, frame))[-1920:]
    assert 0 < error_recovered < error_continued / 4


@pytest.mark.parametrize("ppm", [-100, 100])
def test_clocks_that_differ_neither_starve_nor_pile_up(ppm: float) -> None:
    """Should hold the delay for eight minutes, in which such a clock goes wrong by 48 ms."""
    packets = opus_packets(tone(440, 2)) * 240
    path = _Path(packets, ppm=ppm)
    sound = path.play()
    assert path.playout.concealed_frames == 0
    assert max(path.delays[200:]) < 0.06
    for start in range(SAMPLE_RATE, len(sound) - SAMPLE_RATE, 7 * SAMPLE_RATE):
        part = sound[start + SAMPLE_RATE // 2 : start + SAMPLE_RATE]
        assert level_of(part, 440) > -20
        assert loudest_click(part) < -45


@pytest.mark.parametrize("milliseconds", [10, 40, 60])
def test_packets_of_other_lengths_are_played_evenly_too(milliseconds: int) -> None:
    """Should keep step with a client whose packets are shorter or longer than 20 ms, without hurrying to and fro."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "mono", "s16"
    encoder.options = {"frame_duration": str(milliseconds), "application": "voip"}
    samples = milliseconds * SAMPLE_RATE // 1000
    packets = []
    for number, part in enumerate(tone(440, 30).astype(np.int16).reshape(-1, samples)):
        frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, number * samples
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    path = _Path(packets, samples=samples, ppm=300)
    sound = path.play()
    assert path.playout.concealed_frames <= 2
    assert path.playout.stretched_frames <= 15
    assert gaps(sound[FRAME * 10 :], like=tone(440, 1)) == 0
    assert level_of(sound[-SAMPLE_RATE:], 440) > -20
    assert max(path.delays[100:]) < 0.05


def test_standstill_of_the_network_does_not_delay_for_good() -> None:
    """Should be back at a small delay seconds after half a second of packets came at once."""
    packets = opus_packets(tone(440, 30))
    stalled = iter(range(len(packets)))

    def delay() -> float:
        number = next(stalled)
        return max(0.0, (325 - number) * _STEP_S) if 300 <= number < 325 else 0.0

    path = _Path(packets, delay_s=delay)
    path.play()
    assert max(path.delays[330:]) < 0.25
    assert path.delays[-1] < 0.04


def test_sender_that_begins_anew_is_heard_at_once() -> None:
    """Should follow when its time jumps far ahead or back."""
    packets = opus_packets(tone(440, 1))
    playout = Playout()
    for jump in (0, 10_000_000, -9_000_000):
        heard = []
        for step, packet in enumerate(packets):
            now = 10 + jump / SAMPLE_RATE + step * _STEP_S
            playout.put(20_000_000 + jump + step * FRAME, packet, now)
            heard.append(playout.pull(now + 0.001))
        assert level_of(np.concatenate(heard[10:]).astype(float), 440) > -20


def test_reordered_packets_are_played_in_order() -> None:
    """Should take them out as they were spoken, and drop what comes after its turn."""
    buffer = JitterBuffer()
    for time in (0, 1920, 960):
        buffer.put(time, bytes([time // 960]))
    assert [buffer.take(FRAME) for _ in range(3)] == [b"\x00", b"\x01", b"\x02"]
    buffer.put(960, b"again")
    assert (buffer.late, len(buffer)) == (1, 0)


def test_flood_of_packets_is_bounded() -> None:
    """Should keep the newest half second of what one client sends at once."""
    buffer = JitterBuffer()
    for number in range(10_000):
        buffer.put(number * FRAME, b"x")
    assert len(buffer) == 25
    assert buffer.rest()[-1] == 9_999 * FRAME


@pytest.mark.parametrize("hertz", [100, 440, 3000])
def test_stretching_keeps_pitch_and_smoothness(hertz: float) -> None:
    """Should change the length by a period and leave the tone whole."""
    frames = tone(hertz, 0.2).astype(np.int16).reshape(-1, FRAME)
    for change, sign in ((shortened, -1), (lengthened, 1)):
        changed = change(frames[5])
        assert 120 <= sign * (len(changed) - FRAME) <= 600
        sound = np.concatenate((*frames[:5], changed, *frames[6:])).astype(float)
        assert level_of(sound, hertz) > -18
        assert loudest_click(sound, above_hertz=6000) < -50


_SPOKEN = opus_packets(syllables(1))
_payloads = st.one_of(
    st.sampled_from(_SPOKEN),
    st.binary(max_size=40),
    # The beginning says how the rest is coded: 2.5 to 120 ms, one or two channels, with or without redundancy.
    st.builds(
        lambda head, spoken: bytes([head]) + spoken[1:],
        st.integers(0, 255),
        st.sampled_from(_SPOKEN),
    ),
)
_arrivals = st.tuples(st.integers(-60_000, 60_000), _payloads, st.booleans())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(_arrivals, max_size=60))
def test_whatever_a_client_sends_the_next_frame_comes(
    arrivals: list[tuple[int, bytes, bool]],
) -> None:
    """Should give 20 ms at every step, so that one client's rubbish never stops the others' mix."""
    playout, time, now = Playout(), 0, 1.0
    for distance, payload, is_due in arrivals:
        time += distance // 120 * 120 if distance % 7 else FRAME
        playout.put(time, payload, now)
        if is_due:
            assert playout.pull(now).shape == (FRAME,)
            now += _STEP_S
    for _ in range(30):
        assert playout.pull(now).shape == (FRAME,)
        now += _STEP_S
    assert len(playout.unplayed()) <= 25


@pytest.mark.parametrize("payload", [b"", b"\xff\xff\xff", b"\x03\x31"])
def test_what_is_no_packet_is_refused(payload: bytes) -> None:
    """Should say so instead of decoding noise."""
    with pytest.raises(OpusError):
        OpusDecoder().decode(payload)
