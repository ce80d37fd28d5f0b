"""Addresses of the status sockets."""

from __future__ import annotations

from typing import Any

from django.urls import path

from contacts.consumers import ContactStatusConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/contacts/<uuid:contact_id>/", ContactStatusConsumer.as_asgi()),
]
