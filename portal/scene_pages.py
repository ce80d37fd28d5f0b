"""What a screen of the call page is drawn from when there is no call: the gallery's screens, and those that admins try looks on."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from portal.gallery_scenes import OPEN, Scene
from portal.messages import texts_for_script

THEMES = ("light", "dark")
SHEET = "static/dist/page.css"
_DARK = re.compile(r"@media ?\(prefers-color-scheme: ?dark\)")  # minified or not


def page_data_of(shown: Scene) -> dict[str, Any]:
    """Return what the call page's template and script start from, for a company that does not exist."""
    guest = {"token": None, "gone": False, "host": "Ana"} if shown.get("guest") else None
    questions = [{"key": "web_order", "label": "Order number", "kind": "text", "required": True}]
    return {
        "entry_point": {
            "slug": "gallery",
            "name": "Support",
            "company": "Example Company",
            "name_required": True,
            "custom_fields": questions,
            "consent": {"version": 1, "recording": True, "text": ""},
            "video": True,
            "screen_share": True,
            "reminds": True,
            "off": [],
            "availability": {**OPEN, "version": 1},
        },
        "urls": {"help": "#:reference", "call": "#", "home": "#", "page": "#"},
        "contact": None,
        "connection": None,
        "guest": guest,
        "embedded": False,
        "messages": texts_for_script(),
        "limits": {
            "name": 256,
            "description": 1000,
            "answer": 1000,
            "start_s": 20,
            "kept_days": 30,
        },
        "scene": shown,
    }


def page_sheet_in(theme: str) -> str:
    """Return the product's own styles as a device set to `light` or to `dark` shows them."""
    return fixed_to(theme, (settings.BASE_DIR / SHEET).read_text())


def fixed_to(theme: str, sheet: str) -> str:
    """Return a sheet that shows a theme whatever the device is set to."""
    wanted = "all" if theme == "dark" else "not all"
    return _DARK.sub(f"@media {wanted}", sheet)
