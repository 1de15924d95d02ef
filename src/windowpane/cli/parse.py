"""``windowpane parse``: a class for every pixel (semantic segmentation)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import Images, Json, Looks, MaxPixels, Net, Superpixels, Threads, Tta
from windowpane.cli.common.output import Record, make_folder, tell_all, title
from windowpane.systems import PARSE


def parse(
    images: Images,
    out: Annotated[Path, typer.Option(help="The folder for label pictures, overlays and films.")],
    net: Net = PARSE.net,
    superpixels: Superpixels = False,
    tta: Tta = 1,
    looks: Looks = None,
    max_pixels: MaxPixels = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Parse each picture or frame of a film: write a PNG of class numbers and an overlay with a legend."""
    from windowpane.cli.common.places import Outputs, inputs
    from windowpane.cli.common.shots import Shots, left
    from windowpane.cli.parsed import Parsed
    from windowpane.images import most_pixels
    from windowpane.parse.parser import Parser

    parser = Parser(net, superpixels=superpixels, tta=looks or tta, threads=threads)
    shots = Shots(inputs(images), max_pixels or most_pixels())
    make_folder(out)
    parsed = Parsed(parser, shots, Outputs(shots.given), out)
    answers = (record for one in shots.given for record in parsed.answers(one))
    tell_all(answers, shots.total, _text, as_json=as_json, left=left(images))


def _text(record: Record) -> str:
    """The share of each class that is there, largest first."""
    if "frames" in record:
        return f"{record['image']}: {record['frames']} frames, {record['file']}"
    shares = sorted(record["labels"].items(), key=lambda item: -item[1])
    lines = [f"{title(record)}: {record['file']}"]
    lines += [f"  {100 * share:5.1f} %  {name}" for name, share in shares if share > 0]
    return "\n".join(lines)
