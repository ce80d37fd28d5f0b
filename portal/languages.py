"""Which language a customer's page is in, and how the choice is kept.

What the person chose counts most (`?lang=` in the address, then what they chose before), then the language of the entry
point, then what the browser asks for. Admin and API speak English: their words are for colleagues and programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

PARAMETER = "lang"
COOKIE_AGE_S = 365 * 24 * 3600
ENGLISH_ONLY = ("/admin/", "/api/")
WITHOUT_COOKIES = "/embed/"  # inside another site's page: the address alone says it


class Offered(TypedDict):
    """A language the page can be in."""

    code: str
    name: str
    direction: str
    current: bool


class LanguageMiddleware:
    """Answers each page in its reader's language, and remembers the one that the address asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`."""
        if request.path_info.startswith(ENGLISH_ONLY):
            translation.activate("en")
            return self.get_response(request)
        speak(request)
        response = self.get_response(request)
        response.setdefault("Content-Language", translation.get_language() or "en")
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        asked = asked_language(request)
        if asked and not request.path_info.startswith(WITHOUT_COOKIES):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                asked,
                max_age=COOKIE_AGE_S,
                secure=settings.SECURE_COOKIES,
                httponly=True,
                samesite="Lax",
            )
        return response


def speak(request: HttpRequest, *, usual: str = "") -> None:
    """Answer this request in its reader's language; in the `usual` one if they chose none."""
    translation.activate(language_of(request, usual=usual))


def language_of(request: HttpRequest, *, usual: str = "") -> str:
    """Return the language to answer in; `usual` is the entry point's, or empty."""
    chosen = asked_language(request) or _offered(
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    )
    return chosen or _offered(usual) or translation.get_language_from_request(request)


def asked_language(request: HttpRequest) -> str:
    """Return the language that the address asks for, or "" when it asks for none that there is."""
    return _offered(request.GET.get(PARAMETER, ""))


def languages_offered() -> list[Offered]:
    """Return every language, by its own name, for the reader to choose."""
    active = translation.get_language()
    return [
        {
            "code": code,
            "name": str(name),
            "direction": "rtl" if code in settings.LANGUAGES_BIDI else "ltr",
            "current": code == active,
        }
        for code, name in settings.LANGUAGES
    ]


def is_offered(code: str) -> bool:
    """Tell whether this is, to the letter, the code of a language that a page can be in."""
    return code in dict(settings.LANGUAGES)


def _offered(code: str) -> str:
    """Return the language we have for a code such as "de-AT", or ""."""
    try:
        return translation.get_supported_language_variant(code.lower()) if code else ""
    except LookupError:
        return ""
