"""An embedded Amazon Connect: REST API, contact events, queue, agent desk and the calls' media, in one process."""

from __future__ import annotations

__version__ = "0.1.0"
