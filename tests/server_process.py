"""One server of a test as a child process: started with a log, known to be healthy, ended by its own id."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from devtools.children import end_with_parent

PROJECT_DIR = Path(__file__).resolve().parent.parent
STARTUP_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


class ServerDidNotStart(RuntimeError):
    """A server ended, or stayed silent, before it was healthy. The message carries its log's end."""


class ServerProcess:
    """One child process with a log file; its own process group, ended by its own id."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path = PROJECT_DIR,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                list(argv),
                cwd=cwd,
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

    def wait_until_healthy(self, url: str, port: int, *, authority: Path | None = None) -> None:
        """Return once `url` answers 200 and this very process listens on `port`.

        Over https, its certificate must be one that `authority` has signed.

        Raises ServerDidNotStart when the process ends or `STARTUP_TIMEOUT_S` passes.
        """
        deadline = time.monotonic() + STARTUP_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.is_running:
                raise ServerDidNotStart(f"{self.name} ended at start.\n{self.log_tail()}")
            if _answers(url, authority) and _listens(self.pid, port):
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


def _answers(url: str, authority: Path | None) -> bool:
    trust = ssl.create_default_context(cafile=authority) if authority else None
    try:
        with urllib.request.urlopen(url, timeout=2, context=trust) as reply:
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
