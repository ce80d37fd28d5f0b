"""Who is logged in to the admin, and what they still lack: the one place that knows second factors of sessions.

After the first step (a password, or single sign-on) somebody with a second factor is not logged in: their session says who
asks, and nothing that looks at users finds one there. A session that was let in remembers by which factor. Once that is
reset, or one becomes required, it belongs to nobody: for pages, addresses and sockets alike.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, login
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from asgiref.sync import sync_to_async

from contacts.models import SecondFactor

OFF, OPTIONAL, REQUIRED = MODES = ("off", "optional", "required")
WAITS_S = 600  # between the first step and the second
BY_PROVIDER = "provider"  # in place of a factor of ours, where that is trusted
BACKEND = "django.contrib.auth.backends.ModelBackend"

_FACTOR = "second_factor"
_WAITING = "second_factor_awaited"


class StaffAuthenticationMiddleware(AuthenticationMiddleware):
    """Django's, but for users who lack their second factor: they are nobody."""

    def process_request(self, request: HttpRequest) -> None:
        """Let `request.user` be read when it is wanted."""
        super().process_request(request)
        find = partial(_user_once, request)
        request.user = SimpleLazyObject(find)  # type: ignore[assignment]
        request.auser = sync_to_async(find)


def user_of_request(request: HttpRequest) -> User | AnonymousUser:
    """Return who is logged in by a request's session, second factor included."""
    user = get_user(request)
    if isinstance(user, User) and _is_let_in(user, request.session):
        return user
    return AnonymousUser()


def begin_session(request: HttpRequest, user: User, *, next_address: str, at: datetime) -> bool:
    """Log in who has taken the first step, or keep that they did. Returns whether they are logged in."""
    factor = _factor_of(user)
    if settings.STAFF_TWO_FACTOR == OFF or (
        factor is None and settings.STAFF_TWO_FACTOR == OPTIONAL
    ):
        open_session(request, user, factor=None)
        return True
    request.session.cycle_key()
    request.session[_WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": at.timestamp(),
        "next": next_address,
    }
    return False


def awaited_user(request: HttpRequest, *, at: datetime) -> User | None:
    """Return who took the first step a while ago and has yet to take the second."""
    kept = request.session.get(_WAITING)
    if not kept or at.timestamp() - kept["at"] > WAITS_S:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return user


def next_address_of(request: HttpRequest) -> str:
    """Return where whoever took the first step wanted to go; empty if they took none."""
    return str(request.session.get(_WAITING, {}).get("next", ""))


def open_session(request: HttpRequest, user: User, *, factor: SecondFactor | str | None) -> None:
    """Log a user in, with the second factor they have shown."""
    login(request, user, backend=BACKEND)
    request.session.pop(_WAITING, None)
    note_factor(request, factor)


def note_factor(request: HttpRequest, factor: SecondFactor | str | None) -> None:
    """Let a session go on with another second factor, or none."""
    if factor is None:
        request.session.pop(_FACTOR, None)
    else:
        request.session[_FACTOR] = factor.pk if isinstance(factor, SecondFactor) else factor


def _is_let_in(user: User, session: Any) -> bool:
    if settings.STAFF_TWO_FACTOR == OFF:
        return True
    if session.get(_FACTOR) == BY_PROVIDER:
        return bool(settings.OIDC_TRUST_SECOND_FACTOR)
    factor = _factor_of(user)
    if factor is None:
        return settings.STAFF_TWO_FACTOR == OPTIONAL and _FACTOR not in session
    return bool(session.get(_FACTOR) == factor.pk)


def _factor_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user.pk).first()


def _user_once(request: Any) -> User | AnonymousUser:
    if not hasattr(request, "_staff_user"):
        request._staff_user = user_of_request(request)
    found: User | AnonymousUser = request._staff_user
    return found
