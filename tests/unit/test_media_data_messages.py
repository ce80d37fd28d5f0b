"""What data messages are let through, in which order, and for how long they wait for late joiners."""

from __future__ import annotations

from localconnect.media.data_messages import (
    KEPT_MESSAGES,
    MAX_LIFETIME_MS,
    MESSAGES_PER_SECOND,
    DataMessage,
    DataMessages,
)

_S = 1_000_000_000


def _message(
    data: bytes = b"x", *, topic: str = "chat", lifetime_ms: int = 0, sender: str = "ana"
) -> DataMessage:
    return DataMessage(topic, data, lifetime_ms, sender, sender.title())


def test_malformed_messages_are_dropped() -> None:
    """Should let through what the SDK would: a plain topic of 36 characters and 2,048 bytes."""
    messages = [
        _message(topic="bad topic!"),
        _message(topic=""),
        _message(topic="a" * 37),
        _message(bytes(2049)),
        _message(bytes(2048), topic="a" * 36),
    ]
    accepted, throttled = DataMessages().take(messages, _S)
    assert [m.topic for m in accepted] == ["a" * 36]
    assert throttled == []


def test_times_tell_the_order_even_when_the_clock_stands_still() -> None:
    """Should grow strictly across senders, and never fall when the clock is set back."""
    store = DataMessages()
    first, _ = store.take([_message(b"1"), _message(b"2")], 5 * _S)
    second, _ = store.take([_message(b"3", sender="ben")], 4 * _S)
    times = [m.ingest_time_ns for m in first + second]
    assert times == sorted(set(times))


def test_sender_of_too_many_gets_them_back() -> None:
    """Should throttle one sender's messages beyond the allowance, marked by a time of 0, and refill it with time."""
    store = DataMessages()
    store.take([_message()] * MESSAGES_PER_SECOND, _S)
    accepted, throttled = store.take([_message(b"late")], _S)
    assert accepted == []
    assert [(m.data, m.ingest_time_ns) for m in throttled] == [(b"late", 0)]
    others, _ = store.take([_message(sender="ben")], _S)
    assert len(others) == 1
    again, _ = store.take([_message()] * 3, _S + 2 * _S // MESSAGES_PER_SECOND)
    assert len(again) == 2


def test_frame_full_of_tiny_messages_is_not_answered_in_kind() -> None:
    """Should look at a second's worth of one frame only."""
    accepted, throttled = DataMessages().take([_message()] * 10_000, _S)
    assert len(accepted) + len(throttled) == MESSAGES_PER_SECOND


def test_late_joiner_gets_what_is_still_alive() -> None:
    """Should keep messages with a lifetime, in order, until it is over, and none of the joiner's own."""
    store = DataMessages()
    store.take([_message(b"gone"), _message(b"short", lifetime_ms=1000)], _S)
    store.take(
        [_message(b"long", lifetime_ms=9000), _message(b"ben's", lifetime_ms=9000, sender="ben")],
        _S,
    )
    assert [m.data for m in store.alive("cleo", _S + _S // 2)] == [b"short", b"long", b"ben's"]
    assert [m.data for m in store.alive("ben", 3 * _S)] == [b"long"]
    assert list(store.alive("cleo", 20 * _S)) == []


def test_lifetime_and_store_are_bounded() -> None:
    """Should cut a lifetime to five minutes and drop the oldest messages beyond the limit."""
    store = DataMessages()
    (message,), _ = store.take([_message(lifetime_ms=2**32 - 1)], _S)
    assert message.lifetime_ms == MAX_LIFETIME_MS
    for number in range(KEPT_MESSAGES):
        store.take([_message(str(number).encode(), lifetime_ms=300_000)], (number + 2) * _S // 50)
    kept = list(store.alive("ben", 30 * _S))
    assert len(kept) == KEPT_MESSAGES
    assert kept[0].data == b"0"
