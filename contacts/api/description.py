"""The API's description of itself (OpenAPI 3.1): what drf-spectacular reads off the views, and what holds for all of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from contacts.api.deprecation import deprecation_of
from contacts.api.links import add_links
from contacts.api.problems import KINDS, MEDIA_TYPE

KEY: dict[str, list[str]] = {"partner_key": []}
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
REPEATABLE = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "With the same key and body a partner gets the same answer for 24 hours, and nothing is done twice.",
}
RATE_HEADERS = {
    "RateLimit": {"schema": {"type": "string"}, "description": "What is left of the key's rate."},
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": "The key's rate."},
}
RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds to wait."}


class Schema(AutoSchema):
    """Reads off a view whom its methods are for."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the ways in: a partner's key, or none at all for browsers, who bring their cookie."""
        if self.method in getattr(self.view, "partners_only", ()):
            return [dict(KEY)]
        return [dict(KEY), {}] if self.method in getattr(self.view, "scopes", {}) else []

    def is_deprecated(self) -> bool:
        """Whether the method is to go."""
        declared = deprecation_of(self.view, self.method) is not None
        return declared or bool(super().is_deprecated())

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the method does, and what a key needs for it."""
        text = super().get_description() or ""
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return f"{text}\n\nScope of a partner's key: `{scope.value}`." if scope else text


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to each operation what every request of a partner's may meet, and to each refusal its examples."""
    for methods in result["paths"].values():
        for method in METHODS:
            if method in methods:
                _complete_operation(methods[method], is_post=method == "post")
    add_links(result["paths"])
    result["components"]["examples"] = {code: {"value": _example(code)} for code in KINDS}
    return result


def _complete_operation(operation: dict[str, Any], *, is_post: bool) -> None:
    responses = operation["responses"]
    if is_post and KEY in operation.get("security", []) and not _has_key(operation):
        operation.setdefault("parameters", []).append(REPEATABLE)
    for status in _refusals(operation, is_post=is_post):
        responses.setdefault(status, {"content": {"application/json": {"schema": PROBLEM}}})
    for status, response in responses.items():
        if status < "400":
            if KEY in operation.get("security", []):
                response["headers"] = {**response.get("headers", {}), **RATE_HEADERS}
            continue
        schema = response.get("content", {}).get("application/json", {}).get("schema", PROBLEM)
        response["description"] = response.get("description") or "A problem (RFC 9457)."
        response["content"] = {MEDIA_TYPE: {"schema": schema, "examples": _examples(int(status))}}
        if status in ("429", "503"):
            response["headers"] = {"Retry-After": RETRY_AFTER}
    operation["responses"] = dict(sorted(responses.items()))


def _refusals(operation: dict[str, Any], *, is_post: bool) -> set[str]:
    """Return what every operation of its kind may be refused with, whatever it does."""
    found = {"401", "403", "429"}  # a key may be sent anywhere
    if "requestBody" in operation:
        found |= {"413", "415"}
    if is_post and KEY in operation.get("security", []):
        found |= {"400", "409", "422"}
    return found


def _has_key(operation: dict[str, Any]) -> bool:
    return any(one["name"] == REPEATABLE["name"] for one in operation.get("parameters", []))


def _examples(status: int) -> dict[str, Any]:
    return {
        code: {"$ref": f"#/components/examples/{code}"}
        for code, kind in KINDS.items()
        if kind.status == status
    }


def _example(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    return {
        "type": f"/api/v1/problems/{code}/",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "instance": "/api/v1/contacts/",
        "code": code,
        "request_id": "5f0c2a52-6c0e-4a5e-9d7c-2d1f0a3b9c11",
    }
