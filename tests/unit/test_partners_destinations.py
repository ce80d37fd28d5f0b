"""Where webhooks may go: nowhere that is not the Internet's, however it is spelled."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from partners.webhooks.destinations import Destination, DestinationRefused, is_public

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_special_addresses_are_not_public(address: str) -> None:
    """Should know each of IANA's special-purpose networks."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_neighbours_of_special_networks_are_public(address: str) -> None:
    """Should refuse no more than it has to."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://[{one}]/" if ":" in one else f"https://{one}/" for one in PRIVATE),
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[fe80::1%25eth0]/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://017700000001/",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://ex\u00e4mple.com/",
        "https://-example.com/",
        "https://example..com/",
        "https://[::1/",
        "https://" + "a" * 64 + ".com/",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_address_is_refused_as_it_is_written(url: str, settings: Settings) -> None:
    """Should need no lookup for what can be told without."""
    settings.WEBHOOK_LOOPBACK, settings.WEBHOOK_NETWORKS = False, []
    with pytest.raises(DestinationRefused):
        Destination.of(url)


@pytest.mark.parametrize(
    ("url", "host_header", "target"),
    [
        ("https://example.com", "example.com", "/"),
        ("https://EXAMPLE.com:443/a?b=c", "example.com", "/a?b=c"),
        ("https://example.com:8443/a", "example.com:8443", "/a"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "/"),
        ("https://1.1.1.1/", "1.1.1.1", "/"),
    ],
)
def test_public_address_is_read(url: str, host_header: str, target: str) -> None:
    """Should tell what the request says."""
    destination = Destination.of(url)
    assert (destination.host_header, destination.target) == (host_header, target)


@pytest.mark.parametrize(
    ("url", "loopback", "networks", "is_allowed"),
    [
        ("http://127.0.0.1:8000/", True, [], True),
        ("https://[::1]/", True, [], True),
        ("http://10.0.0.1/", True, ["10.0.0.0/8"], False),  # not without TLS
        ("https://10.0.0.1/", False, ["10.0.0.0/8"], True),
        ("https://10.0.0.1/", True, [], False),
        ("https://[fd00::1]/", False, ["fd00::/8", "10.0.0.0/8"], True),
        ("https://127.0.0.1/", False, ["10.0.0.0/8"], False),
    ],
)
def test_settings_allow_more(
    url: str, loopback: bool, networks: list[str], is_allowed: bool, settings: Settings
) -> None:
    """Should reach this machine, or a private network, where whoever runs the portal says so."""
    settings.WEBHOOK_LOOPBACK, settings.WEBHOOK_NETWORKS = (
        loopback,
        list(map(ipaddress.ip_network, networks)),
    )
    if is_allowed:
        assert Destination.of(url)
        return
    with pytest.raises(DestinationRefused):
        Destination.of(url)


@pytest.mark.parametrize(
    ("told", "is_allowed"),
    [
        (["1.1.1.1"], True),
        (["1.1.1.1", "2606:4700::1111"], True),
        (["1.1.1.1", "127.0.0.1"], False),
        (["::ffff:10.0.0.1"], False),
        (["fe80::1%1"], False),
        (["64:ff9b::a9fe:a9fe"], False),
    ],
)
def test_name_is_refused_for_any_of_its_addresses(
    told: list[str], is_allowed: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should refuse a name that has one private address among its public ones."""
    settings.WEBHOOK_LOOPBACK, settings.WEBHOOK_NETWORKS = False, []

    def resolver(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port)) for one in told]

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: resolver(args[0], args[1]))
    asked = Destination.of("https://hooks.example.com/").addresses()
    if is_allowed:
        assert asyncio.run(asked) == told
        return
    with pytest.raises(DestinationRefused):
        asyncio.run(asked)
