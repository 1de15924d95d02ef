"""``windowpane demo``: read the built-in lines, find the built-in face, and write a report that shows how."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.output import place, track

PORTRAIT = "portrait.jpg"
PORTRAIT_NOTE = "Eileen Collins, astronaut. Photo: NASA, public domain"


def demo(
    out: Annotated[Path, typer.Option(help="The folder to write the report to.")] = Path("windowpane-demo"),
) -> None:
    """Read numbers and find a face on built-in pictures, and write one self-contained HTML report."""
    from windowpane import report
    from windowpane.detect.detector import Detector
    from windowpane.images import load
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
    chapters = [report.reading(entries), report.detecting(sights)]
    typer.echo(f"Report: {report.write(chapters, out / 'report.html')}")
