"""Admission control: what a server lets in, and how much at once, so that no upload and no crowd can stop it.

    admission = Admission(Limits())
    async with admission.admit():               # or `RefusalError` 429 says when to come again
        answer = await admission.run(work)      # in a thread; 503 if it takes too long

A request is admitted before its body is read, so no more bodies are in memory than requests are let in.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from windowpane.core.runtimes import cores
from windowpane.errors import ArgumentError

T = TypeVar("T")

LONGEST_WAIT = 60
"""Seconds; no client is told to stay away for longer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is let in.

    Attributes
    ----------
    megabytes
        Of one request.
    megapixels
        Of one picture; the largest photos of telephones, of 48, are let in by default.
    files
        Of one request.
    seconds
        For one request to arrive, and for one piece of work.
    workers
        Threads that work.
    queue
        Requests that may wait for them.

    Raises
    ------
    ArgumentError
        For a number that cannot be.
    """

    megabytes: float = 32.0
    megapixels: float = 50.0
    files: int = 256
    seconds: float = 60.0
    workers: int = field(default_factory=cores)
    queue: int = 32

    def __post_init__(self) -> None:
        if not min(self.megabytes, self.megapixels, self.files, self.seconds, self.workers) > 0:
            raise ArgumentError(f"what a server lets in is above 0, not {self}")
        if self.queue < 0:
            raise ArgumentError(f"queue={self.queue}: give 0 or more requests that may wait")

    @property
    def bytes(self) -> int:
        """Of one request."""
        return int(self.megabytes * 1e6)

    @property
    def pixels(self) -> int:
        """Of one picture."""
        return round(self.megapixels * 1e6)


class RefusalError(Exception):
    """Why a request is not answered: an HTTP status, one sentence, and what headers the answer has."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


class Admission:
    """Does the work of all requests, `Limits.workers` pieces at once, while `Limits.queue` requests wait."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.admitted = 0
        """Requests that are let in; and pieces of work that went on after their time was up."""
        self._pool = ThreadPoolExecutor(limits.workers, "windowpane-serve")
        self._usual = 0.05  # seconds that a piece of work takes, a running mean

    @property
    def waiting(self) -> int:
        """How many of them are more than can be worked at."""
        return max(0, self.admitted - self.limits.workers)

    @asynccontextmanager
    async def admit(self) -> AsyncIterator[None]:
        """Let a request in; raises RefusalError 429 where too many wait already."""
        if self.admitted >= self.limits.workers + self.limits.queue:
            wait = math.ceil(self.waiting * self._usual / self.limits.workers)
            wait = min(max(1, wait), LONGEST_WAIT)
            sentence = f"{self.waiting} requests are waiting already: come again in {wait} s"
            raise RefusalError(429, sentence, {"Retry-After": str(wait)})
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """Return what ``work()`` gives, in a thread; raises RefusalError 503 if that takes too long.

        Threads cannot be stopped. Work that goes on after its time counts as a request until it ends.
        """
        loop = asyncio.get_running_loop()
        future = self._pool.submit(self._timed, work)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self.limits.seconds)
        except TimeoutError:
            if not future.cancel():
                self.admitted += 1
                future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
            raise RefusalError(
                503,
                f"this takes longer than {self.limits.seconds:g} s: send a smaller picture, or come later",
                {"Retry-After": "10"},
            ) from None

    def close(self) -> None:
        """Start no further work; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        try:
            return work()
        finally:
            self._usual += 0.1 * (time.perf_counter() - start - self._usual)

    def _leave(self) -> None:
        self.admitted -= 1
