"""Which UDP sockets are opened for media, within which ports, and what is told of them."""

from __future__ import annotations

import pytest

from localconnect.media.network import MediaNetwork, NoMediaSocket, parse_ports
from localconnect.setting_values import UnableToChangeSettings
from localconnect.settings import Settings
from tests.media_ports import free_range


@pytest.mark.parametrize(
    "text",
    ["", "40000", "40000-", "-40000", "40010-40000", "80-90", "65530-65536", "a-b", "1 - 2"],
)
def test_impossible_ranges_are_refused(text: str) -> None:
    """Should say what a range looks like, and change nothing."""
    settings = Settings()
    with pytest.raises(UnableToChangeSettings, match="media_ports: expected"):
        settings.change({"media_ports": text})
    assert settings.media_ports is None


def test_setting_can_be_set_and_taken_back() -> None:
    """Should take a range and an address, and null for neither."""
    settings = Settings()
    settings.change({"media_ports": "40000-40001", "media_address": "fd00::1"})
    assert (settings.media_ports, settings.media_address) == ("40000-40001", "fd00::1")
    settings.change({"media_ports": None, "media_address": None})
    assert (settings.media_ports, settings.media_address) == (None, None)
    with pytest.raises(UnableToChangeSettings, match="media_address: 'here'"):
        settings.change({"media_address": "here"})


def test_range_is_used_up_and_no_more() -> None:
    """Should open each port once, then say how to allow more, and leave no socket behind."""
    ports = free_range(3)
    network = MediaNetwork(parse_ports(ports))
    opened = [network.open_sockets(["127.0.0.1"])[0] for _ in range(3)]
    assert {media.port for media in opened} == set(parse_ports(ports))
    with pytest.raises(NoMediaSocket, match="--media-ports"):
        network.open_sockets(["127.0.0.2", "127.0.0.1"])
    opened.pop().socket.close()
    for media in [*opened, *network.open_sockets(["127.0.0.2", "127.0.0.1"])]:
        media.socket.close()


def test_address_that_cannot_be_used_is_passed_over() -> None:
    """Should serve the others: an interface may be going down just now."""
    (media,) = MediaNetwork().open_sockets(["203.0.113.9", "127.0.0.1"])
    assert media.address == "127.0.0.1"
    media.socket.close()


def test_foreign_address_is_announced_for_a_socket_on_all_of_ours() -> None:
    """Should tell clients the address of a port mapping, and listen wherever it leads."""
    (media,) = MediaNetwork(address="203.0.113.9").open_sockets(["127.0.0.1"])
    assert media.address == "203.0.113.9"
    assert media.socket.getsockname()[0] == "0.0.0.0"
    media.socket.close()
