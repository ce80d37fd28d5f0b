"""What localconnect's API can do: calls a second, beside moto's server, and what many contacts cost.

Part one takes turns, round by round, between StartWebRTCContact and DescribeInstance of localconnect and
DescribeInstance of the peer, the one operation both have: through boto3, one call after the other, as a test suite
makes them (boto3's own time included), and raw, over eight connections with requests signed beforehand (localconnect
verifies every signature; the peer verifies none). Part two is `_growth`: what contacts cost when 10 to 100,000 are
there already, and the memory an ended one takes. Rates are medians over the rounds, ratios medians of each round's
ratio; a p99 is over all samples.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks import _moto
from benchmarks._figures import Figure, quantile, report
from benchmarks._growth import growth_figures
from benchmarks._moto import Moto
from benchmarks._processes import cpu_s
from benchmarks._raw_http import send, written
from benchmarks._subject import Requests, aws_client, localconnect
from tests.servers import LocalConnect

ROUNDS = 8
"""The first warms up and does not count."""

CONNECTIONS = 8
BOTO3_CALLS = 150
RAW_CALLS = 1500
PEER_RAW_CALLS = 200

Calls = Callable[[], list[float]]
"""Makes calls that stand ready; returns the milliseconds each has taken."""


@dataclass
class Course:
    """One way of calling one operation of one server, and what it has shown."""

    pid: int
    prepare: Callable[[], Calls]
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    def run(self, *, counts: bool) -> None:
        """One round."""
        make_calls = self.prepare()
        cpu, began = cpu_s(self.pid), time.perf_counter()
        times_ms = make_calls()
        passed, cpu = time.perf_counter() - began, cpu_s(self.pid) - cpu
        if counts:
            self.rates.append(len(times_ms) / passed)
            self.cpu_ms.append(1000 * cpu / len(times_ms))
            self.times_ms += times_ms


def main() -> None:
    """Measure, print, and remember."""
    with localconnect() as subject, Moto().running() as peer:
        courses = _courses(subject, peer)
        for number in range(ROUNDS):
            for course in courses.values():
                course.run(counts=number > 0)
    samples = {
        f"{name}-{kind}": values
        for name, course in courses.items()
        for kind, values in (("rate", course.rates), ("cpu", course.cpu_ms))
    }
    figures = [
        figure
        for way in ("boto3", "raw")
        for operation in ("start", "describe-instance")
        for figure in _compared(
            f"localconnect-{operation}-{way}",
            courses[f"{operation}-{way}"],
            courses[f"peer-{way}"],
        )
    ]
    grown, grown_samples = growth_figures()
    report("localconnect", [*figures, *grown], samples=samples | grown_samples)


def _courses(subject: LocalConnect, peer: Moto) -> dict[str, Course]:
    ours = aws_client(
        subject.url,
        access_key=subject.access_key,
        secret_key=subject.secret_key,
        region=subject.region,
    )
    theirs = aws_client(
        peer.url, access_key=_moto.ACCESS_KEY, secret_key=_moto.SECRET_KEY, region=_moto.REGION
    )
    requests = Requests(subject)
    path = f"/instance/{peer.instance_id}"
    # The peer finds the service by the credential's scope, and looks no further.
    scope = f"AWS4-HMAC-SHA256 Credential=x/20260101/{_moto.REGION}/connect/aws4_request"
    peer_request = written("GET", peer.url, path, {"Authorization": scope})

    def start() -> None:
        ours.start_web_rtc_contact(
            InstanceId=subject.instance_id,
            ContactFlowId=subject.contact_flow_id,
            ParticipantDetails={"DisplayName": "Ana"},
            AllowedCapabilities={"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}},
            ClientToken=str(uuid.uuid4()),
        )

    def describe(client: Any, instance_id: str) -> Callable[[], None]:
        return lambda: client.describe_instance(InstanceId=instance_id)

    return {
        "start-boto3": Course(subject.pid, _one_by_one(start)),
        "describe-instance-boto3": Course(
            subject.pid, _one_by_one(describe(ours, subject.instance_id))
        ),
        "peer-boto3": Course(peer.pid, _one_by_one(describe(theirs, peer.instance_id))),
        "start-raw": Course(subject.pid, _raw(subject.url, requests.start, RAW_CALLS)),
        "describe-instance-raw": Course(
            subject.pid, _raw(subject.url, requests.describe_instance, RAW_CALLS)
        ),
        "peer-raw": Course(peer.pid, _raw(peer.url, lambda: peer_request, PEER_RAW_CALLS)),
    }


def _one_by_one(call: Callable[[], object]) -> Callable[[], Calls]:
    def make_calls() -> list[float]:
        times_ms = []
        for _ in range(BOTO3_CALLS):
            began = time.perf_counter()
            call()
            times_ms.append((time.perf_counter() - began) * 1000)
        return times_ms

    return lambda: make_calls


def _raw(url: str, request: Callable[[], bytes], count: int) -> Callable[[], Calls]:
    def prepare() -> Calls:
        requests = [request() for _ in range(count)]
        return lambda: send(url, requests, connections=CONNECTIONS)[0]

    return prepare


def _compared(name: str, subject: Course, peer: Course) -> list[Figure]:
    def ratio(ours: list[float], theirs: list[float]) -> float:
        return median(a / b for a, b in zip(ours, theirs, strict=True))

    p99, peer_p99 = quantile(subject.times_ms, 0.99), quantile(peer.times_ms, 0.99)
    return [
        Figure(f"{name}-rate", median(subject.rates), "/s", ratio(subject.rates, peer.rates)),
        Figure(f"{name}-p99", p99, "ms", p99 / peer_p99),
        Figure(
            f"{name}-cpu", 1000 * median(subject.cpu_ms), "us", ratio(subject.cpu_ms, peer.cpu_ms)
        ),
    ]


if __name__ == "__main__":
    main()
