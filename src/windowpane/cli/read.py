"""``windowpane read``: the digits of handwritten or printed numbers."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from windowpane.cli.output import Json, Record, answer_each, place


def read(
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE", help="Files, folders or patterns; - is standard input.")
    ],
    format: Annotated[
        str, typer.Option(help="zip: five digits, US ZIP codes; number; or a file, one valid string a line.")
    ] = "number",
    length: Annotated[int | None, typer.Option(min=1, help="How many digits there are.")] = None,
    page: Annotated[bool, typer.Option("--page", help="Find all numbers on a whole page.")] = False,
    top: Annotated[int, typer.Option(min=1, help="How many of the best strings to give.")] = 3,
    score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Reject below this confidence; default: the net's own.")
    ] = None,
    vote: Annotated[
        Literal["majority", "highest"] | None,
        typer.Option(help="How the four windows vote; default: the net's own."),
    ] = None,
    net: Annotated[str, typer.Option(help="A net's name or file.")] = "digits",
    threads: Annotated[int, typer.Option(min=1, help="Threads to run the net on.")] = 1,
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
        score=score,
        threads=threads,
    )
    names = list(expand(images))
    width = max(map(len, names))

    def answer(name: str) -> Record:
        picture = load(name)
        if page:
            return {"readings": [one.to_dict(box=True) for one in reader.read_page(picture)]}
        return reader.read(picture).to_dict()

    def show(record: Record) -> str:
        name = record["image"]
        if not page:
            return f"{name:{width}}  {_line(record)}"
        found = [f"  {_line(one)}  at {place(one['box'])}" for one in record["readings"]]
        return "\n".join([f"{name}: {len(found)} found", *found])

    answer_each(names, answer, show, as_json=as_json)


def _line(one: Record) -> str:
    """The answer, how sure it is, and what else it may be where that matters."""
    text = typer.style(f"{one['text'] or '-':<9}", bold=True)
    sure = f"{100 * one['confidence']:5.1f} %"
    if not one["rejected"]:
        return f"{text} {sure}"
    others = ", ".join(f"{other['text']} {100 * other['confidence']:.1f} %" for other in one["alternatives"])
    return f"{text} {sure}  {typer.style('rejected', fg='yellow')}{'; or ' if others else ''}{others}"
