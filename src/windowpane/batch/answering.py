"""From the bytes of pictures to their records (micro-batches): no picture keeps the others from theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context

from windowpane.batch.answers import AnswerFolder
from windowpane.batch.columns import Record, record_of
from windowpane.batch.inputs import Opened
from windowpane.core.netfile import load_net
from windowpane.core.system import Failure, Picture, System, answer_many
from windowpane.errors import ImageError, WindowpaneError
from windowpane.images import MAX_PIXELS
from windowpane.images.loader import Told, load_told
from windowpane.systems import BuiltIn, task_of

TOGETHER = 64
"""Pictures that are answered together, if they are small."""

PIXELS = 1 << 24
"""Pixels of pictures that are answered together: more would only take memory."""


def system_in(folder: AnswerFolder) -> BuiltIn:
    """Return the system that a folder's settings ask for."""
    settings = folder.settings()
    system: BuiltIn = task_of(settings.system).system(load_net(folder.net()), **settings.options)
    return system


def records(system: System, files: Iterable[Opened], max_pixels: int = MAX_PIXELS) -> Iterator[Record]:
    """Yield the record of each picture, in order: its answer, or one with the error."""
    for chunk in _chunks(_loaded(file, max_pixels) for file in files):
        answers = iter(_together(system, [one.picture for one in chunk if not isinstance(one, Failure)]))
        for one in chunk:
            if isinstance(one, Failure):
                yield {"error": one.error}
            else:
                yield next(answers) | ({"notes": "; ".join(one.notes)} if one.notes else {})


def _together(system: System, pictures: list[Picture]) -> list[Record]:
    """Answer pictures together; if that fails, one by one, so that only the faulty one fails."""
    try:
        return [record_of(system, answer) for answer in answer_many(system, pictures)] if pictures else []
    except Exception as error:  # whatever it is, the other pictures go on
        if len(pictures) == 1:
            kind = "" if isinstance(error, WindowpaneError) else f"{type(error).__name__}: "
            return [{"error": f"The picture cannot be answered: {kind}{error}"}]
        return [_together(system, [picture])[0] for picture in pictures]


def _loaded(file: Opened, max_pixels: int) -> Told | Failure:
    if isinstance(file, ImageError):
        return Failure("-", str(file))
    try:
        return load_told(file, max_pixels=max_pixels)
    except ImageError as error:
        return Failure(file.name, str(error))


def _chunks(pictures: Iterable[Told | Failure]) -> Iterator[list[Told | Failure]]:
    """Yield pictures in lists, each of few pictures and few pixels."""
    chunk: list[Told | Failure] = []
    pixels = 0
    for one in pictures:
        chunk.append(one)
        pixels += 0 if isinstance(one, Failure) else one.picture.shape[0] * one.picture.shape[1]
        if len(chunk) == TOGETHER or pixels >= PIXELS:
            yield chunk
            chunk, pixels = [], 0
    if chunk:
        yield chunk


# -- Where a picture may end the process that answers it ----------------------------------------------------


def records_carefully(folder: str, files: Iterable[Opened]) -> Iterator[Record]:
    """Yield the records as `records` does, from a process beside this one, and a new one if that dies."""
    beside = None
    for file in files:
        record: Record | None = None
        for _ in range(2):  # once may have been chance
            beside = beside or ProcessPoolExecutor(1, get_context("spawn"), _begin, (folder,))
            with suppress(BrokenProcessPool):
                record = beside.submit(_record, file).result()
                break
            beside = None
        yield record or {
            "error": f"{_name(file)} ends the process that answers it: a crash, or no memory left."
        }
    if beside:
        beside.shutdown()


_begun: list[tuple[System, int]] = []  # in a process beside: one


def _begin(folder: str) -> None:
    _begun.append((system_in(AnswerFolder(folder)), AnswerFolder(folder).settings().max_pixels))


def _record(file: Opened) -> Record:
    system, max_pixels = _begun[0]
    return next(records(system, [file], max_pixels))


def _name(file: Opened) -> str:
    return "The picture" if isinstance(file, ImageError) else file.name
