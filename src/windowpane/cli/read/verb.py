"""``windowpane read``: the digits of handwritten or printed numbers (OCR)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.options import (
    Counter,
    CountryOfMail,
    Every,
    Format,
    Images,
    Json,
    Length,
    Mail,
    MaxPixels,
    Net,
    Page,
    RejectionThreshold,
    Score,
    Separators,
    Threads,
    Top,
    Vote,
)
from windowpane.cli.common.output import make_folder, tell_all
from windowpane.systems import READ

FINDER = "strings"  # the net that ships


def read(
    images: Images,
    format: Format = "number",
    length: Length = None,
    page: Page = False,
    every: Every = False,
    mail: Mail = False,
    country: CountryOfMail = None,
    separators: Separators = False,
    counter: Counter = False,
    top: Top = 3,
    threshold: RejectionThreshold = None,
    score: Score = None,
    vote: Vote = None,
    net: Net = READ.net,
    finder: Annotated[
        str, typer.Option(help="With --page: a net that finds where numbers are, its name or file.")
    ] = FINDER,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder for pictures with what was read drawn in.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="A table with a row for every number.")
    ] = None,
    max_pixels: MaxPixels = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Read the number on each picture, with --page the numbers on it, with --mail the postcode."""
    from windowpane.cli.common.places import inputs
    from windowpane.cli.common.shots import Shots, left
    from windowpane.cli.read.answers import Envelopes, Lines, Pages, Way
    from windowpane.cli.read.table import written
    from windowpane.images import most_pixels

    threshold = score if threshold is None else threshold
    _agree(
        mail,
        country,
        {
            "--page": page,
            "--format": format != "number",
            "--length": length,
            "--vote": vote,
            "--separators": separators,
            "--counter": counter,
        },
        {"--all": every, "--finder": finder != FINDER},
        page=page,
    )
    way: Way
    shots = Shots(inputs(images), max_pixels or most_pixels())
    width = max(len(one.name) for one in shots.given)
    if out:
        make_folder(out)
    if mail:
        from windowpane.read.mail.mail_reader import MailReader

        found = MailReader(net, country=country, threshold=threshold, top=top, threads=threads)
        way = Envelopes(found, out, width)
    else:
        from windowpane.read.reader import Reader

        reader = Reader(
            net,
            format=format,
            length=length,
            top=top,
            vote=vote,
            threshold=threshold,
            threads=threads,
            finder=finder,
            separators=separators,
            counter=counter,
        )
        way = Pages(reader, every, out) if page else Lines(reader, out, width)
    answers = written(way.answers(shots), table)
    tell_all(answers, shots.total, way.show, as_json=as_json, left=left(images))


def _agree(
    mail: bool, country: str | None, others: dict[str, object], of_pages: dict[str, object], *, page: bool
) -> None:
    """Refuse options that do not go together."""
    for option, given in of_pages.items():
        if given and not page:
            raise typer.BadParameter("it needs --page, of whose numbers it tells", param_hint=option)
    if page and others["--counter"]:
        raise typer.BadParameter(
            "it does not go with --page: cut the counter out of the page", param_hint="--counter"
        )
    for option, given in others.items():
        if mail and given:
            raise typer.BadParameter(
                "it does not go with --mail, which looks for postcodes", param_hint=option
            )
    if country is not None and not mail:
        raise typer.BadParameter("it needs --mail, of whose postcodes it tells", param_hint="--country")
