"""What makes a call page look like its company's: a sheet of custom properties and a logo for each entry point.

Both have a digest of what they hold in their address, so that browsers keep them for good and see each change at once.
Nothing is written into the page itself, whose Content-Security-Policy allows no inline style.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.colours import BLACK, WHITE, lightened_until_readable, mixed
from contacts.logo_images import CONTENT_TYPE
from contacts.models import EntryPoint, Logo
from contacts.theme_checks import DARK_GROUNDS

DIGEST_CHARACTERS = 16
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
KEPT_SHORTLY = "public, max-age=60"
_STRONG = 0.22  # of its text's opposite in what is pointed at, which can be read all the better
_SOFT = 0.86  # of the page's ground in what is tinted
_SMALL_RADIUS = 0.625


def theme_of(entry_point: EntryPoint) -> dict[str, Any]:
    """Return what the page's template needs: the address of the sheet or "", the logo or None, and whether the company is named."""
    sheet = sheet_of(entry_point)
    logo = Logo.objects.filter(entry_point=entry_point).defer("png").first()
    return {
        "sheet": sheet and reverse("theme", args=[entry_point.slug, _digest(sheet)]),
        "logo": logo
        and {
            "address": reverse("logo", args=[entry_point.slug, logo.digest]),
            "width": logo.width,
            "height": logo.height,
        },
        "shows_company": entry_point.shows_company or logo is None,
    }


def sheet_of(entry_point: EntryPoint) -> str:
    """Return an entry point's sheet; "" when it looks as ours do."""
    light = properties_of(entry_point)
    dark = _dark(entry_point.accent, entry_point.accent_dark)
    sheet = f":root{{{_declared(light)}}}" if light else ""
    if dark:
        sheet += f"@media (prefers-color-scheme:dark){{:root{{{_declared(dark)}}}}}"
    return sheet


def properties_of(entry_point: EntryPoint) -> dict[str, str]:
    """Return the custom properties of an entry point's light looks, by name without dashes."""
    return {**_light(entry_point.accent), **_corners(entry_point.corner_radius)}


@require_safe
def theme(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Serve the sheet of an entry point."""
    sheet = sheet_of(get_object_or_404(EntryPoint, slug=slug))
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    # A page that was made before a change still asks by the old address.
    response["Cache-Control"] = KEPT_FOR_GOOD if digest == _digest(sheet) else KEPT_SHORTLY
    return response


@require_safe
def logo(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Serve the logo of an entry point: a PNG that was drawn here, and nothing a browser could take for anything else."""
    found = Logo.objects.filter(entry_point__slug=slug).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.png), content_type=CONTENT_TYPE)
    response["Cache-Control"] = KEPT_FOR_GOOD if digest == found.digest else KEPT_SHORTLY
    response["Content-Disposition"] = 'inline; filename="logo.png"'
    return response


def _light(accent: str) -> dict[str, str]:
    return _accents(accent, text=WHITE, strong=BLACK, ground=WHITE) if accent else {}


def _dark(accent: str, accent_dark: str) -> dict[str, str]:
    if not accent and not accent_dark:
        return {}
    shown = accent_dark or lightened_until_readable(accent, DARK_GROUNDS)
    return _accents(shown, text=BLACK, strong=WHITE, ground=DARK_GROUNDS[-1])


def _accents(accent: str, *, text: str, strong: str, ground: str) -> dict[str, str]:
    return {
        "accent": accent,
        "accent-strong": mixed(accent, strong, _STRONG),
        "accent-soft": mixed(accent, ground, _SOFT),
        "on-accent": text,
    }


def _corners(radius: int | None) -> dict[str, str]:
    if radius is None:
        return {}
    return {
        "radius": f"{radius}px",
        "radius-small": f"{radius * _SMALL_RADIUS:g}px",
        "radius-button": f"{radius}px",
    }


def _declared(properties: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in properties.items())


def _digest(sheet: str) -> str:
    return hashlib.sha256(sheet.encode()).hexdigest()[:DIGEST_CHARACTERS]
