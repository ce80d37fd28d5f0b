"""The admin's own addresses: a login of two steps or by a provider, and the page of one's second factor."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from contacts import oidc
from contacts.staff_sessions import OFF


class StaffSite(AdminSite):
    """Django admin, into which a password alone does not lead whoever has a second factor."""

    site_header = site_title = _("Connect Video Portal")
    index_title = _("Video calls")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the login form, or take the first step."""
        from contacts.admin.login import StaffLoginView  # which registers itself with this site

        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            "provider_name": settings.OIDC_NAME if oidc.is_on() else "",
        }
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        request.current_app = self.name
        view = StaffLoginView.as_view(extra_context={**context, **(extra_context or {})})
        return cast(HttpResponse, view(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page is written with."""
        offers = settings.STAFF_TWO_FACTOR != OFF
        return {**super().each_context(request), "offers_second_factor": offers}

    def get_urls(self) -> list[Any]:
        """Add the second step, and the page of one's second factor."""
        from contacts.admin import second_step, single_sign_on

        return [
            path("login/code/", second_step.ask_for_code, name="login_code"),
            path("login/provider/", single_sign_on.go_to_provider, name="login_provider"),
            path("login/callback/", single_sign_on.come_back, name="login_callback"),
            path("second-factor/", second_step.show_second_factor, name="second_factor"),
            *super().get_urls(),
        ]
