"""Where links lead: a partner's customer into the call started for them, and guests to their page of a call.

A link may be opened by programs that only look at it, so opening it takes no place: the page does, when its guest says so.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import (
    contact_of_customer,
    invitation_of_link,
    join_link_of,
    place_of_guest,
)
from contacts.choices import InvitationState
from contacts.customers import customer_key_of, ensure_customer_key, set_secret_cookie
from contacts.errors import ContactOver, InvitationGone
from contacts.guests import guest_key_of, new_guest_key, set_guest_key
from contacts.models import Invitation, JoinLink
from contacts.operations import connection_of_guest, join_by_link
from contacts.snapshots import guest_snapshot_of
from portal.call_page import ANY_CONTACT, call_page, render_page, unseen

LINK_COOKIE = "vcp_link"
LINK_COOKIE_AGE_S = 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Open what a link leads to: a guest's place, or the call that a partner started for its customer."""
    link = join_link_of(token=token)
    if link is not None:
        return _join_as_customer(request, link, token)
    if request.method == "POST":
        raise Http404
    return _join_as_guest(request, token)


def _join_as_customer(request: HttpRequest, link: JoinLink, token: str) -> HttpResponse:
    """Ask first, since programs that only look at links must not use it up; then make the browser the call's customer."""
    page = HttpResponseRedirect(reverse("existing-call", args=[link.contact_id]))
    customer_key = customer_key_of(request)
    own = contact_of_customer(contact_id=link.contact_id, customer_key=customer_key)
    if own is None and request.method != "POST":
        usable = link.used_at is None and link.expires_at > timezone.now()
        return _join_page(request, link, usable=usable and not link.contact.is_over)
    try:
        customer_key = ensure_customer_key(request, page)
        join_by_link(link=link, customer_key=customer_key, at=timezone.now())
    except InvitationGone:
        return _join_page(request, link, usable=False)
    page["Referrer-Policy"] = "no-referrer"
    return unseen(page)


def _join_page(request: HttpRequest, link: JoinLink, *, usable: bool) -> HttpResponse:
    context = {"entry_point": link.contact.entry_point, "usable": usable}
    page = render_page(request, "join.html", context)
    page.status_code = 200 if usable else 410
    page["Referrer-Policy"] = "same-origin"  # the form's own request needs its origin
    return unseen(page)


def _join_as_guest(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once, into a cookie for the guest's page alone."""
    invitation = invitation_of_link(token=token)
    if invitation is None:
        raise Http404
    address = reverse("guest", args=[invitation.pk])
    response = HttpResponseRedirect(address)
    if guest_key_of(request) is None:
        # Before the place is taken: whoever does not get that answer can ask again.
        set_guest_key(response, new_guest_key())
    set_secret_cookie(response, LINK_COOKIE, token, max_age_s=LINK_COOKIE_AGE_S, path=address)
    response["Referrer-Policy"] = "no-referrer"
    return unseen(response)


@require_safe
def guest(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Show the call page to the guest of an invitation, or to whoever has its link."""
    place = place_of_guest(invitation_id=invitation_id, guest_key=guest_key_of(request))
    if place is not None:
        response = _page(request, place, token=None)
    else:
        token = request.COOKIES.get(LINK_COOKIE)
        invitation = invitation_of_link(token=token)
        if invitation is None or invitation.pk != invitation_id:
            raise Http404
        response = _page(request, invitation, token=token)
    response["Referrer-Policy"] = "no-referrer"
    return unseen(response)


def _page(request: HttpRequest, invitation: Invitation, *, token: str | None) -> HttpResponse:
    contact = invitation.contact
    is_guest = token is None
    state = invitation.state(at=timezone.now())
    usable = invitation.place is not None and not contact.is_over
    return call_page(
        request,
        contact.entry_point,
        shown=(
            {**guest_snapshot_of(contact, invitation), "version": contact.version}
            if is_guest
            else None
        ),
        connection=_connection(invitation) if is_guest else None,
        addresses=_addresses(invitation),
        guest={
            "token": token if usable and state == InvitationState.OPEN else None,
            "gone": not usable or (not is_guest and state != InvitationState.OPEN),
            "host": contact.name,
        },
        guest_terms={
            "name_required": False,
            "video": invitation.video,
            "screen_share": invitation.screen_share,
            "open": True,
        },
    )


def _connection(invitation: Invitation) -> dict[str, Any] | None:
    try:
        return connection_of_guest(invitation=invitation)
    except ContactOver:
        return None


def _addresses(invitation: Invitation) -> dict[str, str]:
    """Return the addresses the script uses in place of a customer's, with `:id` where the invitation's goes."""

    def of_guest(name: str) -> str:
        return reverse(name, args=[ANY_CONTACT]).replace(str(ANY_CONTACT), ":id")

    return {
        "contacts": reverse("invitation-accept"),
        "contact": of_guest("guest-detail"),
        "end": of_guest("guest-end"),
        "connection": of_guest("guest-connection"),
        "quality": of_guest("guest-quality"),
        "socket": "/ws/guests/:id/",
        "page": of_guest("guest"),
        "call": reverse("guest", args=[invitation.pk]),
    }
