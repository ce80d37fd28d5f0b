"""Figures about the running product, each beside a peer measured in the same run."""

from __future__ import annotations
