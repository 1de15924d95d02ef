"""``windowpane demo``: read the built-in lines and write a report that shows how."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.output import track


def demo(
    out: Annotated[Path, typer.Option(help="The folder to write the report to.")] = Path("windowpane-demo"),
) -> None:
    """Read built-in pictures of handwritten numbers and write one self-contained HTML report."""
    from windowpane import report
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
    typer.echo(f"Report: {report.write(entries, out / 'report.html')}")
