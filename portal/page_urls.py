"""Addresses of the customer's pages."""

from __future__ import annotations

from django.urls import path

from portal import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("call/<slug:slug>/", pages.call, name="call"),
    path("calls/<uuid:contact_id>/", pages.existing_call, name="existing-call"),
    path("help/call/<str:reference>/", pages.call_help, name="call-help"),
]
