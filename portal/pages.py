"""The customer's pages: the entry points, the call page (new, or of a call that exists) and what happened to a call.

Each view reads and renders; what a call does is asked of `contacts`. A stranger is told that there is no such page.
Only pages without a connection are compressed, since the length of what is compressed may tell of a secret in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from contacts import operations
from contacts.access import contact_of_customer, contact_to_explain
from contacts.call_references import normal_reference
from contacts.customers import customer_key_of, ensure_customer_key, well_formed_key
from contacts.errors import ContactOver
from contacts.models import Contact, EntryPoint
from contacts.snapshots import snapshot_of
from portal.call_page import call_page, render_page, unseen
from portal.call_report import report_of, report_text_of, timeline_of
from portal.continuing import page_to_take_over
from portal.languages import speak
from portal.themes import theme_of


@require_safe
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """List the places one can call now."""
    return render_page(request, "home.html", {"entry_points": EntryPoint.objects.open()})


@require_safe
@gzip_page
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call page of an entry point."""
    entry_point = get_object_or_404(EntryPoint, slug=slug)
    response = call_page(request, entry_point)
    # So that even a call that fails to start belongs to somebody who may ask what happened.
    ensure_customer_key(request, response)
    return response


@require_safe
def existing_call(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Show the call page for a call that exists, to the customer who started it or is about to take it over."""
    customer_key = customer_key_of(request)
    contact = contact_of_customer(contact_id=contact_id, customer_key=customer_key)
    if contact is None:
        taking = page_to_take_over(request, contact_id)
        if taking is None:
            raise Http404
        return taking
    connection = _connection_of(contact, customer_key)
    shown = {**snapshot_of(contact), "version": contact.version}
    return call_page(request, contact.entry_point, shown=shown, connection=connection)


@csrf_exempt  # it changes nothing, and answers the call's owner alone
@require_http_methods(["GET", "HEAD", "POST"])
def call_help(request: HttpRequest, reference: str) -> HttpResponse:
    """Say plainly what happened to a call, to the customer who made it and to staff.

    A page inside another site's has no cookie: it posts its customer key, which then stands in no address.
    """
    user = request.user
    user.is_authenticated  # noqa: B018 (looked up first: headers must not tell whether there is such a call)
    posted = well_formed_key(request.POST.get("customer_key"))
    contact_id = (
        Contact.objects.filter(reference=normal_reference(reference))
        .values_list("pk", flat=True)
        .first()
    )
    contact = contact_id and contact_to_explain(
        contact_id=contact_id, customer_key=posted or customer_key_of(request), user=user
    )
    if not contact:
        raise Http404
    speak(request, usual=contact.entry_point.language)
    timeline = timeline_of(contact)
    report = report_of(contact, timeline=timeline, at=timezone.now())
    context = {
        "contact": contact,
        "theme": theme_of(contact.entry_point),
        "timeline": timeline,
        "report": report,
        "report_text": report_text_of(report),
    }
    return unseen(render_page(request, "call_help.html", context))


def _connection_of(contact: Contact, customer_key: str | None) -> dict[str, Any] | None:
    """Return what the customer may come back with, or None when the call is over."""
    try:
        return operations.connection_for(contact=contact, customer_key=customer_key)
    except ContactOver:
        return None
