"""``windowpane parse``: a class for every pixel (semantic segmentation)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import Images, Json, Looks, Net, Superpixels, Threads, Tta
from windowpane.cli.common.output import Record, answer_each, picture_files, write_picture
from windowpane.systems import PARSE


def parse(
    images: Images,
    out: Annotated[Path, typer.Option(help="The folder for label pictures and overlays.")],
    net: Net = PARSE.net,
    superpixels: Superpixels = False,
    tta: Tta = 1,
    looks: Looks = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Parse each picture: write a PNG of class numbers and an overlay with a legend."""
    from windowpane.images import expand, load
    from windowpane.parse.parser import Parser
    from windowpane.show.draw import draw_labels

    parser = Parser(net, superpixels=superpixels, tta=looks or tta, threads=threads)
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
