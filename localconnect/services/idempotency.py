"""Does what a request asks for once per ClientToken, however often it arrives."""

from __future__ import annotations

from collections.abc import Callable

from localconnect.aws.call import Call
from localconnect.services.registry import Service


def made_once(
    service: Service, call: Call, about: str, make: Callable[[], str]
) -> tuple[str, bool]:
    """The id of what `make` made for the call's ClientToken, and whether it was made just now.

    :param about: whose tokens these are besides the operation's: the id of an instance or a contact.
    """
    token = call.params.get("ClientToken")
    if not token:
        return make(), True
    key = (call.operation.name, about, token)
    now = service.clock.time()
    made = service.center.client_tokens.find(key, now)
    if made is not None:
        return made, False
    made = make()
    service.center.client_tokens.remember(
        key, made, now=now, life_s=service.settings.client_token_s
    )
    return made, True
