"""``windowpane parse``: a class for every pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.output import Json, Record, answer_each, picture_files, write_picture
from windowpane.errors import ArgumentError


def _views(count: int) -> int:
    from windowpane.parse.tta import views

    try:
        return len(views(count))
    except ArgumentError as error:
        raise typer.BadParameter(str(error)) from None


Tta = Annotated[
    int,
    typer.Option(
        "--tta",
        "--looks",
        metavar="1|2|4",
        callback=_views,
        help="Views of a picture: 2, mirrored too; 4, both also enlarged: better, in 2 and 5 times the time.",
    ),
]

Superpixels = Annotated[
    bool,
    typer.Option("--superpixels", help="Let patches of one colour vote on their pixels; needs scikit-image."),
]


def parse(
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE", help="Files, folders or patterns; - is standard input.")
    ],
    out: Annotated[Path, typer.Option(help="The folder for label pictures and overlays.")],
    net: Annotated[str, typer.Option(help="A net's name or file.")] = "scenes",
    superpixels: Superpixels = False,
    tta: Tta = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads to run the net on.")] = 1,
    as_json: Json = False,
) -> None:
    """Parse each picture: write a PNG of class numbers and an overlay with a legend."""
    from windowpane.images import expand, load
    from windowpane.parse.parser import Parser
    from windowpane.show.draw import draw_labels

    parser = Parser(net, superpixels=superpixels, tta=tta, threads=threads)
    names = list(expand(images))
    files, overlays = picture_files(names, out, "-labels"), picture_files(names, out, "-parsed")

    def answer(name: str) -> Record:
        picture = load(name)
        scene = parser.parse(picture)
        write_picture(files[name], scene.class_ids)
        write_picture(overlays[name], draw_labels(picture, scene))
        return {**scene.to_dict(), "file": str(files[name]), "overlay": str(overlays[name])}

    answer_each(names, answer, _text, as_json=as_json)


def _text(record: Record) -> str:
    """The share of each class that is there, largest first."""
    shares = sorted(record["labels"].items(), key=lambda item: -item[1])
    lines = [f"{record['image']}: {record['file']}"]
    lines += [f"  {100 * share:5.1f} %  {name}" for name, share in shares if share > 0]
    return "\n".join(lines)
