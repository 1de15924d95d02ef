"""``windowpane train``: train a net by a configuration file, one subcommand a system."""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.group import verbs
from windowpane.cli.common.options import MaxPixelsEverywhere
from windowpane.errors import MissingExtraError, install

app = verbs(help="Train a net; Ctrl-C or kill stops cleanly, --resume goes on.")

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells have it."""

Config = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train on, and how.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the last run stopped.")]
Out = Annotated[Path | None, typer.Option(help="The run folder; default: runs/ and the net's name.")]


@app.command()
def read(
    config: Config, resume: Resume = False, out: Out = None, max_pixels: MaxPixelsEverywhere = None
) -> None:
    """Train the reader: windows first, then whole strings through the lattice."""
    _train("read", config, resume, out)


@app.command()
def detect(
    config: Config, resume: Resume = False, out: Out = None, max_pixels: MaxPixelsEverywhere = None
) -> None:
    """Train a detector: windows first, then its false positives, round after round."""
    _train("detect", config, resume, out)


@app.command()
def parse(
    config: Config, resume: Resume = False, out: Out = None, max_pixels: MaxPixelsEverywhere = None
) -> None:
    """Train a scene parser: views of labelled pictures, a class for every pixel."""
    _train("parse", config, resume, out)


@app.command()
def strings(
    config: Config, resume: Resume = False, out: Out = None, max_pixels: MaxPixelsEverywhere = None
) -> None:
    """Train the finder of numbers on pages: parts of pages, then its false positives, round after round."""
    _train("strings", config, resume, out)


@app.command()
def drive(
    config: Config, resume: Resume = False, out: Out = None, max_pixels: MaxPixelsEverywhere = None
) -> None:
    """Train for a robot: a backbone from labelled scenes, or a last layer from patches that you marked."""
    _train("drive", config, resume, out)


def _train(system: str, config: Path, resume: bool, out: Path | None) -> None:
    """Run the recipe of a system and say where its net is."""
    missing = [name for name in ("torch", "onnx", "PIL") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"training needs {', '.join(missing)}, not installed here: run {install('train')}"
        )
    from windowpane.cli.common.output import complain, stages

    recipe = import_module(f"windowpane.train.{system}.recipe")
    try:
        with stages() as progress, warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: complain(f"warning: {message}")
            net = recipe.train(config, resume=resume, out=out, progress=progress)
    except KeyboardInterrupt:
        complain("stopped, and what was learned is kept: repeat the command with --resume to go on")
        raise typer.Exit(INTERRUPTED) from None
    if os.environ.get("RANK", "0") == "0":  # under torchrun one process speaks for all
        typer.echo(f"Net: {net}")
