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

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from devtools.children import end_with_parent

PROJECT_DIR = Path(__file__).resolve().parent.parent
STARTUP_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
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


class ServerDidNotStart(RuntimeError):
    """A server ended, or stayed silent, before it was healthy. The message carries its log's end."""


def free_port() -> int:
    """Return a TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One child process with a log file; its own process group, ended by its own id."""

    def __init__(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                list(argv),
                cwd=PROJECT_DIR,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,  # also when the tests themselves are killed
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until_healthy(self, url: str, port: int) -> None:
        """Return once `url` answers 200 and this very process listens on `port`.

        Raises ServerDidNotStart when the process ends or `STARTUP_TIMEOUT_S` passes.
        """
        deadline = time.monotonic() + STARTUP_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.is_running:
                raise ServerDidNotStart(f"{self.name} ended at start.\n{self.log_tail()}")
            if _answers(url) and _listens(self.pid, port):
                return
            time.sleep(0.05)
        raise ServerDidNotStart(f"{self.name} is not healthy at {url}.\n{self.log_tail()}")

    def stop(self) -> None:
        """End the process with SIGTERM, then its whole group with SIGKILL if it lingers."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(STOP_TIMEOUT_S)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def log_tail(self, lines: int = 60) -> str:
        kept = self.log_text().splitlines()[-lines:]
        return "\n".join([f"--- end of the log of {self.name} ---", *kept])


class _Server:
    """What both servers share: an address fixed from the start, a folder of their own, children."""

    name = ""

    def __init__(self, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[ServerProcess] = []
        self._folder = Path(tempfile.mkdtemp(prefix=f"vcp-{self.name}-"))

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
        argv = [sys.executable, *arguments]
        process = ServerProcess(name, argv, env=env, log=self._folder / f"{name}.log")
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

    def start(self, *, events_url: str | None = None, events_key: str | None = None) -> None:
        """Start and wait until healthy. Contact events go to `events_url` with `events_key`, if given."""
        arguments = ["-m", "localconnect", "--port", str(self.port)]
        if events_url is not None:
            arguments += ["--events-url", events_url]
        env = _clean_environment()
        if events_key is not None:
            env["LOCALCONNECT_EVENTS_KEY"] = events_key
        process = self._spawn("localconnect", *arguments, env=env)
        process.wait_until_healthy(f"{self.url}/healthz", self.port)

    @contextlib.contextmanager
    def running(
        self, *, events_url: str | None = None, events_key: str | None = None
    ) -> Iterator[LocalConnect]:
        try:
            self.start(events_url=events_url, events_key=events_key)
            yield self
        finally:
            self.close()


class Portal(_Server):
    """The portal: migrated, with demo data, served by Daphne, with its background worker.

    `database_url` defaults to an SQLite file of its own; `redis_url` to none (in-memory layer);
    `extra_env` is added last and wins.
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
    ) -> None:
        super().__init__(port=port)
        self.connect_url = connect_url
        self.events_key = secrets.token_urlsafe(24)
        self.events_url = f"{self.url}/api/v1/contact-events/"
        self._database_url = database_url or f"sqlite:///{self._folder / 'portal.sqlite3'}"
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
        }
        if self._redis_url:
            env["REDIS_URL"] = self._redis_url
        return env | self._extra_env

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed; raise when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT_DIR,
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
        """Bring the database up to date and put the demo data into it."""
        self.manage("migrate", "--no-input", "--verbosity", "0")
        self.manage("create_demo")

    def start(self) -> None:
        """Start Daphne and the worker, and wait until the portal is healthy."""
        env = self.environment()
        web = self._spawn(
            "portal",
            *("-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "portal.asgi:application"),
            env=env,
        )
        self._spawn("worker", "manage.py", "db_worker", "--no-reload", env=env)
        web.wait_until_healthy(f"{self.url}/healthz", self.port)

    @contextlib.contextmanager
    def running(self) -> Iterator[Portal]:
        try:
            self.prepare()
            self.start()
            yield self
        finally:
            self.close()


@contextlib.contextmanager
def fresh_database(base_url: str | None) -> Iterator[str | None]:
    """Yield the URL of an empty PostgreSQL database on the server of `base_url`; drop it afterwards.

    Yields None, and makes nothing, when `base_url` is not a PostgreSQL URL: the portal then uses an
    SQLite file of its own.
    """
    if not base_url or not base_url.startswith(("postgres://", "postgresql://")):
        yield None
        return
    import psycopg
    from psycopg import sql

    server, _, _ = base_url.rpartition("/")
    name = f"vcp_{secrets.token_hex(6)}"
    with psycopg.connect(base_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def _clean_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith(_FOREIGN_PREFIXES)
    }
    return kept | {"PYTHONUNBUFFERED": "1", "AWS_EC2_METADATA_DISABLED": "true"}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _listens(pid: int, port: int) -> bool:
    """Tell whether process `pid` owns the listener on `port`: another's server would answer as well."""
    if not Path("/proc/net/tcp").exists():
        return True
    inodes = {
        fields[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for fields in map(str.split, Path(table).read_text().splitlines()[1:])
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port
    }
    sockets = {f"socket:[{inode}]" for inode in inodes}
    with contextlib.suppress(OSError):
        return any(str(link.readlink()) in sockets for link in Path(f"/proc/{pid}/fd").iterdir())
    return False
