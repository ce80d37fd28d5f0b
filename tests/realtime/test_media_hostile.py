"""Clients that mean harm, in a meeting with others: they are closed with the code that says why, and nobody notices."""

from __future__ import annotations

from typing import Any

import pytest

from localconnect.media import signaling_pb2 as pb
from tests.realtime.media_client import BROWSER_OFFER
from tests.realtime.media_world import MediaWorld

_Frame = pb.SignalFrame
_CAMERA = {"media_type": pb.VIDEO, "track_label": "camera"}


def _subscribe(**changes: Any) -> pb.Subscribe:
    fields: dict[str, Any] = {
        "duplex": pb.DUPLEX,
        "sdp_offer": BROWSER_OFFER,
        "send_streams": [pb.StreamDescriptor(media_type=pb.AUDIO, stream_id=1, group_id=1)],
        "receive_stream_ids": [0, 0],
    }
    return pb.Subscribe(**fields | changes)


def _video(**figures: int) -> list[pb.StreamDescriptor]:
    return [pb.StreamDescriptor(**_CAMERA, **figures)]


@pytest.mark.parametrize(
    "subscribe",
    [
        pytest.param(
            _subscribe(send_streams=_video(max_bitrate_kbps=0xFFFFFFFF)), id="endless bitrate"
        ),
        pytest.param(
            _subscribe(send_streams=_video(framerate=0xFFFFFFFF)), id="endless framerate"
        ),
        pytest.param(_subscribe(receive_stream_ids=[1] * 60), id="one video many times"),
        pytest.param(_subscribe(receive_stream_ids=range(1, 60)), id="too many videos"),
        pytest.param(
            _subscribe(sdp_offer=BROWSER_OFFER.replace("VP8/90000", "X/1").replace(" 96", " 300")),
            id="payload type that RTP has not",
        ),
        pytest.param(
            _subscribe(sdp_offer=BROWSER_OFFER.replace("ice-ufrag:", "ice-ufrag:" + "x" * 5000)),
            id="endless ICE user name",
        ),
        pytest.param(
            _subscribe(sdp_offer=BROWSER_OFFER.replace("ice-pwd:", "ice-pwd: é")),
            id="ICE password that is none",
        ),
    ],
)
async def test_client_that_asks_for_the_impossible_is_closed(
    world: MediaWorld, subscribe: pb.Subscribe
) -> None:
    """Should close with 4400, and let others join and publish as before."""
    async with world.client(world.invite("ana")) as ana, world.client(world.invite("ben")) as ben:
        await ana.join()
        await ana.send(_Frame.SUBSCRIBE, subscribe=subscribe)
        assert await ana.close_code() == 4400
        await ben.join()
        assert (await ben.subscribe(video=True)).allocations
