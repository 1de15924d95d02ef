"""How well a net reads: the accuracy table of the reader.

Each test set is read under the rules that it can be read under: any number of digits (``length open``), so
many digits (``length given``), a valid US ZIP code (``lexicon``). All are read by `Reader` as a user would.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.data.digits import folder_lines
from windowpane.data.root import data_root
from windowpane.errors import DataError, did_you_mean
from windowpane.evaluate import numbers
from windowpane.evaluate.measures.confidence import accepted_at_error, expected_calibration_error
from windowpane.evaluate.testsets import (
    NumberPicture,
    cheque_amounts,
    composed_zips,
    printed_numbers,
    single_digits,
    touching_zips,
)
from windowpane.images import load
from windowpane.read.reader import Reader
from windowpane.read.reading import Reading
from windowpane.systems import READ

OPEN: dict[str, Any] = {"length open": {}}
FIVE: dict[str, Any] = {"length given": {"length": 5}}
ONE: dict[str, Any] = {"length given": {"length": 1}}
ZIP: dict[str, Any] = {"lexicon": {"format": "zip"}}


def fonts() -> Path:
    """Return the folder of typefaces that printed lines are set in: ``$WINDOWPANE_FONTS``, else Debian's."""
    return Path(os.environ.get("WINDOWPANE_FONTS") or "/usr/share/fonts")


SETS: dict[str, tuple[Callable[[int], Iterator[NumberPicture]], dict[str, Any]]] = {
    "composed": (lambda seed: composed_zips(data_root(), seed=seed), FIVE | OPEN | ZIP),
    "touching": (lambda seed: touching_zips(data_root(), seed=seed), FIVE | OPEN | ZIP),
    "orand": (lambda _: cheque_amounts(data_root()), OPEN),
    "printed": (lambda seed: printed_numbers(fonts(), seed=seed, look="clean"), FIVE | OPEN),
    "photographed": (lambda seed: printed_numbers(fonts(), seed=seed, look="photo"), FIVE | OPEN),
    "mnist": (lambda _: single_digits(data_root(), "mnist"), ONE),
    "usps": (lambda _: single_digits(data_root(), "usps"), ONE),
}
"""For each test set how its lines are made from a seed, and the options of `Reader` for each of its rules."""


def evaluate(
    names: Sequence[str], net: str | Path = READ.net, seed: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return the accuracy table of a net: a row for each test set and each rule it is read under.

    Each row has ``set``, ``count`` (lines), ``seed``, ``what`` (the rule) and what `score` says; those of
    pages what `windowpane.evaluate.numbers` says.

    Parameters
    ----------
    names
        Of test sets, keys of `SETS` or of `windowpane.evaluate.numbers.SETS`, or folders of one's own with a
        ``labels.csv``.
    net
        A name that ships or the path of a net file.
    seed
        Of the sets that are composed; the others are always the same.
    limit
        At most so many lines of each set, for a quick look; None takes all.

    Raises
    ------
    DataError
        For an unknown set and for data or typefaces that are not there, NetFileError.
    """
    rows = []
    for name in names:
        is_own = (Path(name) / "labels.csv").is_file()
        if name in numbers.SETS and not is_own:
            rows += numbers.evaluate(name, net, data_root(), fonts(), seed, limit)
            continue
        make, rules = _own(name) if is_own or name not in SETS else SETS[name]
        examples = list(islice(make(seed), limit))
        for what, options in rules.items():
            readings = Reader(net, **options).read(example.pixels for example in examples)
            measures = score(list(readings), [example.text for example in examples])
            rows.append({"set": name, "count": len(examples), "seed": seed, "what": what} | measures)
    return rows


def _own(name: str) -> tuple[Callable[[int], Iterator[NumberPicture]], dict[str, Any]]:
    """Return the same for a folder of one's own as `SETS` has it; raises DataError where it is none."""
    if not Path(name).is_dir():
        known = ", ".join([*SETS, *numbers.SETS])
        raise DataError(
            f"there is no test set {name!r}{did_you_mean(name, [*SETS, *numbers.SETS])}: choose from {known},"
            " or give a folder with labels.csv"
        )
    lines = folder_lines(Path(name))
    if not lines:
        raise DataError(f"{name}/labels.csv names no picture: add some to measure with")
    return lambda _: (NumberPicture(load(line.path), line.label) for line in lines), OPEN


def score(readings: Sequence[Reading], texts: Sequence[str]) -> dict[str, float]:
    """Return the measures of readings, given what the pictures say; all are shares, 0..1.

    right: whole strings read right. ece: expected calibration error of their confidence, 10 bins. accepted:
    the most that a threshold chosen afterwards could accept with 1 % of the accepted wrong. passed: those
    that the net's own threshold accepts, and passed_wrong: how many of these are wrong.
    """
    right = np.array([reading.text == text for reading, text in zip(readings, texts, strict=True)])
    sure = np.array([reading.confidence for reading in readings])
    passed = np.array([not reading.rejected for reading in readings])
    return {
        "right": float(right.mean()),
        "ece": expected_calibration_error(sure, right),
        "accepted": accepted_at_error(sure, right, 0.01)[0],
        "passed": float(passed.mean()),
        "passed_wrong": float((passed & ~right).sum() / max(1, passed.sum())),
    }
