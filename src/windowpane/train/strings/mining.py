"""Hard-negative mining: the finder is run over pictures without text, and learns where it was wrong.

Of all windows of a photograph hardly one in ten thousand looks like a digit, and these decide how many
numbers are found where there is none (Sung & Poggio 1998; LeCun, lecture 6.1: "negative mining"). What is
kept is where they are: later parts are laid there, at the size at which they were found, with all around.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from windowpane.data.writing.blocks import Stock
from windowpane.read.pages.characters import LETTER, CharacterFinder
from windowpane.train.loop.run import Run
from windowpane.train.strings.config import Config
from windowpane.train.strings.parts import Spot

MINED_FROM = -1.0  # logit from which a place is learned from
SURE, TEXT = 2.0, 5  # so many characters with such a logit are most likely text that nobody told of


def mine(finder: CharacterFinder, stock: Stock, config: Config, run: Run, number: int) -> list[Spot]:
    """Return where a finder sees characters on some of the pictures, the surest of each; digits first.

    A round that was done before is read from the run folder. The log ``mining.jsonl`` gets a line: false
    positives for a million pixels, as digits and as anything.
    """
    folder = run.folder
    kept = folder / f"mined-{number}.json"
    if not (run.resume and kept.exists()):
        spots, record = _look(finder, stock, config, run, number)
        kept.write_text(json.dumps([[one.picture, one.x, one.y, one.height] for one in spots]))
        if run.group.is_main:
            _log(folder, record)
    return [Spot(int(picture), *place) for picture, *place in json.loads(kept.read_text())]


def _look(
    finder: CharacterFinder, stock: Stock, config: Config, run: Run, number: int
) -> tuple[list[Spot], dict[str, object]]:
    finder.logit = MINED_FROM
    rng = np.random.default_rng((config.seed, number))
    order = rng.permutation(len(stock.pictures))[: config.pictures]
    spots: list[Spot] = []
    digits, megapixels, found_all = 0, 0.0, 0
    for done, picture in enumerate(order.tolist(), start=1):
        pixels = stock.pictures[picture]
        found = finder.find(pixels)
        if (found.logits.max(axis=1, initial=-np.inf) > SURE).sum() >= TEXT * max(1, pixels.size / 1e5):
            continue
        as_digits = found.class_ids != LETTER
        digits += int((as_digits & (found.logits.max(axis=1, initial=-np.inf) > 0)).sum())
        found_all += len(found)
        megapixels += pixels.size / 1e6
        first = np.argsort(~as_digits, kind="stable")[: config.per_picture]
        some = found[first]
        spots += [
            Spot(picture, float(x), float(y), float(h))
            for (x, y), h in zip(some.middles, some.heights, strict=True)
        ]
        if run.progress:
            run.progress(f"mined-{number}", done, len(order), f"{found_all} false positives")
    record: dict[str, object] = {
        "stage": f"round-{number}",
        "false_alarms_per_megapixel": round(found_all / max(megapixels, 1e-9), 3),
        "digits_per_megapixel": round(digits / max(megapixels, 1e-9), 3),
        "megapixels": round(megapixels, 1),
        "kept": len(spots),
    }
    return spots, record


def _log(folder: Path, record: dict[str, object]) -> None:
    log = folder / "mining.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in rows if row["stage"] != record["stage"]]  # a resumed run finds the same again
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, record]))
