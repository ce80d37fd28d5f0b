"""The admin's login, which takes only so many wrong passwords: of one address for one name, of one address, and for one name.

Counted in the cache, for a few minutes. While that is away everybody may try: staff must be able to end calls.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import SimpleRateThrottle

from contacts.api.throttling import network_of

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER_S = 300
TRIES_OF_BOTH = 5
TRIES_OF_ADDRESS = 30
TRIES_FOR_NAME = 50

T = TypeVar("T")


class ThrottledLoginForm(AdminAuthenticationForm):
    """Asks for name and password, and refuses without looking at them after too many wrong ones."""

    def clean(self) -> dict[str, Any]:
        """Log in.

        :raises ValidationError: name or password is wrong, or too many were.
        """
        limits = self._limits()
        if any(_tries(key) >= most for key, most in limits.items()):
            logger.warning("admin_login_throttled")
            raise ValidationError(
                _("Too many wrong passwords. Wait five minutes and try again."), code="throttled"
            )
        try:
            return super().clean()
        except ValidationError:
            for key in limits:
                _count(key)
            raise

    def _limits(self) -> dict[str, int]:
        address, name = "", str(self.cleaned_data.get("username") or "").lower()
        if self.request is not None:
            told = SimpleRateThrottle.get_ident(_Addressed(), self.request)  # type: ignore[arg-type]
            address = network_of(told, of_ipv4=32, of_ipv6=64)
        return {
            _key("both", address, name): TRIES_OF_BOTH,
            _key("address", address): TRIES_OF_ADDRESS,
            _key("name", name): TRIES_FOR_NAME,
        }


class _Addressed(SimpleRateThrottle):
    """Knows the client's address behind proxies."""

    rate = "1/min"


def _key(*parts: str) -> str:
    return "admin-login-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _tries(key: str) -> int:
    return int(_if_there(lambda: cache.get(key, 0), 0))


def _count(key: str) -> None:
    _if_there(lambda: cache.add(key, 0, FORGOTTEN_AFTER_S), False)
    _if_there(lambda: cache.incr(key), 0)


def _if_there(work: Callable[[], T], otherwise: T) -> T:
    try:
        return work()
    except Exception:
        logger.warning("login_throttle_unavailable", exc_info=True)
        return otherwise
