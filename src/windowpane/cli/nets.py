"""``windowpane nets``: the nets that ship with the package (model zoo), and their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from windowpane.cli.common.options import Json
from windowpane.cli.common.output import emit

if TYPE_CHECKING:
    from windowpane.core.netfile import NetFile


def nets(
    name: Annotated[str | None, typer.Argument(help="A net's name or file: print its card.")] = None,
    as_json: Json = False,
) -> None:
    """List the nets that ship, or print the card of one."""
    from windowpane.core.netfile import builtin, load_net

    found = [load_net(one) for one in (builtin() if name is None else [name])]
    if as_json:
        for net in found:
            emit(net.manifest.to_dict())
    elif name is None:
        _print_list(found)
    else:
        typer.echo(_card(found[0]))


def _print_list(found: list[NetFile]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "task", "windows", "size", box=None, header_style="dim", pad_edge=False)
    for net in found:
        windows = [f"{one.window.width} x {one.window.height}" for one in net.manifest.outputs]
        size = f"{len(net.data) / 1024:.0f} KiB"
        table.add_row(net.manifest.name, net.manifest.task, ", ".join(dict.fromkeys(windows)), size)
    Console().print(table)


def _card(net: NetFile) -> str:
    """Everything in the manifest that is said for people, indented."""
    manifest = net.manifest
    windows = [
        f"{one.name}: {one.window.width} x {one.window.height} pixels, every {one.window.stride[1]}; "
        f"{len(one.names)} labels"
        for each in net.chain
        for one in each.manifest.outputs
    ]
    size = f"{len(net.data) / 1024:.0f} KiB"
    top = {"task": manifest.task, "size": size, "windows": windows, "threshold": manifest.threshold}
    return "\n".join([manifest.name, *_lines({**top, **manifest.card}, 1)])


def _lines(record: dict[str, Any], depth: int) -> list[str]:
    lines = []
    for key, value in record.items():
        indent = "  " * depth
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, depth + 1)]
        elif isinstance(value, list | tuple):
            lines += [f"{indent}{key}:", *(f"{indent}  {one}" for one in value)]
        elif value is not None:
            lines.append(f"{indent}{key}: {value}")
    return lines
