"""Many pictures at once (batching): lines of like width run together, a stream chunk by chunk, in lanes.

A lane is where one chunk after the other is worked on. The first is a thread here. Python's lock lets one
thread of a process work at a time, so every further lane is a process: a fresh Python, told what to do over
its standard input. Nothing of the caller's program is run in it again, as `multiprocessing` would: a script
needs no guard, and a notebook no file.
"""

from __future__ import annotations

import os
import pickle
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import LifoQueue
from subprocess import PIPE, Popen
from typing import IO, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import STACK_PIXELS
from windowpane.core.system import Failure, Picture
from windowpane.read.line import HEIGHT, Line

CHUNK, CHUNK_PIXELS = 256, 1 << 23
"""Pictures of a stream that are read together, and pixels of them all: 25 MB."""

PAPER = 256
"""Columns of paper that the lines of a stack may be padded with, in all: a further stack takes longer."""

T = TypeVar("T")
R = TypeVar("R")


def by_width(lines: Sequence[Line]) -> Iterator[tuple[list[int], NDArray[np.uint8]]]:
    """Yield which lines have like widths, and their ink, (N, 32, W), with paper at the right up to W."""
    widths = [line.ink.shape[1] for line in lines]
    for members in _stacks(widths):
        inks = np.zeros((len(members), HEIGHT, widths[members[-1]]), np.uint8)
        for ink, index in zip(inks, members, strict=True):
            ink[:, : widths[index]] = lines[index].ink
        yield members, inks


def _stacks(widths: Sequence[int]) -> Iterator[list[int]]:
    """Yield which lines to run together, rising in width: as many as pay, padded to the widest of them."""
    stack: list[int] = []
    paper = widest = 0
    for index in sorted(range(len(widths)), key=widths.__getitem__):
        width = widths[index]
        paper += len(stack) * (width - widest)
        if stack and (paper > PAPER or (len(stack) + 1) * width * HEIGHT > STACK_PIXELS):
            yield stack
            stack, paper = [], 0
        stack.append(index)
        widest = width
    if stack:
        yield stack


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


# -- Lanes -------------------------------------------------------------------------------------------------


class Lanes(Executor):
    """Work on so many chunks side by side: one here, the others in processes (worker processes).

    A process begins with the first chunk that it is given. What cannot be done there is done here.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._begin()

    def submit(self, work: Callable[[T], R], chunk: T) -> Future[R]:  # type: ignore[override]
        """Have work, which can be pickled, done on a chunk by the first lane that is free."""
        if self._owner != os.getpid():  # a fork has no threads, and its parent's processes are not its own
            self._begin()
        return self._threads.submit(self._done, work, chunk)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all threads and processes."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        self._end()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._threads = ThreadPoolExecutor(self._count)
        beside = [_Process() for _ in range(self._count - 1)]
        self._free: LifoQueue[_Process | None] = LifoQueue()
        for lane in (*beside, None):
            self._free.put(lane)
        self._end = weakref.finalize(self, _end, beside, self._owner)

    def _done(self, work: Callable[[T], R], chunk: T) -> R:
        lane = self._free.get()
        try:
            return work(chunk) if lane is None else lane.done(work, chunk)
        finally:
            self._free.put(lane)


class _Process:
    """A process beside this one, which is begun when there is work for it."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._known = b""
        self._usable = not hasattr(sys, "frozen")  # a program that is one file is no Python to begin

    def done(self, work: Callable[[T], R], chunk: T) -> R:
        try:
            if self._usable:
                return cast(R, self._answer(pickle.dumps(work), chunk))
        except Exception:  # no process, or it ended: if the work itself is to blame, it says so here
            self._usable = False
        return work(chunk)

    def _answer(self, work: bytes, chunk: object) -> object:
        if self._process is None:
            program = f"import sys; sys.path[:] = {sys.path}; from {__name__} import live; live()"
            self._process = Popen(  # in a session of its own: Ctrl-C is for this process, which ends it
                [sys.executable, "-c", program], stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        self._tell((work if work != self._known else None, chunk))
        self._known = work
        return pickle.load(cast(IO[bytes], self._process.stdout))

    def _tell(self, message: object) -> None:
        there = cast(IO[bytes], cast(Popen[bytes], self._process).stdin)
        pickle.dump(message, there, pickle.HIGHEST_PROTOCOL)
        there.flush()

    def end(self) -> None:
        if self._process is not None:
            with suppress(OSError), self._process:  # which closes the pipes and waits
                self._tell(None)


def _end(processes: Sequence[_Process], owner: int) -> None:
    for process in processes if owner == os.getpid() else ():
        process.end()


def live() -> None:
    """Do what comes over the standard input, until nothing more is to be done: the life of a process."""
    cv2.setNumThreads(1)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # should anything be printed, it is no answer
    with suppress(EOFError, BrokenPipeError):
        while message := pickle.load(sys.stdin.buffer):
            if message[0]:
                work = pickle.loads(message[0])
            pickle.dump(work(message[1]), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
