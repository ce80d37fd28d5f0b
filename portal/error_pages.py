"""The pages for an address that is not there and for a failure, in the reader's language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.languages import languages_offered
from portal.messages import texts_for_template


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page, or not for this reader."""
    context = {"text": texts_for_template(), "languages": languages_offered()}
    return render(request, "404.html", context, status=404)


def failed(request: HttpRequest, *, status: int = 500) -> HttpResponse:
    """Say that it is our fault. Asks nothing of the database, which may be the cause."""
    return render(request, "500.html", {"text": texts_for_template()}, status=status)
