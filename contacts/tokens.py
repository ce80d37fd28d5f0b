"""The tokens of invitation links: 256 bits that nobody can guess, of which only the SHA-256 is stored.

They are made from the invitation's id and the portal's secret, so that whoever made a link can be shown it again while
nobody has used it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings


def derived_token(invitation_id: UUID) -> str:
    """Return the token of an invitation's link."""
    digest = hmac.digest(
        settings.SECRET_KEY.encode(), b"invitation\x00" + invitation_id.bytes, "sha256"
    )
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_token(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
