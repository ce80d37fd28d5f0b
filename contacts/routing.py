"""Addresses of the status sockets."""

from __future__ import annotations

websocket_urlpatterns: list[object] = []
