"""Who sends a request to an endpoint: a customer's browser, or a program with a partner's key. One view serves both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework import exceptions, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from contacts.access import PartnerCaller
from contacts.choices import Scope
from contacts.errors import TestKeyRefused
from contacts.models import Partner

View = TypeVar("View", bound=type[Any])


class MissingScope(exceptions.APIException):
    """The partner's key may do other things, but not this."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "missing_scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"The key lacks the scope {scope.value}.")
        self.auth_header = f'Bearer realm="api", error="insufficient_scope", scope="{scope.value}"'


class KeyRefused(exceptions.AuthenticationFailed):
    """There is no key where one is needed, or it is unknown, revoked, expired or its partner's account is closed."""

    default_detail = "Send Authorization: Bearer and one of your keys; this one is missing, unknown, expired or revoked."
    auth_header = 'Bearer realm="api"'


def caller_of(request: Request) -> PartnerCaller | None:
    """Return the partner's program that sent the request, or None for a customer's browser."""
    return request.auth if isinstance(request.auth, PartnerCaller) else None


def partner_of(request: Request) -> Partner:
    """Return the partner whose program sent the request.

    :raises KeyRefused: it came without a key.
    """
    return program_of(request).partner


def program_of(request: Request) -> PartnerCaller:
    """Return the partner's program that sent the request.

    :raises KeyRefused: it came without a key.
    """
    caller = caller_of(request)
    if caller is None:
        raise KeyRefused
    return caller


def refuse_test_keys(request: Request) -> None:
    """Keep tests away from what is only there for real.

    :raises TestKeyRefused: the request came with a test key.
    """
    caller = caller_of(request)
    if caller is not None and caller.is_test:
        raise TestKeyRefused


def open_to_partners(
    *, partners_only: tuple[str, ...] = (), **scopes: Scope
) -> Callable[[View], View]:
    """Declare which scope each method of a view needs of a partner's key, and which are for partners alone."""

    def declare(view: View) -> View:
        view.scopes = scopes
        view.partners_only = partners_only
        return view

    return declare


class HasScope(BasePermission):
    """Lets partners' programs do what their keys are for, and browsers all that is not for partners alone."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request may be answered.

        :raises KeyRefused: the method is for partners alone, and there is no key.
        :raises MissingScope: the key does not reach so far.
        """
        method = request.method or ""
        if not hasattr(view, method.lower()) or method == "OPTIONS":
            return True
        caller = caller_of(request)
        if caller is None:
            if method in getattr(view, "partners_only", ()):
                raise KeyRefused
            return True
        scope: Scope | None = getattr(view, "scopes", {}).get(method)
        if scope is None:
            raise exceptions.PermissionDenied("This is for customers' browsers.")
        if scope not in caller.scopes:
            raise MissingScope(scope)
        return True
