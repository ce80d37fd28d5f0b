"""Every address of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from portal import health, measuring

handler404 = "portal.error_pages.not_found"
handler500 = "portal.error_pages.failed"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("partners.api.urls")),
    path("api/v1/", include("contacts.api.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", measuring.show, name="metrics"),
    # Pages without an icon of their own, admin's among them, ask for it here.
    path(
        "favicon.ico", RedirectView.as_view(url=lazy(static, str)("dist/icon.svg")), name="favicon"
    ),
    path("", include("portal.page_urls")),
]
