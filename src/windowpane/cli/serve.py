"""``windowpane serve``: the web page and the HTTP interface (REST API)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from windowpane.errors import MissingExtraError, install

NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")
LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="WINDOWPANE_TOKEN", help="What clients must send as a bearer token.", metavar="WORD"
        ),
    ] = None,
    net: Annotated[list[Path] | None, typer.Option(help="A net file to serve too; may be repeated.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Pictures worked at together; default: one a processor.")
    ] = None,
    queue: Annotated[
        int, typer.Option(min=0, help="Requests that may wait; more are told to come again.")
    ] = 32,
    max_megabytes: Annotated[float, typer.Option(min=0.001, help="Largest request.")] = 32,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Largest picture.")] = 50,
    max_pixels: Annotated[
        int | None, typer.Option(min=1, help="The same in pixels, as messages name it.")
    ] = None,
    max_files: Annotated[int, typer.Option(min=1, help="Most files of a request.")] = 256,
    max_seconds: Annotated[float, typer.Option(min=0.1, help="Longest time for a piece of work.")] = 60,
) -> None:
    """Serve the web page and the HTTP interface until Ctrl-C; nothing uploaded is kept."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"serving needs {', '.join(missing)}, not installed here: run {install('serve')}"
        )
    from windowpane.core.runtimes import cores
    from windowpane.serve.app import create_app
    from windowpane.serve.limits import Limits
    from windowpane.serve.run import run

    if max_pixels is not None:
        max_megapixels = max_pixels / 1e6
    limits = Limits(
        max_megabytes, max_megapixels, max_files, max_seconds, workers=workers or cores(), queue=queue
    )
    local = host in LOCAL
    app = create_app(limits, nets=net or (), token=token, hosts=LOCAL if local else ("*",))
    if not local and token is None:
        typer.echo(
            "windowpane: anyone who can reach this machine may use it: --token WORD asks for one", err=True
        )
    run(app, host, port, lambda url: typer.echo(f"Windowpane is at {url}  (Ctrl-C ends it)"))
