"""Has requests that start calls take turns, before much is done for them: a crowd of them costs others next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import resolve, reverse

from contacts import metrics
from contacts.api.problems import refusal
from contacts.errors import ConnectBusy
from contacts.turns import Turns

# One begins while another, whom Amazon Connect has answered, goes on: together they use the processor up. More would start no
# more calls, and take as many times longer over each.
AT_ONCE = 1
WITHIN_S = 5.0


def is_start(request: HttpRequest) -> bool:
    """Whether the request is to start a call."""
    return request.method == "POST" and request.path_info == reverse("contact-list")


class StartTurnsMiddleware:
    """Lets one start after the other in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._turns = Turns(AT_ONCE, within_s=WITHIN_S)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`; one that starts nothing need not wait."""
        if not is_start(request):
            return self.get_response(request)
        # Nobody waits for somebody's slow line. The view says what is wrong with a body.
        with suppress(RequestDataTooBig, UnreadablePostError):
            _ = request.body
        try:
            with self._turns.taken():
                return self.get_response(request)
        except ConnectBusy as error:
            metrics.CONNECT_REFUSALS.labels("StartWebRTCContact", "turn").inc()
            request.resolver_match = resolve(request.path_info)  # by which requests are counted
            return refusal(request, error)
