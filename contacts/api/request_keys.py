"""What a request that begins something carries: whose it is, which one it is, and where it goes."""

from __future__ import annotations

from rest_framework import exceptions
from rest_framework.request import Request

from drf_spectacular.utils import OpenApiParameter

from contacts import customers
from contacts.access import entry_points_of_partner
from contacts.api.callers import caller_of
from contacts.api.own_contacts import bad_key, idempotency_key_of
from contacts.limits import is_storable
from contacts.models import EntryPoint

COOKIELESS_KEY_MIN = 16
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="One per click. The same key and body return the same call. At least 16 characters without the cookie.",
)


def keys_of(request: Request) -> tuple[str, str | None]:
    """Return the customer key and the idempotency key of a start.

    :raises ValidationError: the idempotency key is too long, or too short to tell a stranger from a retry.
    """
    customer_key = customers.customer_key_of(request)
    idempotency_key = idempotency_key_of(request)
    if caller_of(request) is not None:  # whose customer is nobody yet
        return customers.new_customer_key(), idempotency_key
    if idempotency_key is None:
        return customer_key or customers.new_customer_key(), None
    if customer_key is not None:
        return customer_key, idempotency_key
    if len(idempotency_key) < COOKIELESS_KEY_MIN:
        raise bad_key(
            f"Without the cookie, at least {COOKIELESS_KEY_MIN} characters: "
            "the key is then all that tells a retry from a stranger."
        )
    return customers.customer_key_from(idempotency_key), idempotency_key


def entry_point_of(request: Request, slug: str) -> EntryPoint:
    """Return the entry point.

    :raises ValidationError: there is none of that name, or none for the request's partner.
    """
    caller = caller_of(request)
    known = EntryPoint.objects.all() if caller is None else entry_points_of_partner(caller.partner)
    try:
        return known.get(slug=slug if is_storable(slug) else "")
    except EntryPoint.DoesNotExist:
        unknown = {"entry_point": ["There is no such entry point."]}
        raise exceptions.ValidationError(unknown) from None
