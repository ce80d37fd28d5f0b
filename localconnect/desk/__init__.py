"""The agent's desk: what it shows, and the socket that keeps it up to date. Its page is drawn by its own script."""

from __future__ import annotations
