"""``windowpane eval``: the table of a benchmark (evaluation), one subcommand a system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from windowpane.cli.common.group import verbs
from windowpane.cli.common.options import (
    ImagesFolder,
    Json,
    Looks,
    MaxPixelsEverywhere,
    Net,
    Superpixels,
    Tta,
)
from windowpane.cli.common.output import complain, emit, make_folder, markdown, write_table
from windowpane.errors import DataError
from windowpane.systems import DETECT, DRIVE_NET, PARSE, READ

app = verbs(help="Measure a net on test sets; write the table as Markdown and JSON.")


Sets = Annotated[list[str], typer.Argument(metavar="SET", help="Names of test sets, or folders of your own.")]
Out = Annotated[Path, typer.Option(help="The folder for the table, as Markdown and JSON.")]


@app.command()
def read(
    sets: Sets,
    net: Net = READ.net,
    seed: Annotated[int, typer.Option(help="Seed of the sets that are composed.")] = 0,
    max_pixels: MaxPixelsEverywhere = None,
    out: Out = Path("eval"),
    as_json: Json = False,
) -> None:
    """Measure a reader on lines (composed, touching, orand, printed, photographed, mnist, usps), on pages
    (forms, receipts, displays, meters, rolls, sudokus, sudokus_mixed, screenshots, plates, no_numbers), or
    your own folder.
    """
    from windowpane.evaluate.read import evaluate

    _tell(sets, lambda name: evaluate([name], net=net, seed=seed), "read", out, as_json)


@app.command()
def detect(
    sets: Sets,
    net: Net = DETECT.net,
    images: ImagesFolder = None,
    max_pixels: MaxPixelsEverywhere = None,
    out: Out = Path("eval"),
    as_json: Json = False,
) -> None:
    """Measure a detector: cmu_mit, people, negatives, photographs, portraits, or your own folder."""
    from windowpane.evaluate.detect import evaluate

    _tell(sets, lambda name: evaluate([name], net=net, images=images), "detect", out, as_json)


@app.command()
def parse(
    sets: Sets,
    net: Net = PARSE.net,
    superpixels: Superpixels = False,
    tta: Tta = 1,
    looks: Looks = None,
    images: ImagesFolder = None,
    max_pixels: MaxPixelsEverywhere = None,
    out: Out = Path("eval"),
    as_json: Json = False,
) -> None:
    """Measure a scene parser: stanford-1 to stanford-5, camvid, ycor, or a folder of your own."""
    from windowpane.evaluate.parse import evaluate

    _tell(
        sets,
        lambda name: evaluate([name], net=net, tta=looks or tta, superpixels=superpixels, images=images),
        "parse",
        out,
        as_json,
    )


@app.command()
def drive(
    sets: Sets,
    net: Net = DRIVE_NET,
    seed: Annotated[int, typer.Option(help="Seed of the learner.")] = 0,
    max_pixels: MaxPixelsEverywhere = None,
    out: Out = Path("eval"),
    as_json: Json = False,
) -> None:
    """Measure a robot's sight and way: kitti06, backyard, or a recording with calib.txt and poses.txt."""
    from windowpane.evaluate.drive import evaluate

    _tell(sets, lambda name: evaluate([name], net=net, seed=seed), "drive", out, as_json)


def _tell(
    sets: list[str], evaluate: Callable[[str], list[dict[str, Any]]], system: str, out: Path, as_json: bool
) -> None:
    """Measure set by set, print the rows and write them; a set that fails does not stop the others."""
    make_folder(out)
    rows: list[dict[str, Any]] = []
    failed = False
    for name in sets:
        try:
            rows += evaluate(name)
        except DataError as error:
            failed = True
            complain(str(error))
            if as_json:
                emit({"set": name, "error": str(error)})
    if rows:
        table, records = write_table(rows, out, system)
        complain(f"wrote {table} and {records}")
    if as_json:
        for row in rows:
            emit(row)
    elif rows:
        typer.echo(markdown(rows), nl=False)
    if failed:
        raise typer.Exit(1)
