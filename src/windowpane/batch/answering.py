"""From the bytes of pictures to their answers, so that no picture keeps the others from theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from windowpane.batch.answers import Folder
from windowpane.batch.inputs import Opened
from windowpane.batch.systems import Record, system_of
from windowpane.core.netfile import load as load_net
from windowpane.errors import ImageError, WindowpaneError
from windowpane.images import load

TOGETHER = 64
"""Pictures that are answered together, if they are small."""

PIXELS = 1 << 24
"""Pixels of pictures that are answered together: more would only take memory."""

Picture = NDArray[np.uint8]
Failure = str


class Answerer:
    """Answers pictures as the settings of a folder say."""

    def __init__(self, folder: Folder) -> None:
        settings = folder.settings()
        self.system = system_of(settings.system, load_net(folder.net()), settings.options)

    def answers(self, files: Iterable[Opened]) -> Iterator[Record]:
        """Yield the answer to each picture, in order: its record, or one with the error."""
        for chunk in _chunks(map(_loaded, files)):
            answers = iter(self._together([one for one in chunk if not isinstance(one, Failure)]))
            yield from ({"error": one} if isinstance(one, Failure) else next(answers) for one in chunk)

    def _together(self, pictures: list[Picture]) -> list[Record]:
        """Answer pictures together; if that fails, one by one, so that only the faulty one fails."""
        try:
            return self.system.answer(pictures) if pictures else []
        except Exception as error:  # whatever it is, the other pictures go on
            if len(pictures) == 1:
                kind = "" if isinstance(error, WindowpaneError) else f"{type(error).__name__}: "
                return [{"error": f"The picture cannot be answered: {kind}{error}"}]
            return [self._together([picture])[0] for picture in pictures]


def _loaded(file: Opened) -> Picture | Failure:
    if isinstance(file, ImageError):
        return str(file)
    try:
        return load(file)
    except Exception as error:  # ImageError, or no memory for it
        return str(error) or f"{file.name} cannot be decoded: {type(error).__name__}."


def _chunks(pictures: Iterable[Picture | Failure]) -> Iterator[list[Picture | Failure]]:
    """Yield pictures in lists, each of few pictures and few pixels."""
    chunk: list[Picture | Failure] = []
    pixels = 0
    for one in pictures:
        chunk.append(one)
        pixels += 0 if isinstance(one, Failure) else one.shape[0] * one.shape[1]
        if len(chunk) == TOGETHER or pixels >= PIXELS:
            yield chunk
            chunk, pixels = [], 0
    if chunk:
        yield chunk


# -- Where a picture may end the process that answers it ----------------------------------------------------


def answers_carefully(folder: str, files: Iterable[Opened]) -> Iterator[Record]:
    """Yield the answers as `Answerer` does, from a process beside this one, and a new one if that dies."""
    beside = None
    for file in files:
        answer: Record | None = None
        for _ in range(2):  # once may have been chance
            beside = beside or ProcessPoolExecutor(1, get_context("spawn"), _begin, (folder,))
            with suppress(BrokenProcessPool):
                answer = beside.submit(_answer, file).result()
                break
            beside = None
        yield answer or {
            "error": f"{_name(file)} ends the process that answers it: a crash, or no memory left."
        }
    if beside:
        beside.shutdown()


_answerers: list[Answerer] = []  # of a process beside: one


def _begin(folder: str) -> None:
    _answerers.append(Answerer(Folder(folder)))


def _answer(file: Opened) -> Record:
    return next(_answerers[0].answers([file]))


def _name(file: Opened) -> str:
    return "The picture" if isinstance(file, ImageError) else file.name
