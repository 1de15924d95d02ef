"""``windowpane read``: the digits of handwritten or printed numbers (OCR)."""

from __future__ import annotations

import typer

from windowpane.cli.common.options import (
    Format,
    Images,
    Json,
    Length,
    Net,
    Page,
    RejectionThreshold,
    Score,
    Threads,
    Top,
    Vote,
)
from windowpane.cli.common.output import Record, answer_each, place, tell_each
from windowpane.systems import READ


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
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Read the number on each picture, or with --page all numbers on it."""
    from windowpane.images import expand, load
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
    names = list(expand(images))
    width = max(map(len, names))

    def numbers(name: str) -> Record:
        return {"readings": [one.to_dict(box=True) for one in reader.read_page(load(name))]}

    def show(record: Record) -> str:
        name = record["image"]
        if not page:
            return f"{name:{width}}  {_line(record)}"
        found = [f"  {_line(one)}  at {place(one['box'])}" for one in record["readings"]]
        return "\n".join([f"{name}: {len(found)} found", *found])

    if page:
        answer_each(names, numbers, show, as_json=as_json)
    else:
        records = (one.to_dict() for one in reader.read_many(iter(names)))
        tell_each(names, records, show, as_json=as_json)


def _line(one: Record) -> str:
    """The answer, how sure it is, and what else it may be where that matters."""
    text = typer.style(f"{one['text'] or '-':<9}", bold=True)
    sure = f"{100 * one['confidence']:5.1f} %"
    if not one["rejected"]:
        return f"{text} {sure}"
    others = ", ".join(f"{other['text']} {100 * other['confidence']:.1f} %" for other in one["alternatives"])
    return f"{text} {sure}  {typer.style('rejected', fg='yellow')}{'; or ' if others else ''}{others}"
