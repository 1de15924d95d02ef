"""How verbs are listed (command group): in plain text, for boxes take longer to load than all the rest."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class Listed(TyperGroup):
    """Lists its commands with the whole first paragraph of what each says, where Typer cuts it short."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """See `TyperGroup`."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.help and not command.short_help:
            command.short_help = " ".join(command.help.split("\n\n")[0].split())
        return command


def verbs(**options: Any) -> typer.Typer:
    """Return an empty group of verbs, with further options of Typer's."""
    return typer.Typer(cls=Listed, no_args_is_help=True, rich_markup_mode=None, **options)
