"""Readers of sets of pages and photographs with text in them (text detection data sets).

A string of text is four *corners* and what it says: corners in the order of reading, from its upper left one
over its upper right one, so that they tell where its top is on a page that was turned. What a set does not
tell of a picture (other numbers on the page, words beside them) is there all the same: only a *complete* set
has all its text, and of it alone may one learn, or count, that something is no number.

    forms          words of scanned forms, faxes and letters of FUNSD, some handwritten; complete; notes: the
                   line of the page that a word is in
    receipts       lines of scanned receipts, often of several words: `words` cuts them; complete
    sudokus        photographs of newspapers; each digit with its cell, the digit in the middle
    sudokus_mixed  the same pages, the empty cells filled with digits of MNIST: to test with alone
    screenshots    pages of words; each digit with its box, about a tenth of them without
    plates         scenes with cars; the plate's text, letters and digits
    displays       fuel pumps, cut to the display; the whole litres, and no corners: two more digits follow
                   the point. Notes: HQ, MQ, LQ, how well it can be read
    meters         power meters' displays, cut to the number: all its digits and the point, and no corners

Folds keep together what looks alike: receipts of one shop, photographs of one puzzle, scenes with one plate,
displays that show the same number; what a set itself keeps to test with is to test with here.

Layout of each set: ``labels.csv`` (file; of each string x0, y0, ... x3, y3, or x, y, w, h, or neither; and
text, digit or digits), ``images/``; receipts have ``keys.json`` (by the stem of a page's file: company and
others), screenshots and forms ``images.csv`` (file, ..., split: train, valid or test).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import existing, rows_of
from windowpane.data.split import Fold, in_tenth
from windowpane.errors import DataError

Floats = NDArray[np.float64]
Row = dict[str, str]
Kept = Mapping[str, str]  # of pictures: "test", for what the set itself keeps to test with


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A picture and the strings of text in it, in its pixels.

    Attributes
    ----------
    path
        Of the picture.
    corners
        (n, 4, 2) x, y of each string's upper left, upper right, lower right and lower left corner as it is
        read, NaN where not known.
    texts
        (n,) what each says.
    notes
        (n,) what the set says of each: printed or handwritten, HQ and the like, or "".
    complete
        Whether all text in the picture is there.
    """

    path: Path
    corners: Floats
    texts: tuple[str, ...]
    notes: tuple[str, ...]
    complete: bool = False


def pages(root: Path, name: str, fold: Fold | None = None) -> list[Page]:
    """Read a set, in the order of its table, or a fold of it.

    Parameters
    ----------
    root
        Of the data sets.
    name
        One of `SETS`.

    Raises
    ------
    DataError
        For an unknown name, for what is not there, and for a table that cannot be read.
    """
    if name not in SETS:
        raise DataError(f"there is no set of pages {name!r}: choose from {', '.join(SETS)}")
    one = SETS[name]
    folder = existing(root / one.folder)
    strings: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(folder / "labels.csv"):
        strings[row["file"]].append(row)
    kept, key = one.kept(folder), one.key(folder)
    found = []
    for file, rows in strings.items():
        if fold is None or _in_fold(key(file, rows), fold, kept.get(file), one.test_only):
            found.append(_page(folder / "images" / file, rows, one.complete))
    return found


def words(page: Page) -> Page:
    """Return a page with its lines cut at the spaces, in proportion to their characters.

    In typefaces of one width it is exact but for the space's own; elsewhere it is a guess, off by about a
    character's width, and more on long lines.
    """
    corners, texts, notes = [np.zeros((0, 4, 2))], [], []
    for quad, text, note in zip(page.corners, page.texts, page.notes, strict=True):
        for match in re.finditer(r"\S+", text):
            start, end = match.start() / len(text), match.end() / len(text)
            top = quad[0] + np.outer([start, end], quad[1] - quad[0])
            bottom = quad[3] + np.outer([start, end], quad[2] - quad[3])
            corners.append(np.concatenate([top, bottom[::-1]])[None])
            texts.append(match[0])
            notes.append(note)
    return Page(page.path, np.concatenate(corners), tuple(texts), tuple(notes), page.complete)


def lines(page: Page) -> list[str]:
    """Return the text of a page line by line: words with one note after each other are of one line."""
    found: list[str] = []
    last = ""
    for text, note in zip(page.texts, page.notes, strict=True):
        if note and note == last:
            found[-1] += f" {text}"
        else:
            found.append(text)
        last = note
    return found


# -- What the sets have in common --------------------------------------------------------------------------


def _in_fold(key: str, fold: Fold, kept: str | None, test_only: bool) -> bool:
    """Whether a picture is in a fold: by its key, but for what the set keeps to test with."""
    if test_only:
        return fold == "test" and in_tenth(key, "test")
    return fold == kept if kept is not None else in_tenth(key, fold)


def _page(path: Path, rows: list[Row], complete: bool) -> Page:
    try:
        corners = np.array([_corners(row) for row in rows]).reshape(-1, 4, 2)
        texts = tuple(next(row[name] for name in ("text", "digits", "digit") if name in row) for row in rows)
    except (KeyError, StopIteration, ValueError) as error:
        raise DataError(f"{path}: its rows in the table are no strings with corners ({error!r})") from error
    return Page(path, corners, texts, tuple(_note(row) for row in rows), complete)


def _corners(row: Row) -> Floats:
    if "x0" in row:
        quad = np.array([[float(row[f"x{place}"]), float(row[f"y{place}"])] for place in range(4)])
        return np.roll(quad, -(int(row.get("turned") or 0) // 90), axis=0)
    if "w" in row:
        x, y, w, h = (float(row[side]) for side in "xywh")
        return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
    return np.full((4, 2), np.nan)


def _note(row: Row) -> str:
    return row.get("kind") or row.get("quality") or row.get("line") or ""


# -- The sets ----------------------------------------------------------------------------------------------

Key = Callable[[str, list[Row]], str]  # of a picture's file and its rows


def _by_text(_: Path) -> Key:
    """Return the key of pictures that show one text: that."""
    return lambda file, rows: "".join(row.get("cells") or row.get("text") or "" for row in rows) or file


def _by_puzzle(_: Path) -> Key:
    """Return the key of a sudoku: its printed digits."""
    return lambda _, rows: "".join(row["digit"] for row in rows if row["kind"] == "printed")


def _by_file(_: Path) -> Key:
    return lambda file, _: file


def _by_shop(folder: Path) -> Key:
    """Return the key of a receipt: the first two words of the company's name, which branches share."""
    try:
        keys = json.loads(existing(folder / "keys.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{folder / 'keys.json'} is no JSON ({error}): build the set again") from error

    def key(file: str, _: list[Row]) -> str:
        name = keys.get(Path(file).stem, {}).get("company", "")
        return " ".join(re.findall("[A-Z0-9]+", name.upper())[:2]) or file

    return key


def _none_kept(_: Path) -> Kept:
    return {}


def _kept_by_split(folder: Path) -> Kept:
    """Return the pictures that the set's own split keeps aside: they are all to test with."""
    return {row["file"]: "test" for row in rows_of(folder / "images.csv") if row["split"] != "train"}


@dataclass(frozen=True, slots=True)
class SetOfPages:
    """Where a set lies, what its folds are drawn by, and its terms.

    Attributes
    ----------
    folder
        In the data root.
    title, terms
        For the card of a net that learned from it.
    free
        Whether its stated terms allow any use.
    complete
        Whether all text in its pictures is labelled.
    test_only
        Whether nothing is learned from it.
    key
        Makes, of the set's folder, what decides a picture's fold.
    kept
        Makes, of the set's folder, the pictures that the set itself keeps to test with.
    """

    folder: str
    title: str
    terms: str
    free: bool = False
    complete: bool = False
    test_only: bool = False
    key: Callable[[Path], Key] = _by_text
    kept: Callable[[Path], Kept] = _none_kept


SETS = {
    "forms": SetOfPages(
        "pages_funsd", "FUNSD", "research, non-commercial", complete=True, key=_by_file, kept=_kept_by_split
    ),
    "receipts": SetOfPages(
        "pages_sroie", "SROIE, training part (ICDAR 2019)", "research", complete=True, key=_by_shop
    ),
    "sudokus": SetOfPages(
        "digits_sudoku_photos", "Sudokus in newspapers", "CC BY 4.0", free=True, key=_by_puzzle
    ),
    "sudokus_mixed": SetOfPages(
        "digits_sudoku_mixed",
        "Sudokus in newspapers, filled with MNIST",
        "CC BY 4.0",
        free=True,
        test_only=True,
        key=_by_puzzle,
    ),
    "screenshots": SetOfPages(
        "digits_screenshots",
        "Number extraction (Roboflow)",
        "CC BY 4.0",
        free=True,
        key=_by_file,
        kept=_kept_by_split,
    ),
    "plates": SetOfPages("digits_plates", "OpenALPR benchmarks", "AGPL 3.0 of the repository"),
    "displays": SetOfPages(
        "digits_sevenseg_pump", "Seven-segment displays of pumps", "none stated: research"
    ),
    "meters": SetOfPages("digits_lcd_meters", "Displays of power meters", "none stated: research"),
}
"""The sets by name."""
