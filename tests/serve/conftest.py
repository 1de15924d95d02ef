"""What the tests of the server share: a real one that listens, a way to ask it, and pictures."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import pytest
import uvicorn

from windowpane.serve.app import create_app
from windowpane.serve.limits import Limits

DEMO = Path(str(resources.files("windowpane"))) / "demo"
BOUNDARY = "windowpane"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Asker:
    """Asks a server; a body of other kinds than bytes goes as JSON."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        if body is not None and not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def form(self, path: str, files: list[tuple[str, bytes]]) -> Reply:
        return self("POST", path, form(files), Content_Type=f"multipart/form-data; boundary={BOUNDARY}")


def form(files: list[tuple[str, bytes]]) -> bytes:
    parts = []
    for name, data in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@contextmanager
def listening(limits: Limits | None = None, **options: Any) -> Iterator[Asker]:
    """Run a server in a thread."""
    server = uvicorn.Server(uvicorn.Config(create_app(limits, **options), port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive()
    yield Asker(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def serving():
    """A server with options of one's own: ``with serving(limits, token=...) as ask``."""
    return listening


@pytest.fixture(scope="session")
def ask() -> Iterator[Asker]:
    """A server as it is by default."""
    with listening(Limits(megabytes=8, megapixels=4, files=20, workers=2)) as asker:
        yield asker


@pytest.fixture(scope="session")
def number() -> bytes:
    """A picture of 94720."""
    return (DEMO / "ruled.png").read_bytes()


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A picture of one face."""
    return (DEMO / "portrait.jpg").read_bytes()


@pytest.fixture(scope="session")
def scene() -> bytes:
    """A small picture of a scene."""
    picture = cv2.imread(str(DEMO / "rocket.jpg"))
    small = cv2.resize(picture, (240, 160), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", small)[1].tobytes()
