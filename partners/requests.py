"""What every request of a partner's program goes through: its key, its rate, and, for a POST, its idempotency key.

A repeat with the same key and body within 24 hours gets the first one's answer, and nothing is done again. What was
refused before anything was begun is not kept: its key can be used again.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import APIException, Throttled, ValidationError

from contacts.api.problems import refusal
from contacts.api.start_turns import is_start
from contacts.errors import ContactsError
from partners import request_rates
from partners.authentication import key_of
from partners.models import ApiKey, IdempotencyRecord
from partners.models.api_keys import Mode

API = "/api/v1/"
KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
REFUSALS = (ContactsError, APIException, OperationalError, InterfaceError, RequestDataTooBig)
# Refused before anything was begun, by the request itself or by the moment.
BEGAN_NOTHING = frozenset({400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429})
KEPT_HEADERS = (
    *("Content-Type", "Cache-Control", "Location", "ETag", "Retry-After"),
    *("Deprecation", "Sunset", "Link"),
)


class PartnerRequestsMiddleware:
    """Lets partners' programs in, and answers their repeats."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`; one without a key of a partner's is none of this module's."""
        if not request.path_info.startswith(API):
            return self.get_response(request)
        headers: dict[str, str] = {}
        try:
            key = key_of(request, at=timezone.now())
            if key is None:
                return self.get_response(request)
            request.partner_key = key  # type: ignore[attr-defined]
            headers = _keep_to_rate(request, key)
            response = self._answer_once(request, key)
        except REFUSALS as error:
            response = refusal(request, error)
        for name, value in headers.items():
            response[name] = value
        return response

    def _answer_once(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        given = request.headers.get("Idempotency-Key")
        if request.method != "POST" or given is None:
            return self.get_response(request)
        if not KEY.match(given):
            problem = "1 to 255 printable ASCII characters without spaces."
            raise ValidationError({"Idempotency-Key": [problem]})
        record = IdempotencyRecord.begin(
            partner=key.partner, key=given, request_hash=_hash_of(request, key), at=timezone.now()
        )
        if record.answer is not None:
            return _answered_again(record.answer)
        response = self.get_response(request)
        if _began_nothing(request, response):
            record.forget()
        else:
            record.keep(_as_kept(response), contact_id=_contact_of(request, response))
        return response


def _began_nothing(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the key can be used again. Of a call that was one too many here, no contact is kept."""
    if response.status_code in BEGAN_NOTHING:
        return True
    told = getattr(response, "data", None) or {}
    return is_start(request) and told.get("code") == "busy" and "contact" not in told


def _keep_to_rate(request: HttpRequest, key: ApiKey) -> dict[str, str]:
    """Count the request. Returns the headers that say what is left.

    :raises Throttled: there were too many.
    """
    now = time.time()
    standing = request_rates.take(request_rates.REQUESTS, str(key.pk), now=now)
    if standing.is_allowed and is_start(request):
        standing = request_rates.take(request_rates.STARTS, str(key.pk), now=now)
    if not standing.is_allowed:
        error = Throttled(wait=standing.reset_s)
        error.rate_headers = standing.headers()  # type: ignore[attr-defined]
        raise error
    return standing.headers()


def _hash_of(request: HttpRequest, key: ApiKey) -> str:
    """Return what tells two requests apart: not the order in which an object's members are written."""
    body = request.body
    with contextlib.suppress(
        ValueError, RecursionError
    ):  # the view will say what is wrong with it
        body = json.dumps(json.loads(body), sort_keys=True).encode()
    mode = " test" if key.mode == Mode.TEST else ""  # whose answers are no live key's
    content = f"{request.method} {request.get_full_path()}{mode}\n".encode() + body
    # A body may be a few digits of a PIN, which a plain hash would give away.
    return hmac.new(settings.SECRET_KEY.encode(), content, hashlib.sha256).hexdigest()


def _as_kept(response: HttpResponse) -> dict[str, Any]:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    return {
        "status": response.status_code,
        "headers": headers,
        "body": response.content.decode(),
    }


def _answered_again(answer: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(answer["body"], status=answer["status"], headers=answer["headers"])
    response["Idempotent-Replayed"] = "true"
    return response


def _contact_of(request: HttpRequest, response: HttpResponse) -> Any:
    """Return the id of the contact that the answer tells of: it is forgotten when that is erased."""
    match = request.resolver_match
    if match is not None and "contact_id" in match.kwargs:
        return match.kwargs["contact_id"]
    data = getattr(response, "data", None)
    if match is None or match.view_name != "contact-list" or not isinstance(data, dict):
        return None
    return data.get("id") or (data.get("contact") or {}).get("id")
