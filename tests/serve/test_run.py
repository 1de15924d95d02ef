"""Listening: where it is, that others wait until it is ready, and an address that is taken."""

from __future__ import annotations

import socket
import threading
import urllib.request

import cv2
import pytest
import uvicorn

from windowpane.errors import WindowpaneError
from windowpane.serve.run import run


async def hello(scope, receive, send):
    """Answer everything with a word."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_whoever_asks_as_soon_as_the_address_is_told_is_answered(monkeypatch):
    told, seen, servers = threading.Event(), [], []

    class Kept(uvicorn.Server):
        def __init__(self, config):
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr(uvicorn, "Server", Kept)
    monkeypatch.setattr(cv2, "setNumThreads", lambda count: None)  # other tests go on in this process

    def ready(url):
        seen.append(url)
        told.set()

    thread = threading.Thread(target=run, args=(hello, "127.0.0.1", 0, ready), daemon=True)
    thread.start()
    assert told.wait(10)
    with urllib.request.urlopen(seen[0], timeout=10) as answer:
        assert answer.read() == b"hello"
    servers[0].should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def test_an_address_that_is_taken_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WindowpaneError, match=f"cannot listen at 127.0.0.1 port {port}"):
            run(hello, "127.0.0.1", port, print)
