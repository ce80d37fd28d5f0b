"""What can be refused to a partner alone; see `contacts.errors`."""

from __future__ import annotations

from contacts.errors import ContactsError


class EndpointLimit(ContactsError):
    """The partner has as many webhook endpoints as it may have."""

    code = "endpoint_limit"


class EndpointPaused(ContactsError):
    """The webhook endpoint is paused, so nothing is sent to it."""

    code = "endpoint_paused"
