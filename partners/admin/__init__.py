"""Partners in Django admin: their keys, where their webhooks go, and what came of those."""

from __future__ import annotations

from partners.admin import contacts, keys, webhooks

__all__ = ["contacts", "keys", "webhooks"]
