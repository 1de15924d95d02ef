"""``windowpane check``: what is in a data set and what is wrong with it (data validation)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import ImagesFolder, Json, MaxPixelsEverywhere
from windowpane.cli.common.output import complain, emit


class TrainedVerb(StrEnum):
    """What a net is trained for."""

    READ = "read"
    DETECT = "detect"
    PARSE = "parse"
    DRIVE = "drive"


def check(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Pictures with a labels.csv, with boxes (COCO, YOLO, VOC, labelme), with label PNGs or"
            " polygons; or a CSV of patches."
        ),
    ],
    verb: Annotated[
        TrainedVerb | None,
        typer.Option("--for", help="What is to be trained on it; default: told by its files."),
    ] = None,
    images: ImagesFolder = None,
    max_pixels: MaxPixelsEverywhere = None,
    as_json: Json = False,
) -> None:
    """List the faults of a data set, each with file and line; exit with 1 if there are any."""
    from windowpane.data.check.folder import check_folder

    findings = check_folder(folder, verb.value if verb else None, pictures=images)
    for problem in findings.problems:
        if as_json:
            emit(problem.to_dict())
        else:
            typer.echo(f"{problem}{' (a warning)' if problem.warning else ''}")
    for line in findings.found:
        complain(f"found {line}")
    if findings.faults or findings.warnings:
        counts = {
            "problem(s)": findings.faults,
            "warning(s) that keep no training from beginning": findings.warnings,
        }
        told = " and ".join(f"{len(some)} {what}" for what, some in counts.items() if some)
        complain(f"{told} in {folder}")
        raise typer.Exit(1)
    complain(f"{folder}: no problems found")
