"""The one table from error codes to HTTP, and the one shape of every failure: RFC 9457 problem documents."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.response import Response

import structlog

from contacts.commits import AWAY
from contacts.errors import ContactsError, FieldProblem, InvalidCall, UnableToStartCall
from contacts.limits import pointer_to

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
AWAY_S = 5  # after which a database may be back
MOST_ERRORS = 50  # told of one request: a small body may have thousands


@dataclass(frozen=True, slots=True)
class Kind:
    """How one code is told over HTTP."""

    status: int
    title: str
    detail: str


KINDS: dict[str, Kind] = {
    "invalid": Kind(400, "The request is not valid", "See `errors` for each field."),
    "unauthenticated": Kind(401, "Authentication is required", "The key is missing or wrong."),
    "forbidden": Kind(403, "Not allowed", "You may not do this."),
    "missing_scope": Kind(403, "The key lacks a scope", "`detail` names the scope."),
    "test_key": Kind(
        403,
        "A test key",
        "Test keys reach an embedded contact centre only, and no callback requests. Use a live key.",
    ),
    "cross_origin": Kind(
        403, "Refused from another site", "Another site's pages may not do this."
    ),
    "identity_refused": Kind(
        403,
        "Who calls is not known",
        "The signed identity is missing, expired, used before or not signed for this entry point.",
    ),
    "not_found": Kind(404, "Not found", "There is no such thing, or it is not yours."),
    "method_not_allowed": Kind(405, "Method not allowed", "See the Allow header."),
    "not_acceptable": Kind(406, "Not acceptable", "Answers are JSON."),
    "idempotency_in_progress": Kind(
        409,
        "Still at work",
        "The first request with this Idempotency-Key has not been answered yet.",
    ),
    "feature_off": Kind(409, "Not offered here", "This entry point does without it."),
    "entry_point_closed": Kind(409, "Closed", "This entry point takes no calls now."),
    "entry_point_in_use": Kind(
        409, "Calls began there", "Set is_open to false: what calls belong to is not removed."
    ),
    "contact_not_connected": Kind(
        409, "The call is not that far yet", "Try again once somebody has answered."
    ),
    "places_taken": Kind(
        409, "Every place is taken", "Cancel an invitation to invite somebody else."
    ),
    "participant_stays": Kind(
        409, "Guests alone can be taken out", "To take customer and agent out, end the call."
    ),
    "participant_conflict": Kind(
        409, "The call is full", "Ask somebody in the call to make room, then try again."
    ),
    "endpoint_limit": Kind(
        409, "Enough endpoints", "A partner has at most ten webhook endpoints. Delete one."
    ),
    "endpoint_paused": Kind(
        409, "The endpoint is paused", 'Resume it first: PATCH it with {"enabled": true}.'
    ),
    "survey_answered": Kind(409, "Answered already", "A survey is answered once."),
    "handover_gone": Kind(
        410, "This link no longer works", "Make a new one on the device with the call."
    ),
    "invitation_gone": Kind(410, "This invitation no longer works", "Ask for a new link."),
    "contact_ended": Kind(410, "The call is over", "Start a new call."),
    "precondition_failed": Kind(
        412, "It has changed", "Read it again, and send the ETag that comes with it as If-Match."
    ),
    "too_large": Kind(413, "The body is too large", "See the limits."),
    "unsupported_media_type": Kind(415, "Unsupported media type", "Bodies are application/json."),
    "idempotency_mismatch": Kind(
        422,
        "Idempotency-Key was used before",
        "The same key came with another body. Use a new key.",
    ),
    "precondition_required": Kind(
        428, "Which version?", "Send the ETag it was read with as If-Match, or * for any."
    ),
    "throttled": Kind(429, "Too many calls", "Try again later."),
    "error": Kind(
        500, "Something went wrong", "Try again; if it happens again, quote the request id."
    ),
    "upstream_unavailable": Kind(502, "The call could not be started", "Please try again."),
    "upstream_configuration": Kind(
        502,
        "The call could not be started",
        "The instance, the flow or a limit is set up wrongly.",
    ),
    "upstream_permission": Kind(
        502, "The call could not be started", "The portal's credentials do not allow it."
    ),
    "upstream_region": Kind(
        502, "The call could not be started", "The instance is not active in this region."
    ),
    "capacity": Kind(503, "All our lines are busy", "Please try again in a minute."),
    "busy": Kind(503, "All our lines are busy", "Please try again in a few seconds."),
    "unavailable": Kind(503, "Away for a moment", "Please try again in a few seconds."),
}

# What DRF calls its own refusals, in our words.
DRF_CODES = {
    "not_authenticated": "unauthenticated",
    "authentication_failed": "unauthenticated",
    "permission_denied": "forbidden",
    "parse_error": "invalid",
}


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an error, as DRF's exception handler. An unforeseen one is logged here, once, and told as little as possible."""
    path = context["request"].path
    if isinstance(error, ContactsError):
        return _from_domain(error, path)
    if isinstance(
        error, Http404 | ObjectDoesNotExist
    ):  # the latter is gone since it was looked up
        return problem("not_found", instance=path)
    if isinstance(error, RequestDataTooBig):  # Django's own limit, met before ours
        return problem("too_large", instance=path)
    if isinstance(error, PermissionDenied):
        return problem("forbidden", instance=path)
    if isinstance(error, exceptions.ValidationError):
        return problem("invalid", instance=path, errors=list(_field_problems(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _from_drf(error, path)
    if isinstance(error, AWAY):
        logger.error("database_away", exc_info=error)
        return problem("unavailable", instance=path, headers={"Retry-After": str(AWAY_S)})
    logger.error("unforeseen_error", exc_info=error)
    return problem("error", instance=path)


def refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer to an error outside the framework, with the `rate_headers` that the error may bring."""
    told = problem_response(error, {"request": request})
    response = HttpResponse(json.dumps(told.data), status=told.status_code)
    for name, value in [*told.items(), *getattr(error, "rate_headers", {}).items()]:
        response[name] = value
    response["Content-Type"] = MEDIA_TYPE
    return response


def problem(
    code: str,
    *,
    instance: str,
    detail: str | None = None,
    errors: list[FieldProblem] | None = None,
    contact: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the problem document of a code."""
    kind = KINDS[code]
    body: dict[str, Any] = {
        "type": reverse("problem-type", kwargs={"code": code}),
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.detail,
        "instance": instance,
        "code": code,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    if errors is not None:
        body["errors"] = [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail}
            for one in errors[:MOST_ERRORS]
        ]
    if contact is not None:
        body["contact"] = dict(contact)
    response = Response(body, status=kind.status, headers=dict(headers or {}))
    response["Cache-Control"] = "no-store"
    response.content_type = MEDIA_TYPE
    return response


def _from_domain(error: ContactsError, path: str) -> Response:
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {}
    if isinstance(error, UnableToStartCall):
        contact = {"id": str(error.contact_id), "reference": error.reference}
        return problem(error.code, instance=path, contact=contact, headers=headers)
    errors = list(error.problems) if isinstance(error, InvalidCall) else None
    return problem(error.code, instance=path, errors=errors, headers=headers)


def _from_drf(error: exceptions.APIException, path: str) -> Response:
    name = str(error.get_codes())
    code = DRF_CODES.get(name, name)
    if code not in KINDS:
        code = "error" if error.status_code >= 500 else "invalid"
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(math.ceil(wait))} if wait else {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    errors = [FieldProblem("", "not_json", str(error.detail))] if name == "parse_error" else None
    return problem(code, instance=path, detail=str(error.detail), errors=errors, headers=headers)


def _field_problems(detail: Any, path: tuple[str, ...] = ()) -> Iterator[FieldProblem]:
    """Flatten DRF's nested messages into one problem per field."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            below = path if key == "non_field_errors" else (*path, str(key))
            yield from _field_problems(inner, below)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_problems(inner, path)
    else:
        code = getattr(detail, "code", "invalid")
        yield FieldProblem(pointer_to(*path), code, str(detail))
