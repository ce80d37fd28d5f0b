"""Webhooks: events of partners' calls on their way to the partners' own addresses, signed, retried, and to nowhere private."""
