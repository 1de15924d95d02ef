"""``windowpane detect``: faces, or the other objects that a net knows (object detection)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import (
    DetectionThreshold,
    Images,
    Json,
    MaxPixels,
    MaxSize,
    MinSize,
    Net,
    Rotations,
    Score,
    Threads,
)
from windowpane.cli.common.output import Record, make_folder, place, tell_all, title
from windowpane.errors import WindowpaneError
from windowpane.systems import DETECT


def detect(
    images: Images,
    min_size: MinSize = 20,
    max_size: MaxSize = None,
    threshold: DetectionThreshold = None,
    score: Score = None,
    rotations: Rotations = False,
    net: Net = DETECT.net,
    out: Annotated[
        Path | None, typer.Option(help="A folder for pictures and films on which the boxes are drawn.")
    ] = None,
    track: Annotated[
        bool,
        typer.Option("--track", help="Follow faces through films, or through pictures as frames: ids."),
    ] = False,
    blur: Annotated[
        bool,
        typer.Option(
            "--blur", help="Write to --out, in place of boxes, all pictures and films with the faces hidden."
        ),
    ] = False,
    crop: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder for each face, cut out of its picture.")
    ] = None,
    max_pixels: MaxPixels = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Find all faces, or other objects that a net knows, on each picture and in each frame of films."""
    from windowpane.cli.common.places import Outputs, inputs
    from windowpane.cli.common.shots import Shots, left
    from windowpane.cli.detect.films import Films
    from windowpane.cli.detect.pictures import Pictures, Wanted
    from windowpane.detect.detector import Detector
    from windowpane.images import most_pixels

    if blur and out is None:
        raise typer.BadParameter("it needs --out, a folder for what it writes", param_hint="--blur")
    if threshold is None:
        threshold = score  # its old name
    detector = Detector(
        net,
        min_size=min_size,
        max_size=max_size,
        threshold=threshold,
        rotations=rotations,
        threads=threads,
    )
    folders = [folder for folder in (out, crop) if folder]
    given = inputs(images, deep=blur, beside=folders)
    wanted = Wanted(Outputs(given), out, blur, crop, track)
    for folder in folders:
        make_folder(folder)
    if out and blur:  # known before anything is done
        for one in given:
            wanted.outputs.ready(out / one.place)
    shots = Shots(given, max_pixels or most_pixels())
    pictures, films = Pictures(detector, wanted, shots), Films(detector, wanted)

    def answers() -> Iterator[tuple[str, Record]]:
        for one in given:
            if not one.is_film:
                yield from pictures.answers(one)
                continue
            try:
                yield from ((one.name, record) for record in films.answer(one))
            except WindowpaneError as error:
                yield one.name, {"error": str(error)}

    tell_all(answers(), shots.total, _text, as_json=as_json, left=left(images, deep=blur))


def _text(record: Record) -> str:
    """How many were found, and a line for each; with its kind where the net knows several, and its id."""
    if "frames" in record:
        files = [record["file"]] if "file" in record else []
        said = [f"{record['frames']} frames", *files]
        return f"{record['image']}: {', '.join(said)}"
    others = ("crops", "notes")
    kinds = {key: some for key, some in record.items() if isinstance(some, list) and key not in others}
    width = max(map(len, kinds)) + 2 if len(kinds) > 1 else 0
    lines = [f"{title(record)}: {sum(map(len, kinds.values()))} found"]
    for kind, objects in kinds.items():
        for one in objects:
            name = f"{kind:{width}}" if width else ""
            number = f"{'#' + str(one['id']) if one['id'] else '':5}" if "id" in one else ""
            lines.append(f"  {name}{number}{100 * one['score']:5.1f} %  at {place(one['box'])}")
    return "\n".join(lines)
