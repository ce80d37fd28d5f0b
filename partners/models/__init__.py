"""The stored record of what partners may do and have done."""

from __future__ import annotations

from partners.models.api_keys import ApiKey
from partners.models.idempotency_records import IdempotencyRecord

__all__ = ["ApiKey", "IdempotencyRecord"]
