"""Chime-compatible meetings: signalling, and the audio and video themselves. It knows nothing of contacts or queues."""

from __future__ import annotations
