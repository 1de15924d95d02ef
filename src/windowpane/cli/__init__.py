"""The command ``windowpane``: one verb, one file.

Answers go to standard output, one JSON object a line with ``--json``; messages and progress go to standard
error. Exit status: 0 all done, 1 some inputs failed, 2 wrong usage. Verbs import what they need when they
run, so that ``windowpane --help`` is quick.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from windowpane.cli import batch, check, demo, eval, nets, new, parse, serve, train
from windowpane.cli.common import output
from windowpane.cli.common.group import verbs
from windowpane.cli.detect import verb as detect
from windowpane.cli.drive import verb as drive
from windowpane.cli.read import verb as read
from windowpane.errors import WindowpaneError

app = verbs(
    name="windowpane",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("read")(read.read)
app.command("detect")(detect.detect)
app.command("parse")(parse.parse)
app.command("drive")(drive.drive)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("nets")(nets.nets)
app.command("new")(new.new)
app.command("check")(check.check)
app.add_typer(batch.app, name="batch")
app.add_typer(train.app, name="train")
app.add_typer(eval.app, name="eval")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("windowpane"))
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Slide a small ConvNet over whole pictures: read, detect, parse and drive, on a CPU."""


def main() -> None:
    """Run the command line and exit.

    A verb answers for its inputs one by one and exits with 1 if some failed. A `WindowpaneError` that comes
    up to here is therefore about what the verb was told to use (a net, a format, a configuration), so it is
    wrong usage: one sentence on standard error and exit status 2. Ctrl-C and kill stop a verb alike, also
    where a script started it in the background, which makes it ignore Ctrl-C.
    """
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
    try:
        app()
    except WindowpaneError as error:
        output.complain(str(error))
        sys.exit(2)
