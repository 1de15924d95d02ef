"""Where the pictures of a batch come from (inputs): folders, globs, lists, Parquet, disks and object stores.

    rows = listed(["scans/", "s3://bucket/more/*.png", "table.parquet"])    # one picture each
    for file in opened(rows):                                               # their bytes, in order
        ...

Pictures keep an absolute name, which means the same on every machine and in every later run.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from itertools import groupby, islice
from pathlib import PurePath
from time import sleep
from typing import Any, NamedTuple

from windowpane.batch.places import absolute, explained, place, reason, told
from windowpane.batch.tables import height, pictures
from windowpane.errors import DataError, ImageError
from windowpane.images import SUFFIXES
from windowpane.images.folders import literal

READERS = 8
"""Files read at the same time: object stores answer late, but many at once."""

LOOKED_INTO = 100
"""Folders in a folder without pictures that are looked into, to say where there are some."""

PATIENCE = (1.0, 4.0)
"""Seconds to wait before a store that fails is asked again."""


class Row(NamedTuple):
    """One picture of a batch: a file, or the row, from 0, of a Parquet file."""

    image: str
    row: int | None = None

    def __str__(self) -> str:
        return self.image if self.row is None else f"{self.image}, row {self.row},"


class PictureFile(BytesIO):
    """The bytes of a picture, with the name that error messages speak of."""

    def __init__(self, row: Row, data: bytes) -> None:
        super().__init__(data)
        self.name = str(row)


Opened = PictureFile | ImageError


# -- Which pictures there are ------------------------------------------------------------------------------


def listed(inputs: Iterable[str], column: str | None = None, known: Iterable[str] = ()) -> Iterator[Row]:
    """Yield the pictures behind inputs, each once; those of the files in `known` are left out.

    An input is a picture; a Parquet file, whose rows are pictures; a list, ``.txt``, with one a line; a
    pattern such as ``scans/**/*.png``; or a folder: its pictures and Parquet files, not its sub-folders but
    for those that are partitions of one table, called ``day=1`` and so on (Hive).

    Parameters
    ----------
    column
        Of Parquet files, the one with the pictures.

    Raises
    ------
    DataError
        For an input with nothing behind it.
    MissingExtraError
        For a store whose package is not installed.
    """
    seen = set(known)
    for given in inputs:
        for name in _lines(given) if given.lower().endswith(".txt") else _found(given):
            if name in seen:
                continue
            seen.add(name)
            if name.lower().endswith(".parquet"):
                yield from (Row(name, number) for number in range(height(name, column)))
            else:
                yield Row(name)


def _found(given: str) -> list[str]:
    """Return the absolute names of the files behind a path, a folder or a pattern, sorted."""
    with explained(given):
        system, path = place(given)
        if system.isfile(path):
            return [told(absolute(system, path))]
        if is_folder := system.isdir(path):
            entries = list(_in_folder(system, path))
        else:
            pattern = literal(path, system.isdir) if set(path) & set("*?[") else ""
            entries = list(system.glob(pattern, detail=True).values()) if pattern else []
        found = sorted(told(absolute(system, entry["name"])) for entry in entries if entry["type"] == "file")
    if found:
        return found
    if is_folder:
        inside = f"{given.rstrip('/')}/**/*{_kind_inside(system, path)}"
        raise DataError(f"{given} is a folder without pictures: for those in its folders give '{inside}'")
    raise DataError(f"{given} matches no file: give a picture, a folder, a pattern, a list (.txt) or Parquet")


def _in_folder(system: Any, path: str) -> Iterator[dict[str, Any]]:
    """Yield the pictures and Parquet files in a folder, and in its partitions."""
    for entry in system.ls(path, detail=True):
        if entry["type"] == "directory" and _is_partition(entry["name"]):
            yield from _in_folder(system, entry["name"])
        elif _is_wanted(entry["name"]):
            yield entry


def _is_partition(path: str) -> bool:
    """Say whether a folder holds the part of a table in which a column has one value (Hive)."""
    name = PurePath(path).name
    return "=" in name[1:] and name[0] not in "._"


def _kind_inside(system: Any, path: str) -> str:
    """Return the commonest suffix of the pictures and tables in the folders of a folder."""
    seen: Counter[str] = Counter()
    with suppress(Exception):  # a hint is not worth an error
        for _, _, names in islice(system.walk(path, maxdepth=4), LOOKED_INTO):
            seen.update(PurePath(name).suffix for name in names if _is_wanted(name))
    return seen.most_common(1)[0][0] if seen else ".png"


def _is_wanted(path: str) -> bool:
    name = PurePath(path).name
    return name[:1] not in (".", "_") and name.lower().endswith((*SUFFIXES, ".parquet"))


def left_out(inputs: Iterable[str]) -> dict[str, int]:
    """Return how many files of the folders among inputs are no pictures, by their suffix, and folders."""
    counts: Counter[str] = Counter()
    for given in inputs:
        with explained(given):
            system, path = place(given)
            for entry in system.ls(path, detail=True) if system.isdir(path) else ():
                name = PurePath(entry["name"]).name
                if entry["type"] == "directory":
                    counts["folder"] += name[:1] not in (".", "_") and not _is_partition(name)
                elif name[:1] not in (".", "_") and not _is_wanted(name):
                    counts[PurePath(name).suffix.lower() or "no suffix"] += 1
    return {kind: number for kind, number in sorted(counts.items()) if number}


def _lines(given: str) -> list[str]:
    """Return the absolute names in a list, one a line; relative ones are meant from the current folder."""
    with explained(given):
        system, path = place(given)
        text = told(system.cat_file(path).decode("utf-8-sig", "surrogateescape"))
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise DataError(f"{given} is an empty list: give the name of a picture in each line")
    return [name if "://" in name else os.path.abspath(name).replace(os.sep, "/") for name in names]


# -- Their bytes -------------------------------------------------------------------------------------------


def opened(rows: Iterable[Row], column: str | None = None) -> Iterator[Opened]:
    """Yield the bytes of each picture, in order, or the error that says why there are none."""
    for table, group in groupby(rows, key=lambda row: None if row.row is None else row.image):
        together = list(group)
        yield from _files(together) if table is None else _rows(table, together, column)


def _files(rows: Iterable[Row]) -> Iterator[Opened]:
    """Read files, some ahead of the caller."""
    with ThreadPoolExecutor(READERS, "windowpane-files") as readers:
        ahead: deque[Future[Opened]] = deque()
        for row in rows:
            ahead.append(readers.submit(_file, row))
            if len(ahead) > 2 * READERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _file(row: Row) -> Opened:
    for wait in (*PATIENCE, None):
        try:
            system, path = place(row.image)
            return PictureFile(row, system.cat_file(path))
        except FileNotFoundError:
            return ImageError(f"{row} does not exist.")
        except Exception as error:  # each store has its own
            if wait is None or isinstance(error, PermissionError | IsADirectoryError | ImportError):
                return ImageError(f"{row} cannot be read: {reason(error)}.")
        sleep(wait)
    raise AssertionError("the last try returns")


def _rows(table: str, rows: list[Row], column: str | None) -> Iterator[Opened]:
    """Read rows of one Parquet file; where it breaks off, each further one is an error."""
    done = 0
    try:
        numbers = [row.row for row in rows if row.row is not None]
        for row, data in zip(rows, pictures(table, numbers, column), strict=True):
            yield (
                PictureFile(row, data) if data is not None else ImageError(f"{row} is null: it has no bytes.")
            )
            done += 1
    except Exception as error:  # of the store or the file
        yield from (ImageError(f"{row} cannot be read: {reason(error)}.") for row in rows[done:])
