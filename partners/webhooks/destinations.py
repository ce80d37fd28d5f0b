"""Where a webhook may go: an address is read once, its name is looked up once, and no private network is reached.

What was checked is what is connected to, so a name that changes its address meanwhile gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from partners.models.webhook_endpoints import URL_MAX_CHARACTERS

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")
NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?\Z"
)
PORTS = {"https": 443, "http": 80}
# IANA's registries of special-purpose addresses, and the one public address that a cloud uses inside (168.63.129.16).
NOT_PUBLIC_4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(
    # Teredo and others, documentation, 6to4, documentation.
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)


class DestinationRefused(Exception):
    """Nothing is sent there. The message says why, in words for whoever set it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that may be asked, as far as can be told without looking its name up."""

    is_secure: bool
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> Destination:
        """Read an address.

        :raises DestinationRefused: it is none, or one of this machine's or of a private network.
        """
        if len(url) > URL_MAX_CHARACTERS or not PRINTABLE.match(url):
            raise DestinationRefused(f"At most {URL_MAX_CHARACTERS:,} printable ASCII characters.")
        try:
            split = urlsplit(url)
            host, port = (split.hostname or "").lower(), split.port
        except ValueError as error:
            raise DestinationRefused("This is no address.") from error
        if split.scheme not in PORTS or (split.scheme == "http" and not settings.WEBHOOK_LOOPBACK):
            raise DestinationRefused("It must begin with https://.")
        if "@" in split.netloc or "\\" in url or split.fragment or port == 0:
            raise DestinationRefused("No user name, password, fragment or backslash.")
        literal = _literal(host)
        if literal is None and not NAME.match(host):
            raise DestinationRefused("This is no host name.")
        destination = cls(
            is_secure=split.scheme == "https",
            host=host,
            port=port or PORTS[split.scheme],
            target=(split.path or "/") + (f"?{split.query}" if split.query else ""),
        )
        if literal is not None:
            destination.check(literal)
        return destination

    @property
    def host_header(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host
            if self.port == PORTS["https" if self.is_secure else "http"]
            else f"{host}:{self.port}"
        )

    def check(self, address: Address) -> None:
        """Refuse an address that is not public and was not allowed.

        :raises DestinationRefused: it is one.
        """
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address
        if address.is_loopback and settings.WEBHOOK_LOOPBACK:
            return
        if not self.is_secure:
            raise DestinationRefused("Only this machine is reached over plain HTTP.")
        if not is_public(address) and not any(
            address in network for network in settings.WEBHOOK_NETWORKS
        ):
            raise DestinationRefused("The address is of a private or special network.")

    async def addresses(self) -> list[str]:
        """Look the name up, and return its addresses if every one of them may be connected to.

        :raises DestinationRefused: one may not.
        :raises OSError: the name is not known.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
        for address in addresses:
            if "%" in address:
                raise DestinationRefused("The address is of a private or special network.")
            self.check(ipaddress.ip_address(address))
        return addresses


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet's. One that carries an IPv4 address within itself is none."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)


def _literal(host: str) -> Address | None:
    """Return the address that a host is, in any spelling that a resolver takes: 2130706433, 0177.1 and 0x7f.1 are 127.0.0.1."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None
