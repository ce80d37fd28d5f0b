"""Networks that pass nothing for a while, in real time: the SDK's own patience on one side, the rejoin window on the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, Playwright, async_playwright

from tests.conformance.conftest import ControlApi, RawClient, start_request
from tests.e2e.browsers import CHROMIUM
from tests.e2e.sdk_meeting import join, moving, sdk_page, until
from tests.e2e.sdk_site import SdkSite
from tests.network import Network
from tests.servers import LocalConnect

pytestmark = pytest.mark.e2e
logger = logging.getLogger(__name__)

_SEND = {"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}}
_BACK_WITHIN_S = 40.0
"""The SDK tries again ever more seldom, and may just have failed when the network is back."""

_STARTS_WITHIN_S = 120.0
"""The first test picture takes a busy machine long to make."""

_MEETING_ENDED = 5


@dataclass
class _Customer:
    """Somebody in a call with a scripted agent, behind a network of their own."""

    control: ControlApi
    contact_id: str
    page: Page
    network: Network

    async def contact(self) -> dict[str, Any]:
        found: dict[str, Any] = await asyncio.to_thread(self.control.contact, self.contact_id)
        return found

    async def state(self) -> str:
        return str((await self.contact())["state"])

    async def stopped(self) -> list[int]:
        """With which codes the SDK gave the call up."""
        return list(await self.page.evaluate("window.seen.stopped"))

    async def is_back(self) -> None:
        """See the agent again, in the same call."""
        began = asyncio.get_running_loop().time()
        await moving(self.page, within_s=_BACK_WITHIN_S)
        logger.info("back after %.1f s", asyncio.get_running_loop().time() - began)
        assert await self.state() == "connected"
        assert await self.stopped() == []

    async def outage(self, seconds: float) -> None:
        self.network.block()
        await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def _customer(
    server: LocalConnect, playwright: Playwright, site: SdkSite
) -> AsyncIterator[_Customer]:
    control = ControlApi(server.url)
    patience = {"agent_join_s": _STARTS_WITHIN_S}
    await asyncio.to_thread(control.call, "PATCH", "settings", patience)
    await asyncio.to_thread(control.add_agent, media="pattern")
    wish = start_request(AllowedCapabilities=_SEND)
    reply = await asyncio.to_thread(RawClient(server).signed, "PUT", "/contact/webrtc", wish)
    started = reply.json
    placement = started["ConnectionData"]["Meeting"]["MediaPlacement"]
    async with Network().running() as network, sdk_page(playwright, site) as page:
        placement["SignalingUrl"] = network.lead(placement["SignalingUrl"])
        await join(page, started["ConnectionData"], width=320)
        await moving(page, within_s=_STARTS_WITHIN_S)
        yield _Customer(control, started["ContactId"], page, network)


async def test_who_is_cut_off_comes_back_within_a_minute_and_not_after() -> None:
    """Should bring calls back after 10 and 30 s without a network, end one after 60, and outlive 10 s of the server."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(LocalConnect().running())
        site = stack.enter_context(SdkSite())
        playwright = await stack.enter_async_context(async_playwright())
        short, long, late = [
            await stack.enter_async_context(_customer(server, playwright, site)) for _ in range(3)
        ]
        await asyncio.gather(_returns(short, 10), _returns(long, 30), _is_too_late(late))

        os.kill(server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(10)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await asyncio.gather(short.is_back(), long.is_back())


async def _returns(customer: _Customer, outage_s: float) -> None:
    await customer.outage(outage_s)
    customer.network.unblock()
    await customer.is_back()


async def _is_too_late(customer: _Customer) -> None:
    """The contact ends while its customer is away, who is told on return."""
    await customer.outage(50)
    assert await customer.state() == "connected"
    await until(customer.state, holds=lambda state: state == "ended", within_s=20)
    assert (await customer.contact())["disconnect_reason"] == "CUSTOMER_DISCONNECT"
    await asyncio.sleep(5)
    customer.network.unblock()
    codes = await until(customer.stopped, within_s=_BACK_WITHIN_S)
    assert codes == [_MEETING_ENDED]
