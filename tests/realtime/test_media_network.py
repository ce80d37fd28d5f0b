"""Where media goes through real processes: a fixed range of ports, an announced address, a host without a network."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import boto3
from aiortc import RTCSessionDescription

from localconnect.media import signaling_pb2 as pb
from tests.media_ports import free_range
from tests.realtime.media_client import BROWSER_OFFER, MediaClient, SignalingClient
from tests.servers import PROJECT_DIR, LocalConnect

_CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host")
_ALONE = ["unshare", "--net", "--map-root-user"]
_ON_LOOPBACK = """
import asyncio, sys
from tests.realtime import test_media_network as here

async def main():
    async with here.calling(*sys.argv[1:]) as call:
        async with here.SignalingClient(*call.customer()) as client:
            await client.join()
            for address, port in here.candidates((await client.subscribe()).sdp_answer):
                print("offered", address)
        print(call.server.logs())

asyncio.run(main())
"""


@dataclass
class Call:
    """A running localconnect, and the customers who call there."""

    server: LocalConnect

    def customer(self) -> tuple[str, str]:
        """Address and token of somebody's signalling."""
        client = boto3.client(
            "connect",
            endpoint_url=self.server.url,
            region_name=self.server.region,
            aws_access_key_id=self.server.access_key,
            aws_secret_access_key=self.server.secret_key,
        )
        with contextlib.closing(client):
            reply = client.start_web_rtc_contact(
                InstanceId=self.server.instance_id,
                ContactFlowId=self.server.contact_flow_id,
                ParticipantDetails={"DisplayName": "Ana"},
            )
        connection = reply["ConnectionData"]
        signaling = connection["Meeting"]["MediaPlacement"]["SignalingUrl"]
        return signaling, connection["Attendee"]["JoinToken"]


@contextlib.asynccontextmanager
async def calling(*options: str) -> AsyncIterator[Call]:
    """Start a localconnect with these options."""
    server = LocalConnect(options=options)
    with server.running():
        yield Call(server)


def candidates(answer: str) -> list[tuple[str, int]]:
    """The addresses and ports that an SDP answer offers."""
    return [(address, int(port)) for address, port in _CANDIDATE.findall(answer)]


async def test_media_stays_within_the_range() -> None:
    """Should offer ports of the range only, and carry media there, one person on each."""
    ports = free_range(4)
    first, last = map(int, ports.split("-"))
    async with calling("--media-ports", ports) as call:
        used = []
        for _ in range(2):
            async with MediaClient(*call.customer()) as client:
                await client.join()
                await client.connect()
                used.append(candidates(client.peer.remoteDescription.sdp))
    assert all(used)
    assert all(first <= port <= last for offered in used for _, port in offered)


async def test_exhausted_range_is_told_and_passes() -> None:
    """Should tell who finds no port that it is for now, log the way out, and let them in once one is free."""
    async with calling("--media-ports", free_range(1)) as call:
        async with MediaClient(*call.customer()) as lucky:
            await lucky.join()
            await lucky.connect()
            late = call.customer()
            async with SignalingClient(*late) as client:
                await client.join()
                await client.send(pb.SignalFrame.SUBSCRIBE, subscribe=_subscribe())
                assert await client.close_code() == 4500
            statuses = [f.audio_status.audio_status for f in client.frames]
            assert 503 in statuses
            await lucky.leave()
        async with MediaClient(*late) as client:
            await client.join()
            await client.connect()
        assert "allow more with --media-ports" in call.server.logs()
        assert "Traceback" not in call.server.logs()


async def test_announced_address_is_the_only_one() -> None:
    """Should offer an address behind a port mapping, and take the media that the mapping passes on."""
    options = ("--media-ports", free_range(2), "--media-address", "203.0.113.9")
    async with calling(*options) as call, MediaClient(*call.customer()) as client:
        await client.join()
        await client.peer.setLocalDescription(await client.peer.createOffer())
        ack = await client.subscribe(client.peer.localDescription.sdp)
        assert {address for address, _ in candidates(ack.sdp_answer)} == {"203.0.113.9"}
        mapped = ack.sdp_answer.replace("203.0.113.9", "127.0.0.1")
        await client.peer.setRemoteDescription(RTCSessionDescription(mapped, "answer"))
        await client.connected()


def test_host_without_network_is_served_on_loopback() -> None:
    """Should offer 127.0.0.1 and print what browsers then need. Without the right to a network of its own, by option."""
    up = [*_ALONE, "ip", "link", "set", "lo", "up"]
    allowed = subprocess.run(up, capture_output=True, check=False).returncode == 0
    alone = [*_ALONE, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] if allowed else []
    options = [] if allowed else ["--media-address", "127.0.0.1"]
    done = subprocess.run(
        [*alone, sys.executable, "-c", _ON_LOOPBACK, *options],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    offered = [line for line in done.stdout.splitlines() if line.startswith("offered ")]
    assert offered == ["offered 127.0.0.1"], done.stderr
    assert ("--allow-loopback-in-peer-connection" in done.stdout) is allowed


def _subscribe() -> pb.Subscribe:
    return pb.Subscribe(duplex=pb.RX, receive_stream_ids=(0, 0), sdp_offer=BROWSER_OFFER)
