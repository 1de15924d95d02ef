"""This reader and others on the same pages and photographs; writes its section of RESULTS.md.

    python benchmarks/read_pages.py [--net FILE] [--limit N] [SET ...]

The peers are installed by `make bench`, in an environment of their own; one that is not there is said so.
What each finds is measured by `windowpane.evaluate.numbers`, as `windowpane eval read` does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
from results import made_with, percent, publish, table

from windowpane.data.root import data_root
from windowpane.errors import DataError
from windowpane.evaluate.measures.numbers import Number
from windowpane.evaluate.numbers import SETS, Answer, Asked, measured, spread
from windowpane.evaluate.read import fonts

SEED = 2026
HERE = Path(__file__).parent
PICTURES = 100  # of each set, spread evenly
ROLLS = 500
PEERS = HERE.parent / ".venv-peers"
MEASURES = ("asked", "right", "found", "given", "given_right", "wrong", "tenths_right", "per_10_megapixels")
ABOUT = f"""\
The test folds of public sets and pages without a number, at most {PICTURES} pictures of each ({ROLLS} rolls);
what each measure is says `windowpane.evaluate.numbers`. Every reader has one thread in a process of its own
and gets the same pictures; seconds are medians over the pictures of a set, from decoded pixels to numbers
(Tesseract: with its start). The peers read words too: their numbers are what is left of a word without its
letters, and what they give they are sure of. Single digits are held to digits, and not looked for."""


class NotMeasured(Exception):  # noqa: N818
    """Why a reader could not be measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}; all by default")
    parser.add_argument("--net", default="digits", help="a net's name or file")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the environment of the others")
    parser.add_argument("--only", nargs="*", help="these readers alone")
    parser.add_argument("--limit", type=int, help="a quick look: so many pictures of each set, printed")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    peer = str(options.peers / "bin" / "python")
    readers: dict[str, tuple[str, list[str]]] = {
        "windowpane": (sys.executable, [options.net]),
        "rapidocr": (peer, []),
        "ddddocr": (peer, []),
        "tesseract": (sys.executable, []),
    }
    rows: list[dict[str, Any]] = []
    about: dict[str, str] = {}
    for name in options.sets or SETS:
        try:
            limit = options.limit or (ROLLS if name == "rolls" else PICTURES)
            asked = spread(SETS[name].asked(data_root(), fonts(), options.seed), limit)
        except DataError as error:
            print(error, file=sys.stderr)
            continue
        for reader in options.only or readers:
            try:
                about[reader], answers = ask(reader, *readers[reader], asked, SETS[name].use)
            except NotMeasured as error:
                about.setdefault(reader, f"not measured: {error}")
                continue
            rows += [{"reader": reader} | row for row in measured(name, asked, answers)]
    told = [[reader, what] for reader, what in about.items()]
    parts = [made_with("numpy", "opencv-python-headless", seed=options.seed), ABOUT, as_table(rows)]
    body = "\n\n".join([*parts, table(["reader", "what it is"], told)])
    publish("read-pages", "Reading: numbers on pages and photographs", body, quick=options.limit is not None)


def ask(
    reader: str, python: str, more: Sequence[str], asked: Sequence[Asked], use: str
) -> tuple[str, list[Answer]]:
    """Return what a reader is and its answers, in a process of its own."""
    with TemporaryDirectory() as folder:
        sizes = []
        for number, one in enumerate(asked):
            pixels = one.pixels
            sizes.append(pixels.shape[0] * pixels.shape[1])
            cv2.imwrite(f"{folder}/{number:06d}.png", pixels[..., ::-1])
        command = [python, str(HERE / "peers" / "pages.py"), reader, folder, use, *more]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except FileNotFoundError:
            raise NotMeasured("not installed") from None
        except subprocess.CalledProcessError as error:
            print(error.stderr, file=sys.stderr)
            kind = (error.stderr.strip().splitlines() or ["it stopped without a word"])[-1].split(":")[0]
            raise NotMeasured(f"not installed or broken ({kind})") from None
    first, *answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = [
        Answer([number_of(one) for one in answer["numbers"]], size, answer["seconds"])
        for size, answer in zip(sizes, answers, strict=True)
    ]
    return first["about"], found


def number_of(record: dict[str, Any]) -> Number:
    """Return a number as it was before it became JSON."""
    digits = tuple(tuple(box) for box in record["digits"])
    return Number(**record | {"box": tuple(record["box"]), "digits": digits})


def as_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows of all readers, set by set."""
    cells = []
    for row in rows:
        shares = [_cell(key, row[key]) if key in row else "" for key in MEASURES]
        cells.append([row["set"], row["what"], row["count"], row["reader"], *shares, f"{row['seconds']:.3g}"])
    head = [name.replace("_", " ") for name in MEASURES]
    return table(["set", "what", "pictures", "reader", *head, "seconds"], cells)


def _cell(name: str, value: float) -> str:
    if name in ("asked", "given"):
        return str(value)
    return f"{value:.2f}" if name == "per_10_megapixels" else percent(value)


if __name__ == "__main__":
    main()
