"""The table that ``windowpane read --csv`` writes (CSV): a row for every number."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from windowpane.cli.common.output import Record
from windowpane.errors import WindowpaneError

COLUMNS = ("image", "text", "confidence", "rejected", "x0", "y0", "x1", "y1", "error")


def written(answers: Iterable[tuple[str, Record]], path: Path | None) -> Iterator[tuple[str, Record]]:
    """Yield names and records as they are; where there is a path, write each to a table there first.

    Raises
    ------
    WindowpaneError
        If the table cannot be written.
    """
    if path is None:
        yield from answers
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore")
            table.writeheader()
            for name, record in answers:
                table.writerows({"image": name, **row} for row in _rows(record))
                file.flush()  # so that what is done stays, whatever comes
                yield name, record
    except OSError as error:
        raise WindowpaneError(f"{path}: the table cannot be written ({error.strerror})") from error


def _rows(record: Record) -> Iterator[Record]:
    """Yield what the table says of a picture; of a page with no number nothing."""
    for one in record.get("readings", [record]):
        text = one.get("code", one.get("text", ""))
        box = one.get("box") or _around([digit["box"] for digit in one.get("digits", ())])
        yield {**one, "text": text, **dict(zip(COLUMNS[4:8], box, strict=False))}


def _around(boxes: Sequence[Sequence[float]]) -> list[float]:
    """Return the box around boxes; nothing where there are none."""
    if not boxes:
        return []
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return [min(x0), min(y0), max(x1), max(y1)]
