"""How every verb speaks: answers to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from windowpane.errors import WindowpaneError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Record = dict[str, Any]
Item = TypeVar("Item")

PATIENCE = 2.0
"""Seconds of work after which a progress bar appears."""


def emit(record: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own, at once, so that a pipe can go on with it."""
    text = json.dumps(record, ensure_ascii=False)
    typer.echo(text if _printable(text) == text else json.dumps(record))


def complain(message: str) -> None:
    """Print one sentence about what went wrong to standard error."""
    typer.echo(f"windowpane: {_printable(message)}", err=True)


def tell_all(
    answers: Iterable[tuple[str, Record]],
    total: int,
    show: Callable[[Record], str],
    *,
    as_json: bool,
    left: Sequence[tuple[str, Record]] = (),
) -> None:
    """Tell answers as they come, each with the name of its input, of which a film has many.

    The faulty ones are told of and never keep the others from their answer. Raises typer.Exit(1) at the end
    if some inputs failed.

    Parameters
    ----------
    answers
        The name of each input, and a record: of its answer, or with ``"error"``.
    total
        How many there are, about.
    show
        From a record to the text for people.
    as_json
        Whether to print records instead.
    left
        Folders, and a record for each that says what in it has no answer.
    """
    failed, said = False, set[str]()
    for folder, record in left:
        complain(f"{folder}: {counted(record['left_out'])}")
    for name, answer in track(answers, "Working", total):
        record = {"image": name, **answer}
        failed |= "error" in record
        for note in record.get("notes", ()):
            if note not in said:  # once, not for each picture of a folder
                complain(f"{title(record)} {note}")
                said.add(note)
        if as_json:
            emit(record)
        elif "error" in record:
            complain(record["error"])
        else:
            typer.echo(_printable(show(record)))
    for folder, record in left if as_json else ():
        emit({"image": folder, **record})
    if failed:
        raise typer.Exit(1)


def title(record: Record) -> str:
    """Return what a record speaks of: a file, and where in it."""
    name = str(record["image"])
    if "page" in record:
        name += f", page {record['page']}"
    if "frame" in record:
        name += f", frame {record['frame']}"
    return f"{name}, {record['time']:.2f} s" if record.get("time") is not None else name


def counted(left: Mapping[str, int]) -> str:
    """Return how many files and folders have no answer, in words."""
    folders = left.get("folder", 0)
    kinds = [f"{number} {kind}" for kind, number in left.items() if kind != "folder"]
    files = sum(left.values()) - folders
    parts = [f"{files} file{'s' * (files > 1)} ({', '.join(kinds)})"] if kinds else []
    parts += [f"{folders} folder{'s' * (folders > 1)}"] if folders else []
    return f"{' and '.join(parts)} left out: no pictures by {'name' if kinds else 'themselves'}"


def _printable(text: str) -> str:
    """Return text that every stream takes: bytes of names that are no UTF-8 are written as numbers."""
    return text.encode("utf-8", "backslashreplace").decode()


def track(items: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """Yield ``items``, with a bar on standard error once they take long, if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # On one terminal answers must scroll above the bar; into a pipe they must go untouched.
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )
    task, start, shown = bar.add_task(what, total=total), time.monotonic(), False
    try:
        for item in items:
            yield item
            bar.advance(task)
            if not shown and time.monotonic() - start > PATIENCE:
                bar.start()
                shown = True
    finally:
        if shown:
            bar.stop()


@contextmanager
def stages() -> Iterator[Callable[[str, int, int, str], None]]:
    """Yield a function to call with what is done, how far, of how much, and a remark: bars for long work.

    On a terminal every kind of work has a bar with the time left; elsewhere standard error gets a line at
    every tenth, with the time left too.
    """
    if not sys.stderr.isatty():
        said: dict[str, int] = {}
        begun: dict[str, tuple[int, float]] = {}

        def say(what: str, done: int, total: int, remark: str) -> None:
            first, start = begun.setdefault(what, (done, time.monotonic()))
            if said.get(what) != (tenth := 10 * done // total):
                said[what] = tenth
                pace = (time.monotonic() - start) / max(1, done - first)
                left = (
                    f", {timedelta(seconds=round(pace * (total - done)))} left"
                    if first < done < total
                    else ""
                )
                typer.echo(f"{what}: {done} of {total} {remark}".rstrip() + left, err=True)

        yield say
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[remark]}"), console=Console(stderr=True)) as bars:

        def show(what: str, done: int, total: int, remark: str) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total, remark=remark)
            bars.update(tasks[what], completed=done, total=total, remark=remark)

        yield show


def place(box: Sequence[float]) -> str:
    """Return a box, x0, y0, x1, y1, as text for people."""
    x0, y0, x1, y1 = (round(value) for value in box)
    return f"{x0},{y0} to {x1},{y1}"


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there; raises WindowpaneError where there can be none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WindowpaneError(f"{folder}: the folder cannot be made ({error.strerror})") from error


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an image as PNG, (H, W, 3) uint8 RGB or (H, W); raises WindowpaneError where that fails."""
    from windowpane.images.drawing import png

    try:
        path.write_bytes(png(image))
    except OSError as error:
        raise WindowpaneError(f"{path}: the picture cannot be written ({error.strerror})") from error


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as a Markdown table; its columns are the keys, in the order of their first appearance."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    lines = [keys, ["---"] * len(keys), *([_cell(row.get(key)) for key in keys] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_table(rows: Sequence[Mapping[str, Any]], folder: Path, name: str) -> tuple[Path, Path]:
    """Write rows to ``folder`` as ``name.md`` and ``name.json``; return both paths."""
    make_folder(folder)
    table, records = folder / f"{name}.md", folder / f"{name}.json"
    table.write_text(markdown(rows), encoding="utf-8")
    records.write_text(json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return table, records


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
