"""``windowpane check``: what is wrong with a data set (data validation), before any training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import Json
from windowpane.cli.common.output import complain, emit


def check(
    folder: Annotated[
        Path,
        typer.Argument(help="Pictures with a labels.csv, with boxes (COCO, YOLO, VOC), or with label PNGs."),
    ],
    as_json: Json = False,
) -> None:
    """List the faults of a data set, each with file and line; exit with 1 if there are any."""
    from windowpane.data.check.folder import check_folder

    problems = check_folder(folder)
    for problem in problems:
        if as_json:
            emit(problem.to_dict())
        else:
            typer.echo(str(problem))
    if faults := sum(not problem.note for problem in problems):
        complain(f"{faults} problem(s) in {folder}")
        raise typer.Exit(1)
    complain(f"{folder}: no problems found")
