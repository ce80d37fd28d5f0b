"""The peer of the portal's status push: Channels as its documentation has it, a group for each contact.

Run by stock Daphne with the layer of channels_redis. Every socket is told its version 1 at once.
"""

from __future__ import annotations

import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path


def configure(redis_url: str) -> None:
    """Set Django up with nothing but the layer."""
    # Its default of a hundred connections is not enough when all sockets leave at once.
    host = {"address": redis_url, "max_connections": 8000}
    layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="peer",
        ROOT_URLCONF=__name__,
        CHANNEL_LAYERS={"default": layer},
    )


if "REDIS_URL" in os.environ and not settings.configured:
    configure(os.environ["REDIS_URL"])

urlpatterns = [path("healthz", lambda _request: HttpResponse("ok"))]


class Status(AsyncWebsocketConsumer):
    """Shows one contact."""

    async def connect(self) -> None:
        """Join the contact's group."""
        self.group = f"contact.{self.scope['url_route']['kwargs']['contact_id']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send('{"version": 1}')

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def status(self, message: dict[str, Any]) -> None:
        """Send what the group was told."""
        await self.send(message["text"])


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/contacts/<uuid:contact_id>/", Status.as_asgi())]),
    }
)
