"""The plain HTTP around the API: the desk's page and assets, the Chime side addresses, health."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from localconnect.settings import Settings

DESK_DIR = Path(__file__).parent / "desk"
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}


class Pages:
    """The routes that need nothing but settings and files."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def routes(self) -> list[BaseRoute]:
        """Where everything is."""
        return [
            Route("/healthz", self.health),
            Route("/agent", self.redirect_to_desk),
            Route("/agent/", self.desk),
            Route("/agent/static/desk.css", self.desk_style),
            Mount("/agent/static/dist", StaticFiles(directory=DESK_DIR / "dist", check_dir=False)),
            Route("/v1/client-events", self.accept_client_events, methods=["POST", "OPTIONS"]),
            Route("/v2/turn_sessions", self.offer_no_relay, methods=["POST", "OPTIONS"]),
        ]

    async def health(self, _request: Request) -> Response:
        """Whether the server answers at all."""
        return JSONResponse({"status": "ok"})

    async def redirect_to_desk(self, _request: Request) -> Response:
        """Relative addresses on the desk's page need the slash."""
        return RedirectResponse("/agent/")

    async def desk(self, request: Request) -> Response:
        """The desk's page."""
        page = DESK_DIR / "index.html"
        if not (DESK_DIR / "dist" / "desk.js").is_file():
            return PlainTextResponse(
                "The agent desk has not been built: in a clone, run python3 dev.py build",
                status_code=503,
            )
        return FileResponse(
            page,
            headers={
                "Content-Security-Policy": self._desk_policy(request),
                "Cache-Control": "no-cache",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def desk_style(self, _request: Request) -> Response:
        """The desk's style sheet."""
        style = DESK_DIR / "desk.css"
        if not style.is_file():
            return PlainTextResponse("Not found", status_code=404)
        return FileResponse(
            style, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        )

    async def accept_client_events(self, request: Request) -> Response:
        """Chime clients report here from any page; nobody reads it."""
        async for _ in request.stream():
            pass
        return JSONResponse({}, headers=_CORS)

    async def offer_no_relay(self, request: Request) -> Response:
        """TURN credentials for older Chime clients: none, media comes straight here."""
        async for _ in request.stream():
            pass
        return JSONResponse(
            {"username": "", "password": "", "ttl": 3600, "uris": []}, headers=_CORS
        )

    def _desk_policy(self, request: Request) -> str:
        """Own files only, the signalling socket, and the SDK's workers, which it makes from blobs."""
        hosts = {request.headers.get("host", "")}
        if self._settings.public_url:
            hosts.add(urlsplit(self._settings.public_url).netloc)
        reachable = " ".join(
            f"{scheme}://{host}"
            for host in sorted(hosts)
            for scheme in ("http", "https", "ws", "wss")
        )
        return (
            f"default-src 'self'; connect-src 'self' {reachable}; worker-src 'self' blob:; "
            "media-src 'self' blob: mediastream:; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
