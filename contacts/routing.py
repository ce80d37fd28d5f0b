"""Addresses of the sockets."""

from __future__ import annotations

from typing import Any

from django.urls import path

from contacts.consumers import AvailabilityConsumer, ContactStatusConsumer
from contacts.guest_consumer import GuestConsumer
from contacts.staff_consumer import StaffConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/contacts/<uuid:contact_id>/", ContactStatusConsumer.as_asgi()),
    path("ws/guests/<uuid:invitation_id>/", GuestConsumer.as_asgi()),
    path("ws/admin/contacts/", StaffConsumer.as_asgi()),
    path("ws/entry-points/<slug:slug>/", AvailabilityConsumer.as_asgi()),
]
