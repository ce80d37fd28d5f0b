"""The gallery, with `DEBUG` only: every screen and sentence in every language, light and dark, for designers and translators.

Screens are drawn by the call page's own template, styles and scripts, from what `gallery_scenes` says; no call, agent or
entry point is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from portal.call_page import render_page
from portal.gallery_scenes import REFERENCE, SCENES
from portal.languages import PARAMETER, asked_language
from portal.messages import ENGLISH, text_of
from portal.scene_pages import THEMES, page_data_of, page_sheet_in

HELP = [name.removeprefix("help.verdict.") for name in ENGLISH if name.startswith("help.verdict.")]
PAGES = {"not_found": "404.html", "error": "500.html"}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_designers(view: View[P]) -> View[P]:
    """Show it on a developer's own machine, and nowhere else; in the language that the address asks for."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **parts: P.kwargs) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        translation.activate(asked_language(request) or "en")
        return view(request, *args, **parts)

    return require_safe(shown)


@for_designers
def index(request: HttpRequest) -> HttpResponse:
    """List every screen with its links, and every sentence with its translations."""
    codes = [code for code, _ in settings.LANGUAGES]
    context = {
        "codes": codes,
        "groups": [
            _group("Call page", "gallery-scene", SCENES, codes),
            _group("What happened to a call", "gallery-help", HELP, codes),
            _group("Other pages", "gallery-page", PAGES, codes),
        ],
        "sentences": [(name, [_said(name, code) for code in codes]) for name in ENGLISH],
    }
    with translation.override("en"):
        return render(request, "gallery.html", context)


@for_designers
def scene(request: HttpRequest, name: str) -> HttpResponse:
    """Show one screen of the call page."""
    if name not in SCENES:
        raise Http404
    data = page_data_of(SCENES[name])
    theme = {"shows_company": True}
    context = {"entry_point": data["entry_point"], "theme": theme, "call_data": data}
    return render_page(request, "gallery_scene.html", {**context, **_theme(request)})


@for_designers
def help_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a call's help page says of one ending, with every step that there may be."""
    if name not in HELP:
        raise Http404
    advice = f"help.advice.{name}"
    steps = [one for one in ENGLISH if one.startswith("help.event.")]
    context = {
        "contact": {"reference": REFERENCE, "is_over": True, "entry_point": {"slug": "demo"}},
        "report": {
            "verdict": {"id": f"help.verdict.{name}", "text": text_of(f"help.verdict.{name}")},
            "advice": {"id": advice, "text": text_of(advice)} if advice in ENGLISH else None,
            "reference": REFERENCE,
        },
        "timeline": [{"message_id": one, "text": text_of(one)} for one in steps],
        "report_text": text_of(f"help.verdict.{name}"),
    }
    return render_page(request, "call_help.html", {**context, **_theme(request)})


@for_designers
def plain_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page that says what went wrong."""
    if name not in PAGES:
        raise Http404
    return render_page(request, PAGES[name], _theme(request))


@for_designers
def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the product's own styles as a device set to light or to dark shows them."""
    if name not in THEMES:
        raise Http404
    return HttpResponse(page_sheet_in(name), content_type="text/css; charset=utf-8")


def _theme(request: HttpRequest) -> dict[str, Any]:
    """Return the theme the address asks for; without one, the device's own holds."""
    asked = request.GET.get("theme", "")
    return {"sheet": reverse("gallery-sheet", args=[asked]) if asked in THEMES else None}


def _group(title: str, view: str, names: Iterable[str], codes: list[str]) -> dict[str, Any]:
    return {"title": title, "rows": [_links(view, name, codes) for name in names]}


def _links(view: str, name: str, codes: list[str]) -> dict[str, Any]:
    """Return the links to one screen, for each language in each theme."""
    address = reverse(view, args=[name])
    return {
        "name": name,
        "links": [
            [
                (theme, f"{address}?{urlencode({PARAMETER: code, 'theme': theme})}")
                for theme in THEMES
            ]
            for code in codes
        ],
    }


def _said(message_id: str, code: str) -> dict[str, Any]:
    with translation.override(code):
        said = text_of(message_id)
    forms = [said] if isinstance(said, str) else list(said.values())
    rtl = code in settings.LANGUAGES_BIDI
    return {"code": code, "direction": "rtl" if rtl else "ltr", "forms": forms}
