"""The server as an ASGI application: the page, the interface, KServe's protocol, health and metrics.

    app = create_app(Limits(), token="secret")      # uvicorn.run(app)

Uploads are answered from memory and forgotten: nothing is written to disk, and no log has more than a path.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from windowpane.core.system import System
from windowpane.errors import WindowpaneError
from windowpane.serve import api, lessons
from windowpane.serve.kserve import routes as kserve
from windowpane.serve.limits import Admission, Limits, RefusalError
from windowpane.serve.metrics import Counted, Metrics
from windowpane.serve.systems import Systems

PAGE = Path(str(files("windowpane"))) / "serve" / "page"
DEMO = Path(str(files("windowpane"))) / "demo"

EXAMPLES = ("portrait.jpg", "rocket.jpg", "ruled.png", "chalk.png")
"""Built-in pictures that the page offers."""

GUARDED = ("/api", "/v2", "/metrics")
"""What needs the token, if there is one; the page itself does not, so that it can ask for it."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' "
    "'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Of every answer; the first keeps the page from asking anyone else for anything."""


def create_app(
    limits: Limits | None = None,
    *,
    nets: Iterable[str | Path] = (),
    systems: Iterable[System] = (),
    token: str | None = None,
    hosts: Sequence[str] = ("*",),
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    limits
        What is let in.
    nets
        Files of further nets to serve.
    systems
        Systems of one's own, each answered for at ``/api/`` and its name; they are not closed.
    token
        What requests must say under ``Authorization: Bearer``; none = nothing.
    hosts
        The names under which the server may be asked; others are refused, so that no page of a stranger can
        reach a server on the reader's own machine by giving it a name.

    Raises
    ------
    NetFileError
        For a net that cannot be used.
    ArgumentError
        For a system that cannot be served.
    """
    admission, served = Admission(limits or Limits()), Systems(nets, systems)
    metrics, open_pictures = Metrics(admission), lessons.Open()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await admission.run(served.warm)
        tidy = asyncio.create_task(open_pictures.keep_tidy())
        yield
        tidy.cancel()
        admission.close()
        served.close()

    app = FastAPI(
        title="Windowpane",
        version=version("windowpane"),
        description="Read, detect and parse: the same answers as the command line's.",
        docs_url=None,  # FastAPI's own pages fetch their scripts from elsewhere
        redoc_url=None,
        lifespan=life,
    )
    app.include_router(api.routes(served, admission))
    app.include_router(lessons.routes(served, admission, open_pictures))
    app.include_router(kserve.routes(served, admission))

    @app.get("/health", summary="Whether the server is there", tags=["health"])
    async def health() -> dict[str, Any]:
        return {"status": "ok", "version": version("windowpane"), "nets": sorted(served.nets)}

    @app.get("/metrics", summary="Figures for Prometheus", tags=["health"])
    async def figures() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/examples/{name}", include_in_schema=False)
    async def example(name: str) -> FileResponse:
        if name not in EXAMPLES:
            raise HTTPException(404)
        return FileResponse(DEMO / name)

    @app.get("/docs", include_in_schema=False)
    async def interface() -> FileResponse:
        return FileResponse(PAGE / "interface.html")

    app.mount("/", StaticFiles(directory=PAGE, html=True))
    _speak_plainly(app)
    app.add_middleware(Guard, token=token)
    if "*" not in hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(Counted, metrics=metrics)
    return app


def _speak_plainly(app: FastAPI) -> None:
    """Answer every error with one sentence, as ``{"error": ...}``."""

    @app.exception_handler(RefusalError)
    async def refused(_: Request, error: RefusalError) -> JSONResponse:
        return JSONResponse({"error": error.sentence}, error.status, error.headers)

    @app.exception_handler(WindowpaneError)
    async def unusable(_: Request, error: WindowpaneError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 422)

    @app.exception_handler(RequestValidationError)
    async def wrong(_: Request, error: RequestValidationError) -> JSONResponse:
        said = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"error": "; ".join(said)}, 422)

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        path = request.scope["path"].encode("utf-8", "replace").decode()  # of a URL that need not be one
        path = path if len(path) <= 80 else f"{path[:80]}..."
        known = {404: f"there is no {path}: see /docs", 405: f"{path} takes no {request.method}: see /docs"}
        sentence = known.get(error.status_code, error.detail)
        return JSONResponse({"error": sentence}, error.status_code, error.headers)


class Guard:
    """Asks for the token, and gives every answer the headers that keep the page to itself."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with 401."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if self._may(scope):
            await self.app(scope, receive, with_headers)
        else:
            refusal = JSONResponse(
                {"error": "the token is missing or wrong: send it as 'Authorization: Bearer TOKEN'"},
                401,
                {"WWW-Authenticate": "Bearer"},
            )
            await refusal(scope, receive, with_headers)

    def _may(self, scope: Scope) -> bool:
        path = scope["path"]
        if self.token is None or not any(path == one or path.startswith(f"{one}/") for one in GUARDED):
            return True
        given = Headers(scope=scope).get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode())
