"""Many pictures at once (batching): lines of like width run together, a stream is read chunk by chunk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from windowpane.core.system import Failure, Picture
from windowpane.read.line import HEIGHT, Line

CHUNK, CHUNK_PIXELS = 256, 1 << 25
"""Pictures of a stream that are read together, and pixels of them all: 100 MB."""

BUCKET = 16
"""Widths of lines that are run together are rounded up to multiples of this, pixels."""

T = TypeVar("T")


def by_width(lines: Sequence[Line]) -> Iterator[tuple[list[int], NDArray[np.uint8]]]:
    """Yield which lines have like widths, and their ink, (N, 32, W), with paper at the right up to W."""
    groups: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        width = line.ink.shape[1]
        groups.setdefault(width if len(lines) == 1 else -(-width // BUCKET) * BUCKET, []).append(index)
    for width, members in groups.items():
        inks = np.zeros((len(members), HEIGHT, width), np.uint8)
        for ink, index in zip(inks, members, strict=True):
            ink[:, : lines[index].ink.shape[1]] = lines[index].ink
        yield members, inks


def in_chunks(
    items: Iterable[Picture | Failure],
    work: Callable[[list[Picture | Failure]], list[T]],
    pool: Executor,
    ahead: int,
) -> Iterator[T]:
    """Yield what work makes of each item, in order, with some chunks under way ahead of the caller.

    Items are taken only as they are needed, so that memory stays level.
    """
    under_way: deque[Future[list[T]]] = deque()
    try:
        for chunk in _chunks(items):
            under_way.append(pool.submit(work, chunk))
            while under_way and (len(under_way) > ahead or under_way[0].done()):
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()
    finally:  # the caller may want no more
        for future in under_way:
            future.cancel()


def _chunks(items: Iterable[Picture | Failure]) -> Iterator[list[Picture | Failure]]:
    chunk: list[Picture | Failure] = []
    pixels = 0
    for item in items:
        chunk.append(item)
        pixels += 0 if isinstance(item, Failure) else item.shape[0] * item.shape[1]
        if len(chunk) == CHUNK or pixels >= CHUNK_PIXELS:
            yield chunk
            chunk, pixels = [], 0
    if chunk:
        yield chunk
