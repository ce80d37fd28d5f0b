"""The REST endpoints of what only partners need."""
