"""Holds customers and partners to what an entry point offers, whatever their page shows."""

from __future__ import annotations

from contacts import errors
from contacts.choices import Feature
from contacts.models import EntryPoint


def require(feature: Feature, entry_point: EntryPoint) -> None:
    """Return if the entry point offers the feature.

    :raises FeatureOff: it does without.
    """
    if not entry_point.offers(feature):
        raise errors.FeatureOff(feature.value)
