"""Request buckets: how far each operation of Amazon Connect has used up the rate that all processes share."""

from __future__ import annotations

from django.db import models


class RequestBucket(models.Model):
    """The bucket of one operation. One number is enough to know how many tokens are left (generic cell rate algorithm)."""

    operation = models.CharField(primary_key=True, max_length=64)
    # Seconds since 1970; in the past: it is full, and has been since then.
    full_at = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.operation
