"""The looks that a form of an entry point would give its pages, before it is saved: for those who may save it.

The page is the customers' own template, styles and script; nothing is stored, and nobody can call from it. What a form
gives is read as at saving: what would be refused there is named above the page, with the contrast that was measured.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, cast

from django.contrib import admin
from django.forms import modelform_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import entry_points_of_staff
from contacts.admin.entry_point_form import EntryPointForm
from contacts.colours import is_colour, least_contrast, lightened_until_readable
from contacts.logo_images import CONTENT_TYPE, LogoImage
from contacts.models import EntryPoint
from contacts.theme_checks import DARK_GROUNDS, LIGHT_GROUNDS
from portal.call_page import render_page, unseen
from portal.gallery_scenes import SCENES
from portal.scene_pages import THEMES, fixed_to, page_data_of, page_sheet_in
from portal.themes import sheet_of, theme_of

FIELDS = ("company", "customer_video", "shows_company", "accent", "accent_dark", "corner_radius")
SCREENS = ("entry.ready.nowait", "details", "call.connected")
LooksForm = cast(
    type[EntryPointForm], modelform_factory(EntryPoint, form=EntryPointForm, fields=FIELDS)
)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class Finding(TypedDict):
    """What is to be said of one field."""

    fine: bool
    label: str
    text: str


def for_editors(view: View[P]) -> View[P]:
    """Show it to those who may add or change entry points, and to nobody else."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **parts: P.kwargs) -> HttpResponse:
        user = request.user
        may = ("contacts.change_entrypoint", "contacts.add_entrypoint")
        if not admin.site.has_permission(request) or not any(map(user.has_perm, may)):
            raise Http404
        return view(request, *args, **parts)

    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
@xframe_options_exempt
def page(request: HttpRequest) -> HttpResponse:
    """Show an entry point as it is saved, or with what a form gives in its place."""
    entry_point = _entry_point(request)
    theme: dict[str, Any] = theme_of(entry_point) if entry_point.pk else {"logo": None}
    findings: list[Finding] = []
    if request.method == "POST":
        form = LooksForm(request.POST, request.FILES, instance=entry_point)
        form.is_valid()
        findings = [*_mistakes(form)]
        _try_on(entry_point, form)
        theme["logo"] = _logo(form.cleaned_data.get("logo_upload"), theme["logo"])
    theme["shows_company"] = entry_point.shows_company or not theme["logo"]
    theme["sheet"] = ""  # it has no address yet
    return _shown(request, entry_point, theme, [*findings, *_contrasts(entry_point, findings)])


@require_safe
@for_editors
def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the product's own styles as a device set to light or to dark shows them."""
    if name not in THEMES:
        raise Http404
    return HttpResponse(page_sheet_in(name), content_type="text/css; charset=utf-8")


def _entry_point(request: HttpRequest) -> EntryPoint:
    asked = request.GET.get("entry_point", "")
    if not asked:
        return EntryPoint()
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    return get_object_or_404(entry_points_of_staff(request.user), pk=int(asked))


def _try_on(entry_point: EntryPoint, form: EntryPointForm) -> None:
    """Let colours that cannot be read be seen all the same, as what is wrong with them is."""
    for name in ("accent", "accent_dark"):
        given = form.data.get(name, "").strip()
        if name in form.errors:
            setattr(entry_point, name, given if is_colour(given) else "")


def _logo(given: Any, stored: Any) -> Any:
    if isinstance(given, LogoImage):
        coded = base64.b64encode(given.png).decode()
        address = f"data:{CONTENT_TYPE};base64,{coded}"
        return {"address": address, "width": given.width, "height": given.height}
    return None if given is False else stored


def _mistakes(form: EntryPointForm) -> Iterator[Finding]:
    for name, errors in form.errors.items():
        label = str(form.fields[name].label if name in form.fields else name)
        yield {"fine": False, "label": label, "text": " ".join(map(str, errors))}


def _contrasts(entry_point: EntryPoint, mistakes: list[Finding]) -> Iterator[Finding]:
    """Say how well the colours can be read that nothing is wrong with."""
    accent, dark = entry_point.accent, entry_point.accent_dark
    if accent and not dark:
        dark = lightened_until_readable(accent, DARK_GROUNDS)
    wrong = {one["label"] for one in mistakes}
    for name, colour, grounds in (
        ("accent", accent, LIGHT_GROUNDS),
        ("accent_dark", dark, DARK_GROUNDS),
    ):
        label = str(EntryPoint._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
        if colour and label not in wrong:
            measured = int(least_contrast(colour, grounds) * 100) / 100
            yield {"fine": True, "label": label, "text": f"{colour}, contrast {measured:.2f}:1"}


def _shown(
    request: HttpRequest, entry_point: EntryPoint, theme: dict[str, Any], findings: list[Finding]
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    name = asked.get("preview_screen", "")
    looks = asked.get("preview_theme", "")
    looks = looks if looks in THEMES else THEMES[0]
    data = page_data_of(SCENES[name if name in SCREENS else SCREENS[0]])
    known = {"company": entry_point.company or data["entry_point"]["company"]}
    data["entry_point"] |= known | {"video": entry_point.customer_video}
    nonce = secrets.token_urlsafe(16)
    context = {
        "entry_point": data["entry_point"],
        "call_data": data,
        "theme": theme,
        "sheet": reverse("looks-preview-sheet", args=[looks]),
        "own_sheet": fixed_to(looks, sheet_of(entry_point)),
        "nonce": nonce,
        "findings": findings,
        "languages": None,
    }
    response = unseen(render_page(request, "looks_preview.html", context))
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["'self'"],
        "style-src": ["'self'", f"'nonce-{nonce}'"],
        "form-action": ["'none'"],
    }
    return response
