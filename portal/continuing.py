"""The link by which a customer goes on with their call on another device, and the call page it leads to.

Opening the link uses nothing up, as programs that only look at links open them too: the page does, when its person says so.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.access import handover_of_link
from contacts.customers import set_secret_cookie
from contacts.models import Handover
from contacts.operations import OPEN_FOR
from contacts.snapshots import snapshot_of
from portal.call_page import call_page, render_page, unseen

LINK_COOKIE = "vcp_handover"
GONE = 410


@require_safe
def handover(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once, into a cookie for the call's page alone."""
    found = handover_of_link(token=token, at=timezone.now())
    if found is None:
        # Nobody learns whether there ever was such a link.
        return unseen(_without_referrer(render_page(request, "handover_gone.html", {}), GONE))
    address = reverse("existing-call", args=[found.contact_id])
    response = HttpResponseRedirect(address)
    set_secret_cookie(
        response, LINK_COOKIE, token, max_age_s=int(OPEN_FOR.total_seconds()), path=address
    )
    return unseen(_without_referrer(response))


def page_to_take_over(request: HttpRequest, contact_id: UUID) -> HttpResponse | None:
    """Show the call page to whoever has the link to it; None when they have none that works."""
    token = request.COOKIES.get(LINK_COOKIE)
    found = handover_of_link(token=token, at=timezone.now())
    if found is None or found.contact_id != contact_id:
        return None
    return _page(request, found, token or "")


def _page(request: HttpRequest, found: Handover, token: str) -> HttpResponse:
    contact = found.contact
    shown = {**snapshot_of(contact), "version": contact.version}
    return call_page(request, contact.entry_point, shown=shown, handover={"token": token})


def _without_referrer(response: HttpResponse, status: int | None = None) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    if status is not None:
        response.status_code = status
    return response
