"""Where things are. Knows names on disk and nothing of what is done with them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".dev"
"""Everything a developer's machine makes for itself and may lose: stamps, secrets, the demo database."""

VENV = ROOT / ".venv"
VENV_BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = VENV_BIN / "python"
REQUIREMENTS = ROOT / "requirements"
STATIC = ROOT / "static"
LOCALE = ROOT / "locale"
DESK = ROOT / "localconnect" / "desk"
SIGNALING = ROOT / "localconnect" / "media" / "signaling.proto"
CLIENTS = STATE / "clients"
"""Environments of the other clients that localconnect is tested with."""
JAVASCRIPT_CLIENT = ROOT / "tests" / "conformance" / "clients" / "javascript"
DEMO_DATABASE = STATE / "portal.sqlite3"
