"""Where `dev.py run --lan` says that this machine is reached."""

from __future__ import annotations

import pytest

from devtools import running
from devtools.lan import NoAddress, find_lan
from tests.servers import free_port


@pytest.mark.parametrize(
    ("address", "port", "origin"),
    [
        ("192.0.2.7", 8000, "https://192.0.2.7:8000"),
        ("fd00::7", 8000, "https://[fd00::7]:8000"),
        ("laptop.local", 443, "https://laptop.local"),
    ],
)
def test_origin_is_what_browsers_say(address: str, port: int, origin: str) -> None:
    """Should be written as in an Origin header: brackets, and no port where it is the usual one."""
    lan = find_lan(address, port)
    assert lan.origin == origin
    assert lan.environment()["CONNECT_PUBLIC_URL"] == origin
    assert lan.environment()["ALLOWED_HOSTS"].split(",")[0] == lan.host


def test_own_address_is_found() -> None:
    """Should take the address others are reached from, or say what to do where there is no network."""
    try:
        said = find_lan("", 8000).origin
    except NoAddress as error:
        said = str(error)
    assert said.startswith("https://") or "--lan ADDRESS" in said
    assert "127.0.0.1" not in said


@pytest.mark.parametrize("asked", ["https://laptop", "laptop:8000", "-laptop", "a b", "*"])
def test_what_is_no_address_is_refused(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Should say so before any other work."""
    status = running.run_everything(port=free_port(), connect_port=free_port(), lan=asked)
    assert status == 1
    assert f"{asked} is neither" in capsys.readouterr().out
