"""One worker of a batch: it answers parts, and no picture keeps the others from their answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from windowpane.batch.answers import Folder, Part
from windowpane.batch.inputs import Opened, opened
from windowpane.batch.systems import Record, system_of
from windowpane.errors import ImageError, WindowpaneError
from windowpane.images import load
from windowpane.netfile import load as load_net

TOGETHER = 64
"""Pictures that are answered together, if they are small."""

PIXELS = 1 << 24
"""Pixels of pictures that are answered together: more would only take memory."""

Picture = NDArray[np.uint8]
Failure = str


class Worker:
    """Answers the parts of the batch in a folder; all that it needs to know is there."""

    def __init__(self, folder: str) -> None:
        import pyarrow as pa

        self.folder = Folder(folder)
        settings = self.folder.settings()
        self.column = settings.column
        self.system = system_of(settings.system, load_net(self.folder.net()), settings.options)
        self.schema = pa.schema(
            {"image": pa.string(), "row": pa.int64(), **self.system.columns, "error": pa.string()}
        )

    def answer(self, part: Part) -> tuple[int, int]:
        """Write the answers of a part, unless they are there; return its numbers of pictures and failures."""
        import pyarrow as pa

        if self.folder.has(part):
            return part.pictures, self.folder.failed([part])
        rows = self.folder.rows(part)
        answers = self._answers(opened(rows, self.column))
        records = [
            {"image": row.image, "row": row.row, **answer} for row, answer in zip(rows, answers, strict=True)
        ]
        self.folder.write(part, pa.Table.from_pylist(records, schema=self.schema))
        return len(records), sum("error" in record for record in records)

    def _answers(self, files: Iterable[Opened]) -> Iterator[Record]:
        for chunk in _chunks(map(_loaded, files)):
            answers = iter(self._together([one for one in chunk if not isinstance(one, Failure)]))
            yield from ({"error": one} if isinstance(one, Failure) else next(answers) for one in chunk)

    def _together(self, pictures: list[Picture]) -> list[Record]:
        """Answer pictures together; if that fails, one by one, so that only the faulty one fails."""
        try:
            return self.system.answer(pictures) if pictures else []
        except Exception as error:  # whatever it is, the other millions of pictures go on
            if len(pictures) == 1:
                kind = "" if isinstance(error, WindowpaneError) else f"{type(error).__name__}: "
                return [{"error": f"cannot be answered: {kind}{error}"}]
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
