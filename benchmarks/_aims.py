"""What the report calls each figure, and what was aimed at. A figure that is not here is told by its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure's words, and what it is to reach: `at_most` or `at_least`, of its ratio or of the value itself."""

    words: str
    at_most: float | None = None
    at_least: float | None = None
    of_ratio: bool = False


AIMS = {
    "start-added-p50-wsgi": Aim("Time added to boto3's, p50, WSGI", at_most=8),
    "start-added-p99-wsgi": Aim("The same, p99", at_most=30),
    "start-cpu-alone-wsgi": Aim("CPU time of a start, one after the other, WSGI", at_most=3.5),
    "start-cpu-together-wsgi": Aim("The same, fifty at once", at_most=3.5),
    "start-rate-wsgi": Aim(
        "Starts a second beside the Flask application, WSGI", at_least=0.55, of_ratio=True
    ),
    "start-rate-to-raw-wsgi": Aim(
        "The same beside boto3 in fifty threads", at_least=0.45, of_ratio=True
    ),
    "start-added-p50-asgi": Aim("Time added to boto3's, p50, `portal.serving`", at_most=8),
    "start-added-p99-asgi": Aim("The same, p99", at_most=30),
    "start-cpu-alone-asgi": Aim("CPU time of a start, one after the other, `portal.serving`"),
    "start-cpu-together-asgi": Aim("The same, fifty at once"),
    "start-rate-asgi": Aim("Starts a second beside the Flask application, `portal.serving`"),
    "start-rate-to-raw-asgi": Aim("The same beside boto3 in fifty threads"),
    "add-participant-added-p50": Aim("Time added to boto3's two requests, p50", at_most=8),
    "add-participant-cpu": Aim("CPU time of one more person"),
    "slow-connect-others-p50": Aim("Reading a contact while starts hang, p50"),
    "slow-connect-others-p99": Aim(
        "Reading a contact while starts hang, p99, beside before", at_most=2, of_ratio=True
    ),
    "slow-connect-others-refused": Aim("Reads that were answered 503 meanwhile", at_most=0),
    "throttled-goodput": Aim(
        "Calls started of those that the quota allows", at_least=0.95, of_ratio=True
    ),
    "throttled-refusal-p50": Aim("Answer to a refused start, p50"),
    "throttled-refusal-p99": Aim("Answer to a refused start, p99", at_most=100),
    "storm-first-snapshot-p50": Aim("From the handshake to the first snapshot, p50"),
    "storm-first-snapshot-p99": Aim("From the handshake to the first snapshot, p99", at_most=2000),
    "storm-cpu": Aim("CPU time of the server for a socket that comes back"),
    "storm-queries-per-socket": Aim("Queries of the database for each", at_most=1),
    "storm-sockets-opened": Aim("Sockets opened a second, as fast as they can", at_least=400),
    "start-up-first-answer": Aim("From the command to the first answer", at_most=2),
    "start-up-memory-idle": Aim("Memory of a web process that has answered", at_most=130),
    "start-up-memory": Aim("The same after twenty calls were started"),
    "sqlite-start-p50": Aim("A start on SQLite, sixteen at once, p50"),
    "sqlite-start-p99": Aim("A start on SQLite, sixteen at once, p99", at_most=1000),
    "sqlite-start-worst": Aim("The worst of all"),
    **{
        f"saturation-at-{count}": Aim(
            f"Changes a second that arrive in time with {count:,} sockets", at_least=1500
        )
        for count in (1000, 3000, 5000)
    },
    "change-to-socket-p50": Aim("Change to socket, p50"),
    "change-to-socket-p99": Aim("Change to socket, p99", at_most=25),
    "change-to-socket-cpu": Aim("CPU time of the server for a change"),
    "change-to-socket-lost": Aim("Changes that did not arrive", at_most=0),
    "broadcast-to-last-socket": Aim("A change that 1,000 show, to the last socket", at_most=40),
    "burst-converged": Aim(
        "300 changes in a row to 1,000 sockets: those with the last after 2 s", at_least=100
    ),
    "burst-converged-after": Aim("The last of them after"),
    "memory-of-a-socket": Aim("Memory of a socket", at_most=30),
    "sockets-in-a-gibibyte": Aim("Sockets in a GiB", at_least=35_000),
    "sockets-opened": Aim("Sockets opened a second", at_least=400),
    "event-ingest": Aim("Events taken in by a process, by tens, a second", at_least=400),
    "event-ingest-cpu": Aim("CPU time of an event", at_most=2),
    "event-answer-p50": Aim("Answer to a posted event, p50"),
    "event-answer-p95": Aim("Answer to a posted event, p95", at_most=100),
    "event-answer-worst": Aim("The slowest of them", at_most=100),
    "first-frame-p50": Aim("From the click to the first picture, p50", at_most=500),
    "first-frame-p95": Aim("The same, p95", at_most=1200),
    "first-frame-api-p50": Aim("Of it, the request that starts the call, p50"),
}
