"""Further processes for the media of meetings, so that calls scale with cores. Used only where the operator wants some."""

from __future__ import annotations
