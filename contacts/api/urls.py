"""Addresses of the REST API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from drf_spectacular.views import SpectacularJSONAPIView

from contacts.api import views

urlpatterns = [
    path("contacts/", views.ContactListView.as_view(), name="contact-list"),
    path("contacts/<uuid:contact_id>/", views.ContactView.as_view(), name="contact-detail"),
    path("contacts/<uuid:contact_id>/end/", views.EndCallView.as_view(), name="contact-end"),
    path(
        "contacts/<uuid:contact_id>/connection/",
        views.ConnectionView.as_view(),
        name="contact-connection",
    ),
    path("contact-events/", views.ContactEventView.as_view(), name="contact-events"),
    path("problems/<slug:code>/", views.problem_type, name="problem-type"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("<path:unknown>", views.UnknownView.as_view()),
]
