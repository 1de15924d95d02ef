"""``windowpane detect``: faces, or the other objects that a net knows (object detection)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import (
    DetectionThreshold,
    Images,
    Json,
    MaxSize,
    MinSize,
    Net,
    Score,
    Threads,
)
from windowpane.cli.common.output import Record, answer_each, picture_files, place, write_picture
from windowpane.systems import DETECT


def detect(
    images: Images,
    min_size: MinSize = 20,
    max_size: MaxSize = None,
    threshold: DetectionThreshold = None,
    score: Score = None,
    net: Net = DETECT.net,
    out: Annotated[
        Path | None, typer.Option(help="A folder for pictures on which the boxes are drawn.")
    ] = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Find all faces, or other objects that a net knows, on each picture."""
    from windowpane.detect.detector import Detector
    from windowpane.images import expand, load
    from windowpane.show.draw import draw_detections

    if threshold is None:
        threshold = score  # its old name
    detector = Detector(net, min_size=min_size, max_size=max_size, threshold=threshold, threads=threads)
    names = list(expand(images))
    files = picture_files(names, out, "-detected") if out else {}

    def answer(name: str) -> Record:
        picture = load(name)
        found = detector.detect(picture)
        if name not in files:
            return found.to_dict()
        write_picture(files[name], draw_detections(picture, found))
        return {**found.to_dict(), "file": str(files[name])}

    answer_each(names, answer, _text, as_json=as_json)


def _text(record: Record) -> str:
    """How many were found, and a line for each; with its kind where the net knows several."""
    kinds = {key: objects for key, objects in record.items() if isinstance(objects, list)}
    width = max(map(len, kinds)) + 2 if len(kinds) > 1 else 0
    lines = [f"{record['image']}: {sum(map(len, kinds.values()))} found"]
    for kind, objects in kinds.items():
        for one in objects:
            name = f"{kind:{width}}" if width else ""
            lines.append(f"  {name}{100 * one['score']:5.1f} %  at {place(one['box'])}")
    return "\n".join(lines)
