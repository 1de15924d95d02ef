"""``windowpane train``: train a net by a configuration file, one subcommand a system."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from windowpane.errors import MissingExtraError

app = typer.Typer(help="Train a net; Ctrl-C stops cleanly, --resume goes on.", no_args_is_help=True)


Config = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train on, and how.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the last run stopped.")]
Out = Annotated[Path | None, typer.Option(help="The run folder; default: runs/ and the net's name.")]


@app.command()
def read(config: Config, resume: Resume = False, out: Out = None) -> None:
    """Train the reader: windows first, then whole strings through the lattice."""
    _check_extra()
    from windowpane.cli.output import stages
    from windowpane.train.read import train

    with stages() as progress:
        net = train(config, resume=resume, out=out, progress=progress)
    typer.echo(f"Net: {net}")


@app.command()
def detect(config: Config, resume: Resume = False, out: Out = None) -> None:
    """Train a detector: windows first, then its false alarms, round after round."""
    _check_extra()
    from windowpane.cli.output import stages
    from windowpane.train.detect import train

    with stages() as progress:
        net = train(config, resume=resume, out=out, progress=progress)
    typer.echo(f"Net: {net}")


def _check_extra() -> None:
    missing = [name for name in ("torch", "onnx", "PIL") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"training needs {', '.join(missing)}, not installed here: run pip install 'windowpane[train]'"
        )
