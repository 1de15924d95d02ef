"""The three ways in which ``windowpane read`` answers (OCR): a line, a page of numbers, an envelope.

Each gives the record of a picture, draws it, and tells it to people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import typer
from numpy.typing import NDArray

from windowpane.cli.common.output import Record, complain, place, write_picture
from windowpane.cli.read.rows import looks_like_page
from windowpane.errors import WindowpaneError
from windowpane.images import load

if TYPE_CHECKING:
    from windowpane.read.mail.mail_reader import MailReader
    from windowpane.read.reader import Reader
    from windowpane.read.reading import Reading

Picture = NDArray[np.uint8]
HINT = "it has several rows of writing: give --page for all numbers on it, or --mail for the postcode"


class Way(Protocol):
    """A way to answer."""

    def records(self, names: Sequence[str]) -> Iterator[Record]:
        """Yield the record of each picture, with ``"error"`` where it cannot be used."""
        ...

    def show(self, record: Record) -> str:
        """Return a record as text for people."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """A number on each picture.

    Attributes
    ----------
    files
        Where the drawn picture of each input goes; without any, many pictures are read together.
    width
        Of the longest name.
    """

    reader: Reader
    files: Mapping[str, Path]
    width: int

    def records(self, names: Sequence[str]) -> Iterator[Record]:
        """See `Way`."""
        if self.files:
            yield from _tried(names, self._drawn)
            return
        for name, one in zip(names, self.reader.read_many(iter(names)), strict=True):
            record = one.to_dict()
            if name != "-" and (record.get("rejected") or not record.get("text", "?")):
                self._doubted(name, load(name))
            yield record

    def show(self, record: Record) -> str:
        """See `Way`."""
        return f"{record['image']:{self.width}}  {_line(record)}"

    def _drawn(self, name: str) -> Record:
        from windowpane.show.draw import reading

        picture = load(name)
        found = self.reader.read(picture)
        if found.rejected or not found.text:
            self._doubted(name, picture)
        write_picture(self.files[name], reading(picture, found))
        return {**found.to_dict(), "file": str(self.files[name])}

    def _doubted(self, name: str, picture: Picture) -> None:
        """Say so where a picture that is not read surely is rather a page."""
        if looks_like_page(picture):
            complain(f"{name}: {HINT}")


@dataclass(frozen=True, slots=True)
class Pages:
    """All numbers on each picture."""

    reader: Reader
    files: Mapping[str, Path]

    def records(self, names: Sequence[str]) -> Iterator[Record]:
        """See `Way`."""
        return _tried(names, self._answer)

    def show(self, record: Record) -> str:
        """See `Way`."""
        found = [f"  {_line(one)}  at {place(one['box'])}" for one in record["readings"]]
        return "\n".join([f"{record['image']}: {len(found)} found", *found])

    def _answer(self, name: str) -> Record:
        picture = load(name)
        found: Sequence[Reading] = self.reader.read_page(picture)
        record: Record = {"readings": [one.to_dict(box=True) for one in found]}
        if self.files:
            from windowpane.show.numbers import draw_readings

            write_picture(self.files[name], draw_readings(picture, found))
            record["file"] = str(self.files[name])
        return record


@dataclass(frozen=True, slots=True)
class Envelopes:
    """The postcode of the address on each picture."""

    reader: MailReader
    files: Mapping[str, Path]
    width: int

    def records(self, names: Sequence[str]) -> Iterator[Record]:
        """See `Way`."""
        return _tried(names, self._answer)

    def show(self, record: Record) -> str:
        """See `Way`."""
        where = f"  at {place(record['box'])}" if record["box"] else ""
        why = f"  ({record['reason']})" if "reason" in record else ""
        return f"{record['image']:{self.width}}  {_line({'text': record['code'], **record})}{where}{why}"

    def _answer(self, name: str) -> Record:
        picture = load(name)
        found = self.reader.answer(picture)
        record = found.to_dict()
        if self.files:
            from windowpane.show.numbers import draw_postal_code

            write_picture(self.files[name], draw_postal_code(picture, found))
            record["file"] = str(self.files[name])
        return record


def _tried(names: Sequence[str], answer: Callable[[str], Record]) -> Iterator[Record]:
    for name in names:
        try:
            yield answer(name)
        except WindowpaneError as error:
            yield {"error": str(error)}


def _line(one: Record) -> str:
    """The answer, how sure it is, and what else it may be where that matters."""
    text = typer.style(f"{one['text'] or '-':<9}", bold=True)
    sure = f"{100 * one['confidence']:5.1f} %"
    if not one["rejected"]:
        return f"{text} {sure}"
    others = ", ".join(f"{other['text']} {100 * other['confidence']:.1f} %" for other in one["alternatives"])
    return f"{text} {sure}  {typer.style('rejected', fg='yellow')}{'; or ' if others else ''}{others}"
