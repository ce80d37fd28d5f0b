"""What the operations do: one module per service, one function per operation."""

from __future__ import annotations
