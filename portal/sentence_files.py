"""The sentences that the call page needs once somebody calls: a file for each language, with a digest in its address.

The page itself carries those of its first screen alone. Browsers keep a file for good, and ask anew when any sentence in it
has changed.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from portal.languages import is_offered
from portal.messages import texts_for_call
from portal.themes import DIGEST_CHARACTERS, KEPT_FOR_GOOD, KEPT_SHORTLY


def address_of_sentences() -> str:
    """Return the address of the file in the active language."""
    language = translation.get_language() or "en"
    return reverse("sentences", args=[language, _digest(language)])


@require_safe
@gzip_page
def sentences(request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """Serve the sentences in a language; of a page made before they changed, as they are now."""
    if not is_offered(language):
        raise Http404
    response = HttpResponse(_text(language), content_type="application/json")
    kept_for_good = digest == _digest(language)
    response["Cache-Control"] = KEPT_FOR_GOOD if kept_for_good else KEPT_SHORTLY
    return response


@cache
def _text(language: str) -> bytes:
    with translation.override(language):
        texts = texts_for_call()
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(language: str) -> str:
    return hashlib.sha256(_text(language)).hexdigest()[:DIGEST_CHARACTERS]
