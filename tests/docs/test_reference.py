"""The table of commands in the reference has every command, with every option that its help shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from windowpane.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


def commands(command, name="windowpane"):
    """Yield the name and the options of every command, those of a group one by one."""
    for verb, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {verb}")
    if not hasattr(command, "commands"):
        shown = [one for one in command.params if not getattr(one, "hidden", False)]
        yield name, {option for one in shown for option in one.opts if option.startswith("--")}


@pytest.mark.parametrize(("name", "options"), list(commands(typer.main.get_command(app))))
def test_a_command_is_in_the_table_with_all_its_options(name, options):
    table = PAGE.read_text(encoding="utf-8").split("## The command line")[1].split("##")[0]
    rows = [line for line in table.splitlines() if re.match(rf"\| `{name}[ `]", line)]
    assert rows, f"there is no row for {name}"
    assert options - set(re.findall(r"--[\w-]+", " ".join(rows))) == set()
