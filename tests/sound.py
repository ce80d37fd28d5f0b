"""Sound for tests: tones and syllables, Opus packets of them, time that passes at once, and what an ear can measure.

Knows libopus through the product's own binding, and nothing else of the product but the bridge it speaks to.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from localconnect.media import rtp
from localconnect.media.audio import AudioBridge
from localconnect.media.audio_listener import AudioListener
from localconnect.media.audio_sender import AudioSender
from localconnect.media.opus import FRAME, SAMPLE_RATE, Application, OpusDecoder, OpusEncoder

T = TypeVar("T")
Sound = NDArray[np.float64]

# Time -----------------------------------------------------------------------------------------------------------------


class _Impatient(selectors.SelectSelector):
    """Waits for nothing: `pass_time` is told instead how long it would have waited."""

    pass_time: Callable[[float], None]

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout:
            self.pass_time(timeout)
        return events


class _SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        selector = _Impatient()
        selector.pass_time = self._pass_time
        self._now = 1000.0
        super().__init__(selector)

    def _pass_time(self, seconds: float) -> None:
        self._now += seconds

    def time(self) -> float:
        return self._now


def simulated(scenario: Coroutine[Any, Any, T]) -> T:
    """Run a scenario in which timers are exact and waiting takes no time."""
    with asyncio.Runner(loop_factory=_SimulatedLoop) as runner:
        return runner.run(scenario)


# Making ---------------------------------------------------------------------------------------------------------------


def tone(hertz: float, seconds: float, amplitude: float = 6000) -> Sound:
    return amplitude * np.sin(
        2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    )


def syllables(seconds: float, pitch: float = 120) -> Sound:
    """A voice as far as a codec is concerned: a wavering pitch with overtones, in syllables."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = np.cumsum(2 * np.pi * (pitch + 15 * np.sin(4.4 * time)) / SAMPLE_RATE)
    voice = sum(np.sin(k * phase) / k for k in range(1, 25))
    noise = np.random.default_rng(1).standard_normal(len(time)) * 0.05
    envelope = np.sqrt(np.clip(np.sin(17 * time), 0, 1))
    return (voice + noise) * envelope * 5000


def opus_packets(sound: Sound) -> list[bytes]:
    encoder = OpusEncoder(
        Application.VOICE, bits_per_second=40_000, complexity=4, expected_loss_percent=10
    )
    frames = sound[: len(sound) // FRAME * FRAME].astype(np.int16).reshape(-1, FRAME)
    return [encoder.encode(frame) for frame in frames]


class Mouth:
    """Somebody who speaks `packets` over and over, one every 20 ms."""

    def __init__(self, bridge: AudioBridge, owner: str, packets: list[bytes]) -> None:
        self.sender = AudioSender(owner, muted=False)
        self.number = 0
        self.packets = packets
        self._bridge = bridge
        bridge.add_sender(self.sender)

    def packet(self) -> bytes:
        """The next one, with its header."""
        number = self.number
        self.number += 1
        head = rtp.header(
            payload_type=111,
            marker=0,
            sequence_number=number & 0xFFFF,
            timestamp=number * FRAME & 0xFFFFFFFF,
            ssrc=sum(self.sender.owner.encode()),
        )
        return head + self.packets[number % len(self.packets)]

    def speak(self) -> None:
        self._bridge.receive(self.sender, self.packet(), asyncio.get_running_loop().time())

    async def speak_for(
        self, seconds: float, *, loses: Callable[[], bool] = lambda: False
    ) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for count in range(round(seconds / 0.02)):
            if loses():
                self.number += 1
            else:
                self.speak()
            await asyncio.sleep(max(0.0, started + 0.02 * (count + 1) - loop.time()))


# Hearing --------------------------------------------------------------------------------------------------------------


class Ear:
    """A listener, everything it was sent, and what it decodes to."""

    def __init__(self, bridge: AudioBridge, owner: str) -> None:
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self.listener = AudioListener(
            owner,
            ssrc=77,
            payload_type=109,
            send=self.packets.append,
            send_report=self.reports.append,
        )
        bridge.add_listener(self.listener)

    def sound(self) -> Sound:
        """All of it in the order of its numbers; these must have no gap and no repetition."""
        numbers = [rtp.sequence_number(packet) for packet in self.packets]
        assert numbers == [(numbers[0] + k) & 0xFFFF for k in range(len(numbers))]
        return decoded(packet[12:] for packet in self.packets)


def decoded(payloads: Iterable[bytes]) -> Sound:
    decoder = OpusDecoder()
    return np.concatenate([decoder.decode(payload) for payload in payloads]).astype(float)


def level_of(sound: Sound, hertz: float) -> float:
    """How loud a pitch is in it, in dB below a full-scale sine."""
    window = np.hanning(len(sound))
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / SAMPLE_RATE)
    amplitude = 2 * abs(np.sum(sound * window * turning)) / np.sum(window)
    return float(20 * np.log10(max(amplitude, 1e-9) / 32768))


def gaps(sound: Sound, like: Sound, *, below_db: float = 10) -> float:
    """The share of 20 ms steps that are that much quieter than the median of `like`, beyond what `like` has itself."""
    loud = np.median(_steps(like)[_steps(like) > 100])
    limit = loud * 10 ** (-below_db / 20)
    return float(np.mean(_steps(sound) < limit) - np.mean(_steps(like) < limit))


def _steps(sound: Sound) -> Sound:
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    return np.sqrt(np.mean(frames**2, axis=1))


def loudest_click(sound: Sound, *, above_hertz: float = 4000) -> float:
    """The strongest 2.5 ms of what lies above all pitches in it, in dB below full scale: a jump is heard there."""
    edge = np.sin(np.linspace(0, np.pi / 2, 960)) ** 2  # the cut at both ends is no click
    spectrum = np.fft.rfft(
        np.concatenate((sound[:960] * edge, sound[960:-960], sound[-960:] * edge[::-1]))
    )
    spectrum[: int(above_hertz * len(sound) / SAMPLE_RATE)] = 0
    rest = np.fft.irfft(spectrum, len(sound))
    pieces = rest[: len(rest) // 120 * 120].reshape(-1, 120)
    return float(20 * np.log10(np.sqrt(np.mean(pieces**2, axis=1)).max() / 32768 + 1e-9))
