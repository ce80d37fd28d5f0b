"""Opus by way of libopus itself (RFC 6716): the codec of all sound here, mono at 48 kHz.

PyAV brings libopus and calls it, but cannot recover a lost packet from the redundancy in the next one, nor encode one
frame at a time without wrapping it twice; so this binds the few functions of that same library. Their names and
arguments have not changed since 2012. It must not know of packets' order, RTP or who speaks.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE = 48_000
FRAME = 960
"""Samples of 20 ms, the duration of every packet that is made here."""

_CHANNELS = 1
_LONGEST_PACKET_S = 0.12
_MOST_SAMPLES = int(_LONGEST_PACKET_S * SAMPLE_RATE)
_MOST_BYTES = 1275
_SET_BITRATE, _SET_COMPLEXITY, _SET_FEC, _SET_LOSS = 4002, 4010, 4012, 4014


class OpusError(ValueError):
    """libopus refused its input: a packet that is none, or an impossible setting."""


class Application(IntEnum):
    """What an encoder is tuned for."""

    VOICE = 2048
    MUSIC = 2049


class OpusDecoder:
    """One stream's way back to samples."""

    __slots__ = ("_pcm", "_pcm_at", "_state")

    def __init__(self) -> None:
        self._state = ctypes.create_string_buffer(_lib.opus_decoder_get_size(_CHANNELS))
        _check(_lib.opus_decoder_init(self._state, SAMPLE_RATE, _CHANNELS))
        self._pcm: Samples = np.empty(_MOST_SAMPLES, np.int16)
        self._pcm_at = self._pcm.ctypes.data

    def decode(self, payload: bytes) -> Samples:
        """The samples of one packet.

        :raises OpusError: it is no Opus packet.
        """
        return self._decode(payload, _MOST_SAMPLES, from_next=0)

    def recover(self, following: bytes, samples: int) -> Samples:
        """A lost packet of that duration, a multiple of 2.5 ms, from the redundancy in the one after it.

        :raises OpusError: `following` is no Opus packet.
        """
        return self._decode(following, samples, from_next=1)

    def _decode(self, payload: bytes, samples: int, *, from_next: int) -> Samples:
        if not payload:
            raise OpusError("an empty packet")
        count = _check(
            _lib.opus_decode(self._state, payload, len(payload), self._pcm_at, samples, from_next)
        )
        return self._pcm[:count].copy()


class OpusEncoder:
    """One stream of 20 ms packets, with in-band FEC for a listener who loses some."""

    __slots__ = ("_packet", "_state")

    def __init__(
        self,
        application: Application,
        *,
        bits_per_second: int,
        complexity: int,
        expected_loss_percent: int,
    ) -> None:
        self._packet = ctypes.create_string_buffer(_MOST_BYTES)
        self._state = ctypes.create_string_buffer(_lib.opus_encoder_get_size(_CHANNELS))
        _check(_lib.opus_encoder_init(self._state, SAMPLE_RATE, _CHANNELS, application))
        self._set(_SET_BITRATE, bits_per_second)
        self._set(_SET_COMPLEXITY, complexity)
        self._set(_SET_FEC, int(expected_loss_percent > 0))
        self._set(_SET_LOSS, expected_loss_percent)

    def encode(self, samples: Samples) -> bytes:
        """The packet of `FRAME` samples."""
        frame = np.ascontiguousarray(samples, np.int16)
        if len(frame) != FRAME:
            raise OpusError(f"a frame has {FRAME} samples, not {len(frame)}")
        size = _check(
            _lib.opus_encode(self._state, frame.ctypes.data, FRAME, self._packet, _MOST_BYTES)
        )
        return self._packet.raw[:size]

    def _set(self, request: int, value: int) -> None:
        _check(_lib.opus_encoder_ctl(self._state, request, ctypes.c_int(value)))


def has_redundancy(payload: bytes) -> bool:
    """Whether a packet carries its predecessor in a lower quality; says no for packets of several frames.

    Its first bits say of each 20 ms whether there is a voice, and the next whether there is redundancy, once for each
    channel (RFC 6716 §3.1, §4.2.3).
    """
    if len(payload) < 2 or payload[0] & 0x83:  # the CELT layer alone, or several frames
        return False
    parts = 1 if payload[0] & 0x60 == 0x60 else max(1, payload[0] >> 3 & 3)
    flags = 1 << 7 - parts
    if payload[0] & 4:
        flags |= 1 << max(0, 6 - 2 * parts)
    return bool(payload[1] & flags)


def _check(result: int) -> int:
    if result < 0:
        raise OpusError(_lib.opus_strerror(result).decode())
    return result


def _places() -> Iterator[str]:
    """Where a libopus may be: beside PyAV on Linux and Windows, inside it on macOS, else the system's."""
    package = Path(av.__file__).parent
    for folder in (package.parent / "av.libs", package / ".dylibs"):
        yield from sorted(str(path) for path in folder.glob("*opus*"))
    system = ctypes.util.find_library("opus")
    if system:
        yield system


def _load() -> Any:
    for place in _places():
        try:
            return _declared(ctypes.CDLL(place))
        except (OSError, AttributeError):
            continue  # another architecture's, or another library that has "opus" in its name
    raise ImportError(
        "libopus was not found. PyAV's wheels contain it (pip install --only-binary av av); "
        "where PyAV is built from source, install the system's (on Debian: apt install libopus0)."
    )


def _declared(lib: Any) -> Any:
    integer, pointer = ctypes.c_int, ctypes.c_void_p
    data, bits = ctypes.c_char_p, ctypes.c_int32
    lib.opus_decoder_get_size.argtypes = [integer]
    lib.opus_decoder_init.argtypes = [pointer, bits, integer]
    lib.opus_decode.argtypes = [pointer, data, bits, pointer, integer, integer]
    lib.opus_encoder_get_size.argtypes = [integer]
    lib.opus_encoder_init.argtypes = [pointer, bits, integer, integer]
    lib.opus_encode.argtypes = [pointer, pointer, integer, pointer, bits]
    lib.opus_encode.restype = bits
    # Its further arguments are variadic: they are declared where they are given.
    lib.opus_encoder_ctl.argtypes = [pointer, integer]
    lib.opus_strerror.argtypes = [integer]
    lib.opus_strerror.restype = ctypes.c_char_p
    return lib


_lib = _load()
