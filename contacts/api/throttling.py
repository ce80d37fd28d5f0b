"""How often one address may start calls, or come back to them, without being known."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class CallStartThrottle(SimpleRateThrottle):
    """At most `CALL_START_RATE` starts per client address."""

    scope = "call_start"

    def get_rate(self) -> str:
        """Return the rate, read now so that a test or a reload can change it."""
        return str(settings.CALL_START_RATE)

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return the key under which an address's starts are counted."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether one more start is allowed; yes when the counter cannot be reached, as calls matter more."""
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.warning("throttle_unavailable", exc_info=True)
            return True


class RejoinThrottle(CallStartThrottle):
    """As many returns to calls as starts, counted on their own."""

    scope = "rejoin"
