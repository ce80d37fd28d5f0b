"""How often one address may start calls, or come back to them, without being known."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from contacts.api.callers import caller_of

logger = logging.getLogger(__name__)


def network_of(address: str, *, of_ipv4: int, of_ipv6: int) -> str:
    """Return the network of so many bits that an address is in; of what is no address, something short all the same."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(known, ipaddress.IPv6Address):
        known = known.ipv4_mapped or known
    bits = of_ipv4 if known.version == 4 else of_ipv6
    return str(ipaddress.ip_network(f"{known}/{bits}", strict=False))


class CallStartThrottle(SimpleRateThrottle):
    """At most `CALL_START_RATE` starts per client address."""

    scope = "call_start"

    def get_rate(self) -> str:
        """Return the rate, read now so that a test or a reload can change it."""
        return str(settings.CALL_START_RATE)

    def get_ident(self, request: Request) -> str:
        """Return who is counted as one: an IPv4 address, or the /64 that a host with IPv6 has to itself."""
        return network_of(super().get_ident(request), of_ipv4=32, of_ipv6=64)

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return the key under which an address's starts are counted."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether one more start is allowed; yes when the counter cannot be reached, as calls matter more.

        A partner's program has limits of its own: its many customers come from one address.
        """
        if caller_of(request) is not None:
            return True
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.warning("throttle_unavailable", exc_info=True)
            return True


class NetworkThrottle(CallStartThrottle):
    """At most `CALL_START_NETWORK_RATE` starts per network, since many addresses cost little."""

    scope = "call_start_network"

    def get_rate(self) -> str:
        """Return the rate, read now so that a test or a reload can change it."""
        return str(settings.CALL_START_NETWORK_RATE)

    def get_ident(self, request: Request) -> str:
        """Return the network."""
        address = SimpleRateThrottle.get_ident(self, request)
        return network_of(address, of_ipv4=24, of_ipv6=56)


class RejoinThrottle(CallStartThrottle):
    """As many returns to calls as starts, counted on their own."""

    scope = "rejoin"


class AcceptThrottle(CallStartThrottle):
    """As many accepted invitations per client address as starts, counted on their own."""

    scope = "accept"


class TakeOverThrottle(CallStartThrottle):
    """As many calls taken over per client address as starts, counted on their own."""

    scope = "take_over"


class _PerContactThrottle(CallStartThrottle):
    """So many requests about each contact, or a guest's place in one, of whoever may make them."""

    rate_of_each = ""

    def get_rate(self) -> str:
        """Return the rate."""
        return self.rate_of_each

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return the key under which a contact's requests are counted."""
        subject = view.kwargs.get("contact_id") or view.kwargs["invitation_id"]
        ident = f"{self.get_ident(request)}_{subject}"
        return self.cache_format % {"scope": self.scope, "ident": ident}


class DigitsThrottle(_PerContactThrottle):
    """Nobody keys in faster."""

    scope = "digits"
    rate_of_each = "120/min"


class PeopleThrottle(_PerContactThrottle):
    """Invitations and people added, of a call with four places."""

    scope = "people"
    rate_of_each = "30/min"


class SurveyThrottle(_PerContactThrottle):
    """One answer is taken, and repeats of it."""

    scope = "survey"
    rate_of_each = "10/min"


class QualityThrottle(_PerContactThrottle):
    """A page gathers changes for ten seconds, and tells the last when it is left."""

    scope = "quality"
    rate_of_each = "30/min"


class ReminderThrottle(CallStartThrottle):
    """At most `REMINDER_RATE` addresses to be reminded per client address: mails reach others than who asks."""

    scope = "reminder"

    def get_rate(self) -> str:
        """Return the rate, read now so that a test or a reload can change it."""
        return str(settings.REMINDER_RATE)


class CallbackThrottle(CallStartThrottle):
    """At most `CALLBACK_RATE` requests to be called back per client address."""

    scope = "callback"

    def get_rate(self) -> str:
        """Return the rate, read now so that a test or a reload can change it."""
        return str(settings.CALLBACK_RATE)
