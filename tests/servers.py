"""The real servers, started by tests as their own children on free ports.

Owns how `localconnect` and the portal are started, known to be healthy, and stopped. It knows their
command lines, environment and health addresses, and nothing else: it imports neither of them, so that
tests and benchmarks meet them as strangers do, over the network.

    connect = LocalConnect()
    portal = Portal(connect_url=connect.url)
    with connect.running(events_url=portal.events_url), portal.running():
        ...  # use connect.url, portal.url
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import functools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from devtools.lan_certificate import CertificateFiles
from tests.server_process import PROJECT_DIR, ServerDidNotStart, ServerProcess

DEMO_CONNECT = {
    "AWS_ACCESS_KEY_ID": "localconnect",
    "AWS_SECRET_ACCESS_KEY": "localconnect-secret",
    "CONNECT_REGION": "us-east-1",
    "CONNECT_INSTANCE_ID": "11111111-1111-4111-8111-111111111111",
    "CONNECT_CONTACT_FLOW_ID": "22222222-2222-4222-8222-222222222222",
}
# Settings of the caller's shell must not leak into servers under test.
_FOREIGN_PREFIXES = ("AWS_", "CONNECT_", "DJANGO_")
_FOREIGN = (
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "TOKEN_ENCRYPTION_KEYS",
)


def free_port() -> int:
    """Return a TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Server:
    """What both servers share: an address fixed from the start, a folder of their own, children."""

    name = ""

    def __init__(self, *, port: int | None = None, scheme: str = "http") -> None:
        self.port = port or free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.processes: list[ServerProcess] = []
        self._folder = Path(tempfile.mkdtemp(prefix=f"vcp-{self.name}-"))
        self._code = PROJECT_DIR
        self._python = Path(sys.executable)

    @property
    def folder(self) -> Path:
        """Where the server keeps its logs, and a database file of its own."""
        return self._folder

    @property
    def pid(self) -> int:
        """Process id of the process that listens on `port`."""
        return self.processes[0].pid

    def logs(self) -> str:
        """Everything the server's processes wrote, for messages and for looking after secrets."""
        return "\n".join(
            path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log"))
        )

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()
        self.processes.clear()

    def close(self) -> None:
        """Stop, and forget the folder with its logs and database."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(self, name: str, *arguments: str, env: Mapping[str, str]) -> ServerProcess:
        argv = [str(self._python), *arguments]
        log = self._folder / f"{name}.log"
        process = ServerProcess(name, argv, env=env, log=log, cwd=self._code)
        self.processes.append(process)
        return process


class LocalConnect(_Server):
    """The embedded Amazon Connect, alone."""

    name = "localconnect"
    access_key = DEMO_CONNECT["AWS_ACCESS_KEY_ID"]
    secret_key = DEMO_CONNECT["AWS_SECRET_ACCESS_KEY"]
    region = DEMO_CONNECT["CONNECT_REGION"]
    instance_id = DEMO_CONNECT["CONNECT_INSTANCE_ID"]
    contact_flow_id = DEMO_CONNECT["CONNECT_CONTACT_FLOW_ID"]

    def __init__(
        self,
        *,
        port: int | None = None,
        config: Path | None = None,
        keeps_data: bool = False,
        tls: CertificateFiles | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """With `keeps_data`, what it knows survives `restart`. `options` are added to its command line.

        With `tls` it serves https, and trusts the same authority where it sends contact events.
        """
        super().__init__(port=port, scheme="http" if tls is None else "https")
        self._tls = tls
        self.data = self._folder / "localconnect.sqlite3"
        self._config = config
        self._options = [*options, *(("--data", str(self.data)) if keeps_data else ())]
        self._events: dict[str, str | None] = {}

    def start(
        self,
        *,
        events_url: str | None = None,
        events_key: str | None = None,
        events_queue: str | None = None,
    ) -> None:
        """Start and wait until healthy.

        Contact events go to `events_url` with `events_key` and to the message queue `events_queue`, if given.
        """
        self._events = {
            "events_url": events_url,
            "events_key": events_key,
            "events_queue": events_queue,
        }
        arguments = ["-m", "localconnect", "--port", str(self.port), *self._options]
        if self._config is not None:
            arguments += ["--config", str(self._config)]
        if events_url is not None:
            arguments += ["--events-url", events_url]
        if events_queue is not None:
            arguments += ["--events-queue", events_queue]
        env = _clean_environment()
        if self._tls is not None:
            arguments += [
                "--tls-cert",
                str(self._tls.certificate),
                "--tls-key",
                str(self._tls.key),
            ]
            env["SSL_CERT_FILE"] = str(self._tls.authority)
        if events_key is not None:
            env["LOCALCONNECT_EVENTS_KEY"] = events_key
        process = self._spawn("localconnect", *arguments, env=env)
        authority = None if self._tls is None else self._tls.authority
        process.wait_until_healthy(f"{self.url}/healthz", self.port, authority=authority)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process by SIGTERM, as an operator would, or by SIGKILL, as a crash would."""
        for process in self.processes:
            process.kill() if how is signal.SIGKILL else process.stop()
        self.processes.clear()

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process and start another with the same options."""
        self.end(how)
        self.start(**self._events)

    @contextlib.contextmanager
    def running(
        self,
        *,
        events_url: str | None = None,
        events_key: str | None = None,
        events_queue: str | None = None,
    ) -> Iterator[LocalConnect]:
        try:
            self.start(events_url=events_url, events_key=events_key, events_queue=events_queue)
            yield self
        finally:
            self.close()


# Databases as `Portal.prepare` left them, by what was added to the environment.
_prepared: dict[frozenset[tuple[str, str]], Path] = {}


@functools.cache
def _templates() -> Path:
    folder = tempfile.mkdtemp(prefix="vcp-templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


class Portal(_Server):
    """The portal: migrated, with demo data, served by Daphne, with its background worker.

    `database_url` defaults to an SQLite file of its own; `redis_url` to none (in-memory layer);
    `extra_env` is added last and wins. `code` is the clone that is run, by default this one, and `python`
    that of another environment.
    """

    name = "portal"

    def __init__(
        self,
        *,
        connect_url: str,
        database_url: str | None = None,
        redis_url: str | None = None,
        port: int | None = None,
        extra_env: Mapping[str, str] | None = None,
        code: Path = PROJECT_DIR,
        python: Path = Path(sys.executable),
    ) -> None:
        super().__init__(port=port)
        self._code = code
        self._python = python
        self.connect_url = connect_url
        self.events_key = secrets.token_urlsafe(24)
        self.events_url = f"{self.url}/api/v1/contact-events/"
        self._own_database = None if database_url else self._folder / "portal.sqlite3"
        self._database_url = database_url or f"sqlite:///{self._own_database}"
        self._redis_url = redis_url
        self._secret_key = secrets.token_urlsafe(48)
        self._token_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        self._extra_env = dict(extra_env or {})

    def environment(self) -> dict[str, str]:
        """The environment of every portal process, as an operator would set it."""
        env = _clean_environment() | DEMO_CONNECT
        env |= {
            "SECRET_KEY": self._secret_key,
            "DEBUG": "true",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DATABASE_URL": self._database_url,
            "CONNECT_ENDPOINT_URL": self.connect_url,
            "CONNECT_EVENTS_KEY": self.events_key,
            "TOKEN_ENCRYPTION_KEYS": self._token_key,
            "CALLS_PER_HOUR": "0",
            "CALLS_PER_HOUR_PER_ENTRY_POINT": "0",
            # Servers of one run share the counts where they share Redis.
            "CALL_START_RATE": "100000/min",
            "CALL_START_NETWORK_RATE": "100000/min",
        }
        if self._redis_url:
            env["REDIS_URL"] = self._redis_url
        return env | self._extra_env

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed; raise when it fails."""
        done = subprocess.run(
            [str(self._python), "manage.py", *arguments],
            cwd=self._code,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise ServerDidNotStart(f"manage.py {' '.join(arguments)} failed.\n{done.stdout}")
        return done.stdout

    def prepare(self) -> None:
        """Bring the database up to date and put the demo data into it.

        Most portals of a run begin alike, so the first one's database is kept and copied for the others.
        """
        same = frozenset(self._extra_env.items())
        template = _prepared.get(same)
        if self._own_database and template:
            shutil.copyfile(template, self._own_database)
            return
        self.manage("migrate", "--no-input", "--verbosity", "0")
        self.manage("create_demo")
        if self._own_database:
            # Its processes are gone, so nothing of it is left in a write-ahead log.
            _prepared[same] = _templates() / f"{len(_prepared)}.sqlite3"
            shutil.copyfile(self._own_database, _prepared[same])

    def start(self) -> None:
        """Start the web process and the worker, and wait until the portal is healthy."""
        self.start_web()
        self._spawn("worker", "manage.py", "db_worker", "--no-reload", env=self.environment())

    def start_web(self) -> None:
        """Start the web process alone, the first time or after it was ended, and wait until it is healthy."""
        argv = ("-m", "portal.serving", "-b", "127.0.0.1", "-p", str(self.port))
        web = self._spawn("portal", *argv, env=self.environment())
        self.processes.insert(0, self.processes.pop())  # `pid` is its id
        web.wait_until_healthy(f"{self.url}/healthz", self.port)

    def end_web(self, how: signal.Signals) -> None:
        """End the web process by SIGTERM or SIGKILL; the worker goes on."""
        web = self.processes.pop(0)
        web.kill() if how is signal.SIGKILL else web.stop()

    @contextlib.contextmanager
    def running(self) -> Iterator[Portal]:
        try:
            self.prepare()
            self.start()
            yield self
        finally:
            self.close()


def _clean_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith(_FOREIGN_PREFIXES)
    }
    return kept | {"PYTHONUNBUFFERED": "1", "AWS_EC2_METADATA_DISABLED": "true"}
