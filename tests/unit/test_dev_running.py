"""What `dev.py run` starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from devtools.running import _Servers


class Commands:
    """The family of `dev.py run`'s children, which notes their command lines and starts none."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[str]] = {}

    def start(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        self.by_name[name] = [str(part) for part in argv]


def test_contact_centre_remembers_what_the_portal_remembers() -> None:
    """Should keep localconnect's state from run to run, in a file for each port."""
    commands = Commands()

    _Servers(8000, 8100, None).start(commands, {"CONNECT_EVENTS_KEY": "k"})  # type: ignore[arg-type]

    localconnect = commands.by_name["localconnect"]
    assert localconnect[localconnect.index("--data") + 1].endswith(
        "/.dev/localconnect-8100.sqlite3"
    )
