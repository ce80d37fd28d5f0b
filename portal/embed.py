"""The call inside another site's page: its script, what its button needs to know, and the page in its frame.

A frame of another site has no cookies, so nothing here sets or reads one: the page makes its own customer key and sends
it itself. Which sites may show it is the entry point's to say; browsers hold to it by `frame-ancestors`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contacts import operations
from contacts.models import EntryPoint
from contacts.site_origins import is_site_origin
from portal.call_page import call_page
from portal.languages import PARAMETER, asked_language, speak
from portal.messages import MESSAGES
from portal.themes import properties_of

SCRIPT = Path("static/dist/embed-v1.js")
SCRIPT_AGE_S = 3600
SETTINGS_AGE_S = 15
BUTTON_TEXTS = ("embed.button", "embed.title", "embed.minimise", "embed.restore", "embed.close")


@require_safe
@gzip_page
def script(request: HttpRequest) -> HttpResponse:
    """Serve the script that draws the button: the same for every site, so that browsers keep it."""
    response = HttpResponse(_script_text(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={SCRIPT_AGE_S}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def button_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell an allowed site's button what to say; tell any other site, in words, that it is not set up there."""
    entry_point = get_object_or_404(EntryPoint, slug=slug)
    origin = request.headers.get("Origin", "")
    speak(request, usual=entry_point.language)
    response = _settings_for(entry_point, origin)
    # Nothing in it is anybody's secret, and the page that may not use it must be able to read why.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={SETTINGS_AGE_S}"
    patch_vary_headers(response, ("Origin", "Accept-Language"))
    return response


@require_safe
@gzip_page
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call page of an entry point inside an allowed site's page, or in a tab that such a frame opened."""
    entry_point = get_object_or_404(EntryPoint, slug=slug)
    here = reverse("embed-frame", args=[slug]) + _asked(request)
    response = call_page(
        request, entry_point, addresses={"page": here, "call": here}, embedded=True
    )
    response["Cache-Control"] = "no-cache"
    # The tab is told by the frame that opened it what was typed there.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    response.xframe_options_exempt = True
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["'self'", *entry_point.allowed_origins]
    }
    return response


def _asked(request: HttpRequest) -> str:
    """Return what the address asks for, to be kept in those the page goes to: there is no cookie to remember it."""
    language = asked_language(request)
    return f"?{urlencode({PARAMETER: language})}" if language else ""


def _settings_for(entry_point: EntryPoint, origin: str) -> JsonResponse:
    if origin and origin not in entry_point.allowed_origins:
        told = origin if is_site_origin(origin) else ""
        refusal = {
            "code": "origin_not_allowed",
            "title": str(MESSAGES["embed.origin"]),
            "detail": str(MESSAGES["embed.origin.body"]).replace("{origin}", told),
        }
        return JsonResponse(refusal, status=403)
    frame = operations.read_availability(entry_point=entry_point, at=timezone.now())
    return JsonResponse(
        {
            "entry_point": entry_point.slug,
            "company": entry_point.company,
            "availability": frame["availability"],
            "address": reverse("embed-frame", args=[entry_point.slug]),
            "theme": properties_of(entry_point),
            "texts": {
                name.removeprefix("embed."): str(MESSAGES[name]).replace(
                    "{company}", entry_point.company
                )
                for name in BUTTON_TEXTS
            },
        }
    )


def _script_text() -> bytes:
    path = settings.BASE_DIR / SCRIPT
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _changed_at: int) -> bytes:
    return path.read_bytes()
