"""``windowpane eval``: the table of a benchmark, one subcommand a system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from windowpane.cli.output import complain, emit, markdown, write_table
from windowpane.errors import DataError

app = typer.Typer(
    help="Measure a net on test sets; write the table as Markdown and JSON.", no_args_is_help=True
)


@app.callback()
def _systems() -> None:
    """Keep `read` a subcommand: Typer makes a group of one command that command itself."""


@app.command()
def read(
    sets: Annotated[list[str], typer.Argument(metavar="SET", help="Names of test sets, such as composed.")],
    net: Annotated[str, typer.Option(help="A net's name or file.")] = "digits",
    seed: Annotated[int, typer.Option(help="Seed of the sets that are composed.")] = 0,
    out: Annotated[Path, typer.Option(help="The folder for read.md and read.json.")] = Path("eval"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
) -> None:
    """Measure the reader on test sets."""
    from windowpane.metrics.read import evaluate

    rows: list[dict[str, Any]] = []
    failed = False
    for name in sets:
        try:
            rows += evaluate([name], net=net, seed=seed)
        except DataError as error:
            failed = True
            complain(str(error))
            if as_json:
                emit({"set": name, "error": str(error)})
    if rows:
        table, records = write_table(rows, out, "read")
        complain(f"wrote {table} and {records}")
    if as_json:
        for row in rows:
            emit(row)
    elif rows:
        typer.echo(markdown(rows), nl=False)
    if failed:
        raise typer.Exit(1)
