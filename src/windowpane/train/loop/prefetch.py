"""Batches made ahead (prefetching): the next one is prepared while a net learns from this one."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")

AHEAD = 4
"""Items that wait, at most, where another process makes them."""


def prefetched(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the same, one item made beforehand by a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item


def prefetched_apart(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the same, some items made beforehand by a process of its own, on another core.

    For items that take mostly Python to make, where a thread would wait for the one that learns. They are
    pickled. Where processes cannot be forked a thread makes them. What goes wrong there is raised here.
    """
    if sys.platform != "linux":
        yield from prefetched(items)
        return
    context = multiprocessing.get_context("fork")
    inlet, outlet = context.Pipe(duplex=False)
    maker = context.Process(target=_make, args=(items, outlet), daemon=True)
    with warnings.catch_warnings():  # the new process runs none of this one's threads
        warnings.simplefilter("ignore", DeprecationWarning)
        maker.start()
    outlet.close()
    waiting: Queue[tuple[str, Any]] = Queue(AHEAD)
    taker = Thread(target=_take, args=(inlet, waiting), daemon=True)
    taker.start()
    try:
        while (message := waiting.get())[0] == "item":
            yield message[1]
        if message[0] == "error":
            raise message[1]
    finally:
        maker.terminate()
        maker.join()
        while taker.is_alive():  # it may wait for room
            with suppress(Empty):
                waiting.get(timeout=0.05)


def _make(items: Iterator[Any], outlet: Connection) -> None:
    """Make all items and send each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that learns, which ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which that one may have a handler for
    try:
        for item in items:
            outlet.send(("item", item))
        outlet.send(("end", None))
    except Exception as error:
        outlet.send(("error", error))


def _take(inlet: Connection, waiting: Queue[tuple[str, Any]]) -> None:
    """Take what is sent, as far ahead as there is room: a pipe holds less than one item."""
    kind = "item"
    while kind == "item":
        try:
            kind, item = inlet.recv()
        except (EOFError, OSError):
            kind, item = "error", RuntimeError("the process that makes batches died: is there memory enough?")
        waiting.put((kind, item))
    inlet.close()
