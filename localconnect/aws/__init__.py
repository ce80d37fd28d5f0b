"""The wire of AWS: routing, signatures, parsing, validation and serialisation, generic over the service models.

Nothing in here knows what a contact is; `localconnect.services` holds the behaviour.
"""

from __future__ import annotations
