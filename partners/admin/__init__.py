"""Partners in Django admin: their keys, where their webhooks go, and what came of those."""

from __future__ import annotations

from partners.admin import contacts, figures, keys, webhooks

__all__ = ["contacts", "figures", "keys", "webhooks"]
