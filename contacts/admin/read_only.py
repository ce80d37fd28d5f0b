"""What Django admin only shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """What happened cannot be edited, added to or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody deletes."""
        return False
