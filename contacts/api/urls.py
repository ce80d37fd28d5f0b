"""Addresses of the REST API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from django.views.generic import TemplateView

from drf_spectacular.views import SpectacularJSONAPIView

from contacts.api import (
    call_actions,
    callbacks,
    contact_records,
    entry_points,
    guests,
    people,
    quality,
    reminders,
    views,
)
from contacts.api.availability import AvailabilityView
from contacts.api.contact_list import ContactListView
from contacts.api.handovers import HandoverView, TakeOverView

urlpatterns = [
    path("contacts/", ContactListView.as_view(), name="contact-list"),
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
    path(
        "contacts/<uuid:contact_id>/participants/<uuid:participant_id>/",
        people.ParticipantView.as_view(),
        name="participant-detail",
    ),
    path(
        "contacts/<uuid:contact_id>/quality/",
        quality.ContactQualityView.as_view(),
        name="contact-quality",
    ),
    path(
        "guests/<uuid:invitation_id>/quality/",
        quality.GuestQualityView.as_view(),
        name="guest-quality",
    ),
    path("invitations/accept/", guests.AcceptInvitationView.as_view(), name="invitation-accept"),
    path("guests/<uuid:invitation_id>/", guests.GuestView.as_view(), name="guest-detail"),
    path(
        "guests/<uuid:invitation_id>/connection/",
        guests.GuestConnectionView.as_view(),
        name="guest-connection",
    ),
    path("guests/<uuid:invitation_id>/end/", guests.GuestLeaveView.as_view(), name="guest-end"),
    path(
        "contacts/<uuid:contact_id>/events/",
        contact_records.TimelineView.as_view(),
        name="contact-timeline",
    ),
    path(
        "contacts/<uuid:contact_id>/references/",
        contact_records.ReferenceListView.as_view(),
        name="reference-list",
    ),
    path("surveys/", contact_records.SurveyListView.as_view(), name="survey-list"),
    path("entry-points/", entry_points.EntryPointListView.as_view(), name="entry-point-list"),
    path(
        "entry-points/<slug:slug>/",
        entry_points.EntryPointView.as_view(),
        name="entry-point-detail",
    ),
    path("reminders/", reminders.ReminderListView.as_view(), name="reminder-list"),
    path("callbacks/", callbacks.CallbackListView.as_view(), name="callback-list"),
    path(
        "callbacks/<uuid:callback_id>/", callbacks.CallbackView.as_view(), name="callback-detail"
    ),
    path(
        "callbacks/<uuid:callback_id>/cancel/",
        callbacks.CancelCallbackView.as_view(),
        name="callback-cancel",
    ),
    path(
        "callbacks/<uuid:callback_id>/done/",
        callbacks.FinishCallbackView.as_view(),
        name="callback-done",
    ),
    path("contact-events/", views.ContactEventView.as_view(), name="contact-events"),
    path("problems/<slug:code>/", views.problem_type, name="problem-type"),
    path("docs/", TemplateView.as_view(template_name="api_docs.html"), name="api-docs"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("<path:unknown>", views.UnknownView.as_view()),
]
