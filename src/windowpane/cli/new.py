"""``windowpane new``: an example project (scaffold), to train a net on and to put one's own data into."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from windowpane.cli.common.output import complain
from windowpane.errors import DataError


class ExampleSystem(StrEnum):
    """What can be trained on data of one's own from an empty folder."""

    READ = "read"
    DETECT = "detect"
    PARSE = "parse"


EXAMPLES = {ExampleSystem.READ: "numbers", ExampleSystem.DETECT: "signs", ExampleSystem.PARSE: "country"}
"""For each system what its example shows: its module is named by it, its configuration and its net too."""


def new(
    system: Annotated[ExampleSystem, typer.Argument(help="What the net is to do.")],
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
) -> None:
    """Lay out an example: pictures, labels, a configuration, and a README.md that says how to go on."""
    name = EXAMPLES[system]
    example = import_module(f"windowpane.data.examples.{name}")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DataError(f"{folder} is not empty: name a folder that is not there yet, or an empty one")
        folder.mkdir(parents=True, exist_ok=True)
        example.write(folder, seed)
        (folder / f"{name}.toml").write_text(example.CONFIG, encoding="utf-8")
        (folder / "README.md").write_text(example.README, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{folder}: the example cannot be written ({error.strerror})") from error
    complain(f"laid out in {folder}: its README.md says how to go on")
