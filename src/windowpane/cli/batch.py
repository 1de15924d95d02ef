"""``windowpane batch``: many pictures to a table of answers (batch inference), one subcommand a system."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from windowpane.cli.common.group import verbs
from windowpane.cli.common.options import (
    CountryOfMail,
    DetectionThreshold,
    Format,
    Json,
    Length,
    Looks,
    Mail,
    MaxPixels,
    MaxSize,
    MinSize,
    Net,
    Page,
    RejectionThreshold,
    Rotations,
    Score,
    Superpixels,
    Top,
    Tta,
)
from windowpane.cli.common.output import complain, counted, emit, stages
from windowpane.systems import DETECT, PARSE, READ

app = verbs(help="Answer many pictures, here or on a Ray cluster, into Parquet; run again to go on.")


Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT", help="Folders, patterns, lists (.txt), Parquet files, s3:// or gs://."),
]
Out = Annotated[str, typer.Option(help="The folder for the answers: a path or URL.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="How many processes; default: one a core, or one for few pictures.")
]
Address = Annotated[str | None, typer.Option(help="Of a Ray cluster: HOST:PORT, or auto on its machines.")]
Column = Annotated[str | None, typer.Option(help="The column of Parquet files that has the pictures.")]


@app.command()
def read(
    inputs: Inputs,
    out: Out,
    format: Format = "number",
    length: Length = None,
    page: Page = False,
    mail: Mail = False,
    country: CountryOfMail = None,
    top: Top = 3,
    threshold: RejectionThreshold = None,
    score: Score = None,
    net: Net = READ.net,
    workers: Workers = None,
    address: Address = None,
    column: Column = None,
    max_pixels: MaxPixels = None,
    as_json: Json = False,
) -> None:
    """Read the number on each picture, with --page all numbers on it, with --mail the postcode."""
    options = {
        "format": format,
        "length": length,
        "page": page,
        "mail": mail,
        "country": country,
        "top": top,
        "threshold": score if threshold is None else threshold,
        "net": net,
    }
    _run("read", inputs, out, workers, address, column, max_pixels, as_json, options)


@app.command()
def detect(
    inputs: Inputs,
    out: Out,
    min_size: MinSize = 20,
    max_size: MaxSize = None,
    threshold: DetectionThreshold = None,
    score: Score = None,
    rotations: Rotations = False,
    net: Net = DETECT.net,
    workers: Workers = None,
    address: Address = None,
    column: Column = None,
    max_pixels: MaxPixels = None,
    as_json: Json = False,
) -> None:
    """Find all faces, or other objects that a net knows, on each picture."""
    options = {
        "min_size": min_size,
        "max_size": max_size,
        "threshold": score if threshold is None else threshold,
        "rotations": rotations,
        "net": net,
    }
    _run("detect", inputs, out, workers, address, column, max_pixels, as_json, options)


@app.command()
def parse(
    inputs: Inputs,
    out: Out,
    superpixels: Superpixels = False,
    tta: Tta = 1,
    looks: Looks = None,
    net: Net = PARSE.net,
    workers: Workers = None,
    address: Address = None,
    column: Column = None,
    max_pixels: MaxPixels = None,
    as_json: Json = False,
) -> None:
    """Give every pixel of each picture a class: the shares, and a PNG of class numbers in each row."""
    options = {"superpixels": superpixels, "tta": looks or tta, "net": net}
    _run("parse", inputs, out, workers, address, column, max_pixels, as_json, options)


def _run(
    system: Any,
    inputs: list[str],
    out: str,
    workers: int | None,
    address: str | None,
    column: str | None,
    max_pixels: int | None,
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """Run a batch and say what it has come to; answers that are errors make the exit status 1."""
    from windowpane.batch.run import run
    from windowpane.images import most_pixels

    start = time.monotonic()
    try:
        with stages() as progress:
            done = run(
                system,
                inputs,
                out,
                workers=workers,
                address=address,
                column=column,
                max_pixels=max_pixels or most_pixels(),
                progress=progress,
                **options,
            )
    except KeyboardInterrupt:
        complain(f"stopped; what is answered is in {out}: repeat the command to go on")
        raise typer.Exit(1) from None
    seconds = time.monotonic() - start
    if done.left_out:
        complain(counted(done.left_out))
    if as_json:
        emit({"out": out, **done.to_dict(), "seconds": round(seconds, 1)})
    else:
        faulty = f", {done.failed} of them with an error" if done.failed else ""
        before = f"; {done.before} of them before" if done.before else ""
        typer.echo(f"{out}: {done.pictures} answered{faulty}{before}")
    if done.failed:
        raise typer.Exit(1)
