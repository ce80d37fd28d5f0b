"""The UDP sockets of one client's media, within the ports and addresses that the operator allows.

Knows nothing of ICE: transport.py makes candidates of what is opened here.
"""

from __future__ import annotations

import errno
import ipaddress
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass

_UNPRIVILEGED = 1024
_LAST = 65535
_RECEIVE_BUFFER = 256 * 1024
"""Bytes that may wait while the event loop is busy: a key frame of several videos arrives at once."""

_ANY_PORT = range(1)
_LOOPBACK = "127.0.0.1"
_WILDCARDS = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - media comes from where its client is


class NoMediaSocket(ConnectionError):
    """No socket can be had for a client's media; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class MediaSocket:
    """A bound UDP socket, and the address at which clients reach it."""

    socket: socket.socket
    address: str

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class MediaNetwork:
    """Which ports may be opened (None: any), and the one address clients are told (None: all of this host's)."""

    ports: range | None = None
    address: str | None = None

    @classmethod
    def of(cls, ports: str | None, address: str | None) -> MediaNetwork:
        """From their texts, as `parse_ports` and `parse_address` take them."""
        return cls(parse_ports(ports) if ports else None, parse_address(address))

    def open_sockets(self, host_addresses: Iterable[str]) -> list[MediaSocket]:
        """One socket for each address of this host, each with the whole range of ports to itself.

        An address that is not this host's own, as behind a port mapping, is served by one socket on all of them.
        A host without a network is served on 127.0.0.1.

        :raises NoMediaSocket: every port of the range is taken on one of the addresses, or nothing can be opened.
        """
        if self.address is not None:
            return [self._open_announced(self.address)]
        opened: list[MediaSocket] = []
        try:
            for address in host_addresses:
                bound = self._bind(address)
                if bound is not None:
                    opened.append(MediaSocket(bound, address))
            if not opened:
                opened.append(self._open_announced(_LOOPBACK))
        except NoMediaSocket:
            for one in opened:
                one.socket.close()
            raise
        return opened

    def _open_announced(self, address: str) -> MediaSocket:
        bound = self._bind(address) or self._bind(_WILDCARDS[_version(address)])
        if bound is None:
            raise NoMediaSocket(f"no UDP socket can be opened for media at {address}")
        return MediaSocket(bound, address)

    def _bind(self, address: str) -> socket.socket | None:
        """A socket on `address`; None where this host has no such address, or it is not ready yet."""
        family = socket.AF_INET if _version(address) == 4 else socket.AF_INET6
        try:
            unbound = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise NoMediaSocket(f"no UDP socket can be opened for media: {error}") from error
        unbound.setblocking(False)
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if family == socket.AF_INET6:
            unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for port in _shuffled(self.ports or _ANY_PORT):
            try:
                unbound.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                unbound.close()
                return None
            return unbound
        unbound.close()
        raise NoMediaSocket(
            f"every UDP port for media is in use on {address}: allow more with --media-ports"
        )


def parse_ports(text: str) -> range:
    """The ports of `FIRST-LAST`, both included.

    :raises ValueError: it is no such range.
    """
    first, dash, last = text.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal()):
        raise ValueError("expected a range of UDP ports such as 40000-40199")
    ports = range(int(first), int(last) + 1)
    if not ports or ports[0] < _UNPRIVILEGED or ports[-1] > _LAST:
        raise ValueError(f"expected ports from {_UNPRIVILEGED} to {_LAST}, the lower one first")
    return ports


def parse_address(text: str | None) -> str | None:
    """An IP address in its usual form, or None.

    :raises ValueError: it is neither.
    """
    return None if text is None else str(ipaddress.ip_address(text))


def _version(address: str) -> int:
    return ipaddress.ip_address(address).version


def _shuffled(ports: range) -> Iterable[int]:
    """All of them, beginning anywhere: a port just left may still get its former client's packets."""
    start = random.randrange(len(ports))  # noqa: S311 - no secret
    return (*ports[start:], *ports[:start])
