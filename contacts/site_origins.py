"""What an origin of a website is, as its own pages send it and as `frame-ancestors` takes it. Pure functions."""

from __future__ import annotations

import re

# Lower case and without a path or an end slash, as browsers write it; a plain host is fine on http for development.
_ORIGIN = re.compile(
    r"https?://(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:[0-9]{1,5})?\Z"
)


def is_site_origin(text: str) -> bool:
    """Whether the text is the origin of a website, such as `https://www.example.com` or `http://localhost:8300`."""
    return bool(_ORIGIN.match(text))
