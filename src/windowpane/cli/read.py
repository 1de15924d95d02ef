"""``windowpane read``: the digits of handwritten or printed numbers (OCR)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from windowpane.cli.common.options import (
    Format,
    Images,
    Json,
    Length,
    MaxPixels,
    Net,
    Page,
    RejectionThreshold,
    Score,
    Threads,
    Top,
    Vote,
)
from windowpane.cli.common.output import Record, place, tell_all, title
from windowpane.systems import READ

if TYPE_CHECKING:
    from windowpane.core.system import Picture


def read(
    images: Images,
    format: Format = "number",
    length: Length = None,
    page: Page = False,
    top: Top = 3,
    threshold: RejectionThreshold = None,
    score: Score = None,
    vote: Vote = None,
    net: Net = READ.net,
    max_pixels: MaxPixels = 200_000_000,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Read the number on each picture, page or frame of a film, or with --page all numbers on it."""
    from windowpane.cli.common.places import inputs
    from windowpane.cli.common.shots import Shots, left
    from windowpane.read.reader import Reader

    reader = Reader(
        net,
        format=format,
        length=length,
        top=top,
        vote=vote,
        threshold=score if threshold is None else threshold,
        threads=threads,
    )
    shots = Shots(inputs(images), max_pixels)
    width = max(len(one.name) for one in shots.given)

    def numbers(picture: Picture) -> Record:
        return {"readings": [one.to_dict(box=True) for one in reader.read_page(picture)]}

    def show(record: Record) -> str:
        name = title(record)
        if not page:
            return f"{name:{width}}  {_line(record)}"
        found = [f"  {_line(one)}  at {place(one['box'])}" for one in record["readings"]]
        return "\n".join([f"{name}: {len(found)} found", *found])

    answers: Iterator[tuple[str, Record]]
    if page:
        answers = (shot.record(numbers) for shot in shots)
    elif shots.is_live:
        answers = (shot.record(lambda picture: reader.read(picture).to_dict()) for shot in shots)
    else:
        answers = shots.answered(reader.read_many)
    tell_all(answers, shots.total, show, as_json=as_json, left=left(images))


def _line(one: Record) -> str:
    """The answer, how sure it is, and what else it may be where that matters."""
    text = typer.style(f"{one['text'] or '-':<9}", bold=True)
    sure = f"{100 * one['confidence']:5.1f} %"
    if not one["rejected"]:
        return f"{text} {sure}"
    others = ", ".join(f"{other['text']} {100 * other['confidence']:.1f} %" for other in one["alternatives"])
    return f"{text} {sure}  {typer.style('rejected', fg='yellow')}{'; or ' if others else ''}{others}"
