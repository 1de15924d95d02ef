"""``windowpane demo``: read built-in lines, find a face, parse a scene, and write a report that shows how."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.output import place, track

PORTRAIT = "portrait.jpg"
PORTRAIT_NOTE = "Eileen Collins, astronaut. Photo: NASA, public domain"
SCENE = "rocket.jpg"
SCENE_NOTE = "A Falcon 9 before its launch. Photo: SpaceX, public domain"


def demo(
    out: Annotated[Path, typer.Option(help="The folder to write the report to.")] = Path("windowpane-demo"),
) -> None:
    """Read numbers, find a face and parse a scene, all built in, and write one self-contained HTML report."""
    from windowpane import report
    from windowpane.detect.detector import Detector
    from windowpane.images import load
    from windowpane.parse.parser import Parser
    from windowpane.read.reader import Reader

    reader = Reader()
    folder = resources.files("windowpane") / "demo"
    lines = list(csv.DictReader((folder / "labels.csv").read_text(encoding="utf-8").splitlines()))
    entries = []
    for line in track(lines, "Reading", len(lines)):
        explanation = reader.explain(load((folder / line["file"]).read_bytes()))
        entries.append(report.Entry(line["file"], line["note"], line["label"], explanation))
        answer = explanation.reading
        right = "right" if answer.text == line["label"] else f"wrong: {line['label']} is written"
        typer.echo(f"{line['file']:<12} {answer.text:<9} {100 * answer.confidence:5.1f} %  {right}")
    search = Detector().explain((folder / PORTRAIT).read_bytes())
    for face in search.detections:
        typer.echo(f"{PORTRAIT:<12} a face    {100 * face.score:5.1f} %  at {place(face.box)}")
    sights = [report.Sight(PORTRAIT, PORTRAIT_NOTE, search)]
    parsed = Parser().explain((folder / SCENE).read_bytes())
    shares = sorted(parsed.scene.shares.items(), key=lambda one: -one[1])[:3]
    typer.echo(f"{SCENE:<12} " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares))
    scenes = [report.Scene(SCENE, SCENE_NOTE, parsed)]
    chapters = [report.reading(entries), report.detecting(sights), report.parsing(scenes)]
    typer.echo(f"Report: {report.write(chapters, out / 'report.html')}")
