"""The portal as an ASGI application: HTTP by Django, status sockets by Channels."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

http_application = get_asgi_application()  # first: it sets Django up, which the routes below need

from contacts import connect_client  # noqa: E402
from contacts.origins import SameOriginSockets  # noqa: E402
from contacts.routing import websocket_urlpatterns  # noqa: E402
from portal.startup import report_configuration  # noqa: E402

report_configuration()
connect_client.prepare()

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": SameOriginSockets(CookieMiddleware(URLRouter(websocket_urlpatterns))),
    }
)
