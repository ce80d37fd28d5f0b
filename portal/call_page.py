"""The document of the call page: one template, and the data its script starts from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from contacts import connect_client, limits, operations
from contacts.choices import Feature
from contacts.custom_fields import ANSWER_MAX_CHARACTERS
from contacts.models import Consent, EntryPoint
from portal import preloads
from portal.languages import languages_offered, speak
from portal.messages import texts_at_entry, texts_for_template
from portal.sentence_files import address_of_sentences
from portal.themes import theme_of

# Stands in an address for an id the script fills in; a lawful UUID, so that `reverse` takes it.
ANY_CONTACT = UUID(int=0)
_ANY_REFERENCE = "REFERENCE"
_SLACK_S = 2  # beyond the longest start of a call, when another may finish it


def call_page(
    request: HttpRequest,
    entry_point: EntryPoint,
    *,
    shown: Mapping[str, Any] | None = None,
    connection: Mapping[str, Any] | None = None,
    addresses: Mapping[str, str] | None = None,
    guest: Mapping[str, Any] | None = None,
    guest_terms: Mapping[str, Any] | None = None,
    handover: Mapping[str, Any] | None = None,
    embedded: bool = False,
) -> HttpResponse:
    """Show the call page: of a call that exists, if it is `shown`; for a guest, with what they may
    know, on their terms in place of the entry point's, and with the addresses they ask; with the token of a
    `handover` to whoever may take the call over; `embedded`
    in a page of another site, where it has no cookies.
    """
    speak(request, usual=entry_point.language)
    frame = operations.read_availability(entry_point=entry_point, at=timezone.now())
    data = {
        "entry_point": {
            "slug": entry_point.slug,
            "name": entry_point.name,
            "company": entry_point.company,
            "name_required": entry_point.name_required,
            "custom_fields": entry_point.custom_fields,
            "consent": _consent_of(entry_point),
            "video": entry_point.customer_video,
            "screen_share": entry_point.customer_screen_share,
            "reminds": settings.SENDS_MAIL and entry_point.offers(Feature.REMINDERS),
            "off": entry_point.switched_off,
            **(guest_terms or {}),
            "availability": {**frame["availability"], "version": frame["version"]},
        },
        "urls": {**_addresses(entry_point), **(addresses or {})},
        "contact": shown,
        "connection": connection,
        "guest": guest,
        "handover": handover,
        "embedded": embedded,
        "messages": texts_at_entry(),
        "limits": {
            "name": limits.NAME_MAX_CHARACTERS,
            "description": limits.DESCRIPTION_MAX_CHARACTERS,
            "start_s": math.ceil(connect_client.longest_request_s()) + _SLACK_S,
            "answer": ANSWER_MAX_CHARACTERS,
            "kept_days": settings.PERSONAL_DATA_DAYS,
        },
    }
    # A page that was opened for more than to begin a call needs everything at once.
    at_once = bool(shown or guest or handover or embedded)
    context = {
        "entry_point": entry_point,
        "theme": theme_of(entry_point),
        "call_data": data,
        "scripts": preloads.files_of("call", *(["calling"] if at_once else [])),
        "sentences": address_of_sentences() if at_once else None,
    }
    response = render_page(request, "call.html", context)
    return response if shown is None else unseen(response)


def _consent_of(entry_point: EntryPoint) -> dict[str, Any] | None:
    """Return what callers have to agree to: a page shows the notice of recording in their language."""
    consent = Consent.objects.current(entry_point)
    if consent is None:
        return None
    return {
        "version": consent.version,
        "recording": entry_point.recording_notice,
        "text": entry_point.consent_text.strip(),
    }


def _addresses(entry_point: EntryPoint) -> dict[str, str]:
    """Return the addresses the script uses, with `:id` and `:reference` where a contact's go."""

    def of_contact(name: str) -> str:
        return reverse(name, args=[ANY_CONTACT]).replace(str(ANY_CONTACT), ":id")

    help_address = reverse("call-help", args=[_ANY_REFERENCE])
    return {
        "contacts": reverse("contact-list"),
        "callbacks": reverse("callback-list"),
        "reminders": reverse("reminder-list"),
        "contact": of_contact("contact-detail"),
        "end": of_contact("contact-end"),
        "connection": of_contact("contact-connection"),
        "dtmf": of_contact("contact-dtmf"),
        "survey": of_contact("contact-survey"),
        "quality": of_contact("contact-quality"),
        "handover": of_contact("contact-handover"),
        "take_over": reverse("handover-take"),
        "invitations": of_contact("invitation-list"),
        "invitation": of_contact("invitation-list") + ":invitation/",
        "socket": "/ws/contacts/:id/",
        "availability": f"{reverse('availability')}?{urlencode({'entry_point': entry_point.slug})}",
        "availability_socket": f"/ws/entry-points/{entry_point.slug}/",
        "sentences": address_of_sentences(),
        "alive": reverse("healthz"),
        "download": static("dist/measure.bin"),
        "page": of_contact("existing-call"),
        "call": reverse("call", args=[entry_point.slug]),
        "help": help_address.replace(_ANY_REFERENCE, ":reference"),
        "home": reverse("home"),
    }


def render_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a template with every sentence at hand."""
    always = {"text": texts_for_template(), "languages": languages_offered()}
    return render(request, template, {**always, **context})


def unseen(response: HttpResponse) -> HttpResponse:
    """Keep the answer out of every cache."""
    response["Cache-Control"] = "no-store"
    return response
