"""The three ways in which ``windowpane read`` answers (OCR): a line, a page of numbers, an envelope.

Each gives the record of a picture, draws it, and tells it to people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

from windowpane.cli.common.output import Record, complain, place, title
from windowpane.cli.common.places import Outputs
from windowpane.cli.common.shots import Drawn, Shot, Shots
from windowpane.cli.read.rows import looks_like_page
from windowpane.core.system import Picture
from windowpane.errors import ImageError, WindowpaneError
from windowpane.images import load
from windowpane.images.drawing import png

if TYPE_CHECKING:
    from windowpane.read.mail.mail_reader import MailReader
    from windowpane.read.reader import Reader
    from windowpane.read.reading import Reading

HINT = "it has several rows of writing: give --page for all numbers on it, or --mail for the postcode"

Told = Iterator[tuple[str, Record]]
Asked = Callable[[Picture], tuple[Record, Callable[[], Picture]]]
"""From a picture to its record, and to what draws it."""


class Way(Protocol):
    """A way to answer."""

    def answers(self, shots: Shots) -> Told:
        """Yield the input's name and a record for each picture, with ``"error"`` where it cannot be used."""
        ...

    def show(self, record: Record) -> str:
        """Return a record as text for people."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """A number on each picture.

    Attributes
    ----------
    out
        The folder for drawn pictures and films; without one, many pictures are read together.
    width
        Of the longest name.
    """

    reader: Reader
    out: Path | None
    width: int

    def answers(self, shots: Shots) -> Told:
        """See `Way`."""
        if self.out or shots.is_live:
            yield from one_by_one(shots, self.out, self._answer)
            return
        for name, record in shots.answered(self.reader.read_many):
            if (
                name != "-"
                and "frame" not in record
                and (record.get("rejected") or not record.get("text", "?"))
            ):
                with suppress(ImageError):
                    self._doubted(name, load(name))
            yield name, record

    def show(self, record: Record) -> str:
        """See `Way`."""
        return f"{title(record):{self.width}}  {_line(record)}"

    def _answer(self, picture: Picture) -> tuple[Record, Callable[[], Picture]]:
        from windowpane.show.draw import reading

        found = self.reader.read(picture)
        return found.to_dict(), lambda: reading(picture, found)

    def _doubted(self, name: str, picture: Picture) -> None:
        """Say so where a picture that is not read surely is rather a page."""
        if looks_like_page(picture):
            complain(f"{name}: {HINT}")


@dataclass(frozen=True, slots=True)
class Pages:
    """The numbers on each picture, with ``every`` the doubtful ones too."""

    reader: Reader
    every: bool
    out: Path | None

    def answers(self, shots: Shots) -> Told:
        """See `Way`."""
        return one_by_one(shots, self.out, self._answer)

    def show(self, record: Record) -> str:
        """See `Way`."""
        found = [f"  {_line(one)}  at {place(one['box'])}" for one in record["readings"]]
        return "\n".join([f"{title(record)}: {len(found)} found", *found])

    def _answer(self, picture: Picture) -> tuple[Record, Callable[[], Picture]]:
        from windowpane.show.numbers import draw_readings

        found: Sequence[Reading] = self.reader.read_page(picture, every=self.every)
        return {"readings": [one.to_dict(box=True) for one in found]}, lambda: draw_readings(picture, found)


@dataclass(frozen=True, slots=True)
class Envelopes:
    """The postcode of the address on each picture."""

    reader: MailReader
    out: Path | None
    width: int

    def answers(self, shots: Shots) -> Told:
        """See `Way`."""
        return one_by_one(shots, self.out, self._answer)

    def show(self, record: Record) -> str:
        """See `Way`."""
        where = f"  at {place(record['box'])}" if record["box"] else ""
        why = f"  ({record['reason']})" if "reason" in record else ""
        return f"{title(record):{self.width}}  {_line({'text': record['code'], **record})}{where}{why}"

    def _answer(self, picture: Picture) -> tuple[Record, Callable[[], Picture]]:
        from windowpane.show.numbers import draw_postal_code

        found = self.reader.answer(picture)
        return found.to_dict(), lambda: draw_postal_code(picture, found)


def one_by_one(shots: Shots, out: Path | None, asked: Asked) -> Told:
    """Yield the records of pictures; where there is a folder, draw them there: a film of a film."""
    outputs = Outputs(shots.given)
    for one in shots.given:
        try:
            film = None
            if out and one.is_film:
                film = Drawn(one, outputs.ready(out / f"{one.stem}-read.mp4"))
            with closing(film) if film else nullcontext():
                for shot in shots.of(one):
                    yield _answered(shot, out, outputs, film, asked)
        except WindowpaneError as error:  # of a film that cannot be written
            yield one.name, {"error": str(error)}


def _answered(
    shot: Shot, out: Path | None, outputs: Outputs, film: Drawn | None, asked: Asked
) -> tuple[str, Record]:
    def answer(picture: Picture) -> Record:
        record, drawn = asked(picture)
        if film:
            film.add(drawn())
            return record
        if out is None:
            return record
        return {**record, "file": str(outputs.write(out / f"{shot.stem}-read.png", png(drawn())))}

    try:
        return shot.record(answer)
    except WindowpaneError as error:
        return shot.one.name, {**shot.where, "error": str(error)}


def _line(one: Record) -> str:
    """The answer, how sure it is, and what else it may be where that matters."""
    text = typer.style(f"{one['text'] or '-':<9}", bold=True)
    sure = f"{100 * one['confidence']:5.1f} %"
    if not one["rejected"]:
        return f"{text} {sure}"
    others = ", ".join(f"{other['text']} {100 * other['confidence']:.1f} %" for other in one["alternatives"])
    return f"{text} {sure}  {typer.style('rejected', fg='yellow')}{'; or ' if others else ''}{others}"
