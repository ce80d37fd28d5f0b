"""Steps of set-up that are skipped while nothing they depend on has changed.

A finished step leaves a stamp: a hash of its input files, of the facts it was told, and of the Python
version. Knows nothing of what the steps do.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from devtools import paths

STAMPS = paths.STATE / "stamps"


class SetUpFailed(Exception):
    """A step could not be done. The message says what to do about it."""


def run(
    argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = paths.ROOT
) -> None:
    """Run a command, showing what it prints only when it fails; then raise SetUpFailed."""
    done = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        command = " ".join(str(part) for part in argv)
        raise SetUpFailed(f"{done.stdout.strip()}\n\nfailed with {done.returncode}: {command}")


def step(
    name: str,
    action: Callable[[], None],
    *,
    inputs: Iterable[Path],
    outputs: Iterable[Path] = (),
    facts: Iterable[str] = (),
) -> bool:
    """Do `action` unless it was done for these inputs and its outputs are still there.

    A folder among `inputs` stands for all its files. Returns whether anything was done.
    """
    wanted = _digest(inputs, facts)
    stamp = STAMPS / name.replace(" ", "-")
    with _alone():
        return _do_unless_done(name, action, stamp=stamp, wanted=wanted, outputs=outputs)


def _do_unless_done(
    name: str, action: Callable[[], None], *, stamp: Path, wanted: str, outputs: Iterable[Path]
) -> bool:
    if stamp.exists() and stamp.read_text() == wanted and all(path.exists() for path in outputs):
        return False
    print(f"· {name} …", end="", flush=True)
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    try:
        action()
    except BaseException:
        print(" failed", flush=True)
        raise
    stamp.write_text(wanted)
    print(f" {time.monotonic() - started:.1f} s", flush=True)
    return True


def files_of(folder: Path, *, without: Sequence[str] = ()) -> list[Path]:
    """Return the files below `folder`, sorted, leaving out folders named in `without`."""
    return sorted(_walk(folder, {*without, "__pycache__"}))


def _walk(folder: Path, skipped: set[str]) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in skipped:
                yield from _walk(path, skipped)
        else:
            yield path


def _digest(inputs: Iterable[Path], facts: Iterable[str]) -> str:
    content = hashlib.sha256(sys.version.encode())
    for fact in facts:
        content.update(b"\0fact\0" + fact.encode())
    for path in inputs:
        for file in files_of(path) if path.is_dir() else [path]:
            content.update(b"\0file\0" + str(file.relative_to(paths.ROOT)).encode())
            content.update(b"\0" + file.read_bytes() if file.exists() else b"\0absent")
    return content.hexdigest()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let only one `dev.py` of this clone change it at a time, where the system can say so."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (paths.STATE / "lock").open("w") as lock:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
