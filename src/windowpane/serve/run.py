"""Listens and answers until it is told to stop (HTTP server)."""

from __future__ import annotations

import socket
from collections.abc import Callable

import cv2
import uvicorn
from starlette.types import ASGIApp

from windowpane.errors import WindowpaneError

PATIENCE = 10
"""Seconds that requests under way have when the server is told to stop."""

BACKLOG = 512
"""Connections that may wait to be accepted."""


def run(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve an application; ``ready`` is called with its URL once it listens.

    Raises
    ------
    WindowpaneError
        For an address that cannot be listened at.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # whoever asks at once waits until the nets are loaded
    except OSError as error:
        raise WindowpaneError(
            f"cannot listen at {host} port {port} ({error.strerror}): choose another with --port"
        ) from error
    cv2.setNumThreads(1)  # pictures are worked at side by side, so one thread each
    name = f"[{host}]" if ":" in host else {"0.0.0.0": "localhost"}.get(host, host)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=PATIENCE,
    )
    ready(f"http://{name}:{listener.getsockname()[1]}/")
    uvicorn.Server(config).run(sockets=[listener])
