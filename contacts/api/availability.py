"""The public endpoint that tells whether one can call an entry point now."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts import operations
from contacts.api.serializers import AvailabilitySerializer, ProblemSerializer
from contacts.limits import is_storable
from contacts.models import EntryPoint

CACHED_S = 15


class AvailabilityView(APIView):
    """Tells whether one can call an entry point now; the same to everybody."""

    permission_classes = []

    @extend_schema(
        operation_id="read_availability",
        parameters=[
            OpenApiParameter(
                "entry_point", str, required=True, description="Slug of the entry point."
            )
        ],
        responses={200: AvailabilitySerializer, 404: ProblemSerializer},
    )
    def get(self, request: Request) -> Response:
        """Return whether one can call now. To follow it, open `ws/entry-points/<slug>/`; do not ask again and again."""
        slug = request.query_params.get("entry_point", "")
        frame = (
            operations.watch_availability(slug=slug, at=timezone.now())
            if is_storable(slug)
            else None
        )
        if frame is None:
            raise Http404
        body = {**frame["availability"], "version": frame["version"]}
        response = Response(body, headers={"Cache-Control": f"public, max-age={CACHED_S}"})
        _let_websites_read(response, origin=request.headers.get("Origin"), slug=slug)
        return response


def _let_websites_read(response: Response, *, origin: str | None, slug: str) -> None:
    """Let the scripts of websites read the answer that may show the entry point's button, and no others."""
    patch_vary_headers(response, ["Origin"])
    if origin is None:
        return
    allowed = EntryPoint.objects.filter(slug=slug).values_list("allowed_origins", flat=True)
    if any(origin in origins for origins in allowed):
        response["Access-Control-Allow-Origin"] = origin
