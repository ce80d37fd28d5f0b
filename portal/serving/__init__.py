"""The portal's own Daphne: what a status socket and a request may cost, and how a process goes without losing any.

`python -m portal.serving` takes Daphne's options and needs no application. Knows HTTP and WebSocket, not what is said in them.
"""
