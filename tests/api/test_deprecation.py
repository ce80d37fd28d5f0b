"""What is to go: every answer of it says since when, until when and what to use instead, and so does the API's description."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import pytest
from drf_spectacular.utils import extend_schema

from contacts.api.callers import open_to_partners
from contacts.api.deprecation import deprecated
from contacts.choices import Scope
from tests.partners_world import Program, partner, program

__all__ = ["partner", "program"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

SINCE, SUNSET = date(2027, 1, 1), date(2028, 3, 1)


@open_to_partners(GET=Scope.CONTACTS_READ, POST=Scope.CONTACTS_WRITE)
@deprecated("POST", since=SINCE, sunset=SUNSET, see="/api/v1/docs/")
class OldView(APIView):
    """A view one of whose methods is to go."""

    @extend_schema(request=None, responses={200: None})
    def get(self, request: Request) -> Response:
        return Response({}, headers={"Link": '</next>; rel="next"'})

    @extend_schema(request=None, responses={201: None})
    def post(self, request: Request) -> Response:
        return Response({"made": True}, status=201, headers={"Link": '</next>; rel="next"'})


urlpatterns = [
    path("api/v1/old/", OldView.as_view(), name="old"),
    path("", include("portal.urls")),
]


def assert_told(reply: Any) -> None:
    [seconds] = re.fullmatch(r"@(\d+)", reply["Deprecation"]).groups()  # type: ignore[union-attr]
    assert datetime.fromtimestamp(int(seconds), UTC).date() == SINCE
    assert reply["Sunset"] == "Wed, 01 Mar 2028 00:00:00 GMT"
    docs = '<http://testserver/api/v1/docs/>; rel="deprecation"; type="text/html"'
    assert docs in reply["Link"].split(", ")


def test_answers_say_it(client: Client) -> None:
    """Should add to what an answer links to, of the method that is to go and of no other."""
    told = client.post("/api/v1/old/")
    assert_told(told)
    assert '</next>; rel="next"' in told["Link"]

    for other in (client.get("/api/v1/old/"), client.get("/api/v1/docs/")):
        assert other.status_code == 200
        assert not {"Deprecation", "Sunset"} & set(other.headers)


def test_repeats_say_it(program: Program) -> None:
    """Should say it of an answer that was kept."""
    for _ in range(2):
        reply = program.post("old/", {}, Idempotency_Key="once")
        assert reply.status_code == 201
        assert_told(reply)
    assert reply["Idempotent-Replayed"] == "true"


def test_description_says_it(client: Client) -> None:
    """Should mark the operation in OpenAPI."""
    described = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/old/"]
    assert described["post"]["deprecated"] is True
    assert "deprecated" not in described["get"]


def test_nothing_goes_within_a_year() -> None:
    """Should keep the promise of docs/reference/versions.md."""
    with pytest.raises(ValueError, match="year"):
        deprecated("GET", since=SINCE, sunset=date(2027, 12, 31), see="/")
