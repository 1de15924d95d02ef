"""``windowpane train``: train a net by a configuration file, one subcommand a system."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from windowpane.errors import MissingExtraError

app = typer.Typer(help="Train a net; Ctrl-C stops cleanly, --resume goes on.", no_args_is_help=True)


@app.callback()
def _systems() -> None:
    """Keep `read` a subcommand: Typer makes a group of one command that command itself."""


@app.command()
def read(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train on, and how.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the last run stopped.")] = False,
    out: Annotated[Path | None, typer.Option(help="The run folder; default: what the file says.")] = None,
) -> None:
    """Train the reader: windows first, then whole strings through the lattice."""
    missing = [name for name in ("torch", "onnx", "PIL") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"training needs {', '.join(missing)}, not installed here: run pip install 'windowpane[train]'"
        )
    from windowpane.cli.output import stages
    from windowpane.train.read import train

    with stages() as progress:
        net = train(config, resume=resume, out=out, progress=progress)
    typer.echo(f"Net: {net}")
