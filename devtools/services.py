"""A private PostgreSQL and a private Redis, for one run of the tests.

Both get a free port, a folder of their own, and are gone afterwards; nothing that already runs on the
machine is touched. Knows the servers' command lines, not what is stored in them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from devtools import debian
from devtools.children import end_with_parent
from devtools.steps import SetUpFailed

READY_WITHIN_S = 60.0
POSTGRES_ACCOUNT = "postgres"
_UNSAFE_BUT_FAST = (
    "-c",
    "fsync=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "synchronous_commit=off",
)


@contextlib.contextmanager
def postgresql_and_redis() -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL of servers that live as long as the context."""
    with postgresql() as database, redis() as layer:
        yield {"DATABASE_URL": database.url, "REDIS_URL": layer.url}


@contextlib.contextmanager
def postgresql(*options: str) -> Iterator[Service]:
    """A PostgreSQL with further options of its command line, for as long as the context."""
    with _folder() as folder:
        service = _postgresql(folder / "postgresql", options)
        with service.running():
            yield service


@contextlib.contextmanager
def redis() -> Iterator[Service]:
    """A Redis that keeps nothing, for as long as the context."""
    with _folder() as folder:
        service = _redis(folder / "redis")
        with service.running():
            yield service


class Service:
    """A server at one address, which can be stopped and started again, and knows what it knew if it keeps it."""

    def __init__(
        self,
        url: str,
        argv: Sequence[str | Path],
        *,
        folder: Path,
        probe: Sequence[str | Path],
        account: str | None = None,
        politely: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.url = url
        self._argv = argv
        self._folder = folder
        self._probe = probe
        self._account = account
        self._politely = politely
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port of `url`."""
        return urlsplit(self.url).port or 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start it, and stop it afterwards."""
        try:
            self.start()
            yield
        finally:
            self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._server = _start(self._argv, self._folder, self._account)
        _wait_until_ready(self._probe, self._server, self._folder)

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._server is None:
            return
        self._server.send_signal(self._politely)
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vcp-services-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the account that PostgreSQL runs under must get through
        yield folder


def _postgresql(folder: Path, options: Sequence[str]) -> Service:
    programs = postgresql_programs()
    # PostgreSQL refuses to run as root; Debian's package brings an account for it.
    account = POSTGRES_ACCOUNT if os.geteuid() == 0 else None
    folder.mkdir(mode=0o700)
    if account:
        shutil.chown(folder, account, pwd.getpwnam(account).pw_gid)
    data = folder / "data"
    initdb = [
        str(programs / "initdb"),
        "--auth=trust",
        "--username=portal",
        "--encoding=UTF8",
        "--no-sync",
    ]
    made = subprocess.run(
        [*initdb, "-D", str(data)],
        user=account,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise SetUpFailed(f"{made.stdout}{made.stderr}\ninitdb failed")
    port = _free_port()
    listen = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", str(folder)]
    return Service(
        f"postgres://portal@127.0.0.1:{port}/postgres",
        [programs / "postgres", "-D", data, *listen, *_UNSAFE_BUT_FAST, *options],
        folder=folder,
        probe=[str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)],
        account=account,
        politely=signal.SIGINT,
    )


def _redis(folder: Path) -> Service:
    program = _program("redis-server")
    folder.mkdir()
    port = _free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return Service(
        f"redis://127.0.0.1:{port}/0",
        [program, *options, "--dir", folder],
        folder=folder,
        probe=[_program("redis-cli"), "-p", str(port), "ping"],
    )


def postgresql_programs() -> Path:
    """Return the folder of PostgreSQL's newest server programs, installing them when that is allowed."""
    for _attempt in range(2):
        found = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name)
        )
        if found:
            return found[-1]
        on_path = shutil.which("initdb")
        if on_path:
            return Path(on_path).resolve().parent
        debian.install("postgresql")
    raise SetUpFailed("PostgreSQL is needed for this run. Debian: apt-get install postgresql")


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        debian.install("redis-server")
        found = shutil.which(name)
    if not found:
        raise SetUpFailed("Redis is needed for this run. Debian: apt-get install redis-server")
    return found


def _start(
    argv: Sequence[str | Path], folder: Path, account: str | None
) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(part) for part in argv],
            cwd=folder,
            user=account,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def _wait_until_ready(
    probe: Sequence[str | Path], server: subprocess.Popen[bytes], folder: Path
) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise SetUpFailed(
        f"{(folder / 'log').read_text(errors='replace')}\n{server.args!r} did not start"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
