"""Who may use an endpoint at all. Whose contact it is, is decided in contacts.access."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from contacts.origins import is_foreign_request


class CrossOrigin(PermissionDenied):
    """Another site's page made the request."""

    default_code = "cross_origin"
    default_detail = "Requests from another site's pages are refused."


class SameOriginOnly(BasePermission):
    """Refuses unsafe requests that another site's page makes with our customer's cookie."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request is safe, or our own page's, or no page's.

        :raises CrossOrigin: it is another site's; a key would not help.
        """
        if request.method not in SAFE_METHODS and is_foreign_request(
            origin=request.headers.get("Origin"),
            fetch_site=request.headers.get("Sec-Fetch-Site", ""),
            host=request.get_host(),
        ):
            raise CrossOrigin
        return True


class EventsKeyRefused(NotAuthenticated):
    """The events key is missing or wrong."""

    default_detail = "X-Events-Key is missing or wrong."
    auth_header = 'X-Events-Key realm="contact-events"'


class HoldsEventsKey(BasePermission):
    """Lets Amazon Connect's event source in by the shared key; two keys may be valid while one replaces the other."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether `X-Events-Key` is one of the keys.

        :raises EventsKeyRefused: it is not.
        """
        given = request.headers.get("X-Events-Key", "").encode()
        matches = [
            hmac.compare_digest(given, key.encode()) for key in settings.CONNECT_EVENTS_KEYS
        ]
        if not any(matches):
            raise EventsKeyRefused
        return True
