"""Addresses of the REST API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from drf_spectacular.views import SpectacularJSONAPIView

from contacts.api import call_actions, guests, people, views
from contacts.api.availability import AvailabilityView
from contacts.api.callbacks import CallbackListView, CancelCallbackView
from contacts.api.handovers import HandoverView, TakeOverView

urlpatterns = [
    path("contacts/", views.ContactListView.as_view(), name="contact-list"),
    path("contacts/<uuid:contact_id>/", views.ContactView.as_view(), name="contact-detail"),
    path("contacts/<uuid:contact_id>/end/", views.EndCallView.as_view(), name="contact-end"),
    path(
        "contacts/<uuid:contact_id>/connection/",
        views.ConnectionView.as_view(),
        name="contact-connection",
    ),
    path("contacts/<uuid:contact_id>/handover/", HandoverView.as_view(), name="contact-handover"),
    path("handovers/take/", TakeOverView.as_view(), name="handover-take"),
    path("availability/", AvailabilityView.as_view(), name="availability"),
    path(
        "contacts/<uuid:contact_id>/dtmf/", call_actions.DigitsView.as_view(), name="contact-dtmf"
    ),
    path(
        "contacts/<uuid:contact_id>/survey/",
        call_actions.SurveyView.as_view(),
        name="contact-survey",
    ),
    path(
        "contacts/<uuid:contact_id>/invitations/",
        people.InvitationListView.as_view(),
        name="invitation-list",
    ),
    path(
        "contacts/<uuid:contact_id>/invitations/<uuid:invitation_id>/",
        people.InvitationView.as_view(),
        name="invitation-detail",
    ),
    path(
        "contacts/<uuid:contact_id>/participants/",
        people.ParticipantListView.as_view(),
        name="participant-list",
    ),
    path("invitations/accept/", guests.AcceptInvitationView.as_view(), name="invitation-accept"),
    path("guests/<uuid:invitation_id>/", guests.GuestView.as_view(), name="guest-detail"),
    path(
        "guests/<uuid:invitation_id>/connection/",
        guests.GuestConnectionView.as_view(),
        name="guest-connection",
    ),
    path("guests/<uuid:invitation_id>/end/", guests.GuestLeaveView.as_view(), name="guest-end"),
    path("callbacks/", CallbackListView.as_view(), name="callback-list"),
    path(
        "callbacks/<uuid:callback_id>/cancel/",
        CancelCallbackView.as_view(),
        name="callback-cancel",
    ),
    path("contact-events/", views.ContactEventView.as_view(), name="contact-events"),
    path("problems/<slug:code>/", views.problem_type, name="problem-type"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("<path:unknown>", views.UnknownView.as_view()),
]
