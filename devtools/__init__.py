"""What `dev.py` does, in standard-library modules: it runs before any package is installed."""

from __future__ import annotations
