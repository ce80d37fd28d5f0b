"""Every address of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from portal import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("contacts.api.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("portal.page_urls")),
]
