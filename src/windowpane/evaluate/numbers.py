"""How well numbers are found and read where they stand (end-to-end text spotting): pages and photographs.

The test folds of `windowpane.data.pages` and `windowpane.data.glyphs`, and pictures in which there is no
number:

receipts, forms
             runs of three digits and more that are found, and how many of the numbers given are in the text
no_numbers   photographs kept out of training, and pages of prose: numbers given for 10 megapixels
displays     of pumps, read as one number, by how well they can be read: whole litres right, given and
             right, given and wrong
meters       the same for all digits of power meters' displays
rolls        of counters that are in no other fold, one picture each: whole steps right; of those on their way
             to the next digit, right if either is read, and tenths right
sudokus, sudokus_mixed
             digits in their cells found, and how many of those given in the grid are right
screenshots  the same for digits among words; some there have no box, so only what is given in one counts
plates       runs of two digits and more found, and how many of the numbers given on a plate are right

Any reader is measured by the same functions: it is a function from pixels to what it found, a list of
`Number`. A number is *given* when the reader calls it sure, and *found* when it is given and right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from windowpane.data.faces import background, split
from windowpane.data.glyphs import glyphs
from windowpane.data.pages import Page, lines, pages
from windowpane.data.scenes import ycor
from windowpane.evaluate.measures.numbers import (
    Counts,
    Number,
    digits_of,
    in_cells,
    in_text,
    middle_of,
    roll_error,
    row_text,
    shows,
    within,
)
from windowpane.evaluate.testsets import prose_pages
from windowpane.images import load
from windowpane.read.reader import Reader
from windowpane.read.reading import Reading

Pixels = NDArray[np.uint8]
Row = dict[str, Any]
Reads = Callable[[Pixels], Sequence[Number]]
Use = Literal["page", "line", "digit"]

BARE = ("hays", "bsds500")
"""Sets of photographs without faces in which there are no numbers either; urtho has pages, maps and games."""
PROSE = 20
"""Pages composed of words."""
TENTHS = 0.2
"""Steps by which a roll may be misread on its way to the next digit."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A picture and what is known of its text.

    Attributes
    ----------
    picture
        Its path, or (H, W, 3) uint8 RGB.
    page
        Where it says what.
    """

    picture: Path | Pixels
    page: Page

    @property
    def pixels(self) -> Pixels:
        """The picture, (H, W, 3) uint8 RGB."""
        return load(self.picture) if isinstance(self.picture, Path) else self.picture


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a reader found in a picture.

    Attributes
    ----------
    numbers
        All that it tells, sure or not.
    pixels
        How many the picture has.
    seconds
        From decoded pixels to numbers.
    """

    numbers: Sequence[Number]
    pixels: int
    seconds: float

    @property
    def given(self) -> list[Number]:
        """The numbers that the reader calls sure."""
        return [number for number in self.numbers if number.accepted]


Pairs = Sequence[tuple[Asked, Answer]]


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A test set.

    Attributes
    ----------
    asked
        From the data root, a folder of typefaces and a seed to the pictures.
    rows
        From pictures and answers to the rows of the table.
    use
        Whether a picture is a page, a line with one number, or one digit, cut out.
    """

    asked: Callable[[Path, Path, int], list[Asked]]
    rows: Callable[[Pairs], Iterator[Row]]
    use: Use = "page"


def evaluate(
    name: str, net: str | Path, root: Path, fonts: Path, seed: int = 0, limit: int | None = None
) -> list[Row]:
    """Return the rows of a set for a net, as `measured` says, with the ``seed`` of what is composed.

    Parameters
    ----------
    name
        A key of `SETS`.
    net
        A name that ships or the path of a net file.
    root
        Of the data sets.
    fonts
        The folder of typefaces.
    limit
        At most so many pictures, spread evenly over the set; None takes all.

    Raises
    ------
    DataError
        For data or typefaces that are not there, NetFileError.
    """
    asked = spread(SETS[name].asked(root, fonts, seed), limit)
    answers = answers_of(reader_of(net, SETS[name].use), asked)
    return [{"seed": seed} | row for row in measured(name, asked, answers)]


def spread(asked: Sequence[Asked], limit: int | None) -> list[Asked]:
    """Return at most so many pictures, evenly over all."""
    if limit is None or limit >= len(asked):
        return list(asked)
    return [asked[place] for place in np.linspace(0, len(asked) - 1, limit).astype(int)]


def measured(name: str, asked: Sequence[Asked], answers: Sequence[Answer]) -> list[Row]:
    """Return the rows of a set, given a reader's answers to its pictures.

    Each row has ``set``, ``count`` (pictures), ``what``, its measures (shares, 0..1, unless they are called
    otherwise), and ``seconds``, the median over all pictures of the set.
    """
    pairs = list(zip(asked, answers, strict=True))
    seconds = median(answer.seconds for answer in answers) if answers else 0.0
    return [{"set": name, **row, "seconds": seconds} for row in SETS[name].rows(pairs)]


def answers_of(reads: Reads, asked: Iterable[Asked]) -> list[Answer]:
    """Let a reader read pictures one by one."""
    answers = []
    for one in asked:
        pixels = one.pixels
        started = perf_counter()
        numbers = reads(pixels)
        answers.append(Answer(numbers, pixels.shape[0] * pixels.shape[1], perf_counter() - started))
    return answers


def reader_of(net: str | Path, use: Use) -> Reads:
    """Return how `Reader` reads pages, lines, or single digits, as a user would."""
    reader = Reader(net, length=1, counter=True) if use == "digit" else Reader(net)
    if use == "page":
        return lambda pixels: [number_of(reading) for reading in reader.read_page(pixels)]
    return lambda pixels: [number_of(reader.answer(pixels))]


def number_of(reading: Reading) -> Number:
    """Return a reading as a number of the measures."""
    digits = tuple(digit.box for digit in reading.digits)
    return Number(reading.text, reading.confidence, not reading.rejected, reading.box, digits)


# -- Pictures ----------------------------------------------------------------------------------------------


def _of_pages(name: str, root: Path, _fonts: Path, _seed: int) -> list[Asked]:
    return [Asked(page.path, page) for page in pages(root, name, "test")]


def _rolls(root: Path, _fonts: Path, _seed: int) -> list[Asked]:
    one = glyphs(root, "rolls", "test")
    return [Asked(pixels, _known(text)) for pixels, text in zip(one.images, one.texts.tolist(), strict=True)]


def _no_numbers(root: Path, fonts: Path, seed: int) -> list[Asked]:
    paths = [path for name in BARE for path in split(background(root, name), "test")]
    paths += [scene.picture for scene in ycor(root, to_test=True).scenes]
    bare, prose = _known("", "photographs"), _known("", "prose")
    return [Asked(path, bare) for path in paths] + [
        Asked(page, prose) for page in prose_pages(fonts, seed=seed, count=PROSE)
    ]


def _known(text: str, note: str = "") -> Page:
    """Return what is known of a picture without corners."""
    return Page(Path(), np.full((1, 4, 2), np.nan), (text,), (note,), True)


# -- Rows --------------------------------------------------------------------------------------------------


def _shares(what: str, counts: Sequence[Counts]) -> Row:
    total = sum(counts, Counts())
    return {
        "count": len(counts),
        "what": what,
        "asked": total.asked,
        "found": total.recall,
        "given": total.given,
        "given_right": total.precision,
    }


def _text_rows(pairs: Pairs) -> Iterator[Row]:
    counts = [in_text([one.text for one in answer.given], lines(asked.page)) for asked, answer in pairs]
    yield _shares("three digits and more", counts)


def _cell_rows(between: bool, pairs: Pairs) -> Iterator[Row]:
    yield _shares(
        "digits",
        [
            in_cells(answer.given, asked.page.corners, asked.page.texts, between=between)
            for asked, answer in pairs
        ],
    )


def _plate_rows(pairs: Pairs) -> Iterator[Row]:
    counts = []
    for asked, answer in pairs:
        plates = [
            in_text([one.text for one in answer.given if within(quad, middle_of(one))], [text], least=2)
            for quad, text in zip(asked.page.corners, asked.page.texts, strict=True)
        ]
        counts.append(sum(plates, Counts()))
    yield _shares("two digits and more", counts)


def _false_rows(pairs: Pairs) -> Iterator[Row]:
    for kind, here in _by_note(pairs, ("photographs", "prose")):
        given = sum(len(answer.given) for _, answer in here)
        megapixels = sum(answer.pixels for _, answer in here) / 1e6
        yield {"count": len(here), "what": kind, "given": given, "per_10_megapixels": 10 * given / megapixels}


def _display_rows(fits: Callable[[str, str], bool], kinds: Sequence[str], pairs: Pairs) -> Iterator[Row]:
    for kind, here in _by_note(pairs, kinds):
        right = [fits(row_text(answer.numbers), asked.page.texts[0]) for asked, answer in here]
        sure = [fits(row_text(answer.given), asked.page.texts[0]) for asked, answer in here]
        given = [bool(answer.given) for _, answer in here]
        yield {
            "count": len(here),
            "what": kind or "all digits",
            "right": _mean(right),
            "found": _mean(sure),
            "wrong": _mean(given) - _mean(sure),
        }


def _same(text: str, whole: str) -> bool:
    return text == digits_of(whole)


def _roll_rows(pairs: Pairs) -> Iterator[Row]:
    groups: dict[str, list[tuple[str, str]]] = {"whole steps": [], "on their way": []}
    for asked, answer in pairs:
        text, value = "".join(one.text for one in answer.numbers), asked.page.texts[0]
        groups["on their way" if value.partition(".")[2].strip("0") else "whole steps"].append((text, value))
    errors = {kind: [roll_error(*one) for one in here] for kind, here in groups.items()}
    if whole := errors["whole steps"]:
        right = [error is not None and error < 0.5 for error in whole]
        yield {"count": len(whole), "what": "whole steps", "right": _mean(right)}
    if moving := errors["on their way"]:
        yield {
            "count": len(moving),
            "what": "on their way",
            "right": _mean([error is not None and error < 1 for error in moving]),
            "tenths_right": _mean([error is not None and error <= TENTHS + 1e-6 for error in moving]),
        }


def _by_note(pairs: Pairs, notes: Iterable[str]) -> Iterator[tuple[str, Pairs]]:
    """Yield of each note the pictures that have it, where there are any."""
    for note in notes:
        if here := [pair for pair in pairs if pair[0].page.notes[0] == note]:
            yield note, here


def _mean(flags: Sequence[bool]) -> float:
    return sum(flags) / max(1, len(flags))


SETS = {
    "forms": NumberSet(partial(_of_pages, "forms"), _text_rows),
    "receipts": NumberSet(partial(_of_pages, "receipts"), _text_rows),
    "no_numbers": NumberSet(_no_numbers, _false_rows),
    "displays": NumberSet(
        partial(_of_pages, "displays"), partial(_display_rows, shows, ("HQ", "MQ", "LQ")), use="line"
    ),
    "meters": NumberSet(partial(_of_pages, "meters"), partial(_display_rows, _same, ("",)), use="line"),
    "rolls": NumberSet(_rolls, _roll_rows, use="digit"),
    "sudokus": NumberSet(partial(_of_pages, "sudokus"), partial(_cell_rows, True)),
    "sudokus_mixed": NumberSet(partial(_of_pages, "sudokus_mixed"), partial(_cell_rows, True)),
    "screenshots": NumberSet(partial(_of_pages, "screenshots"), partial(_cell_rows, False)),
    "plates": NumberSet(partial(_of_pages, "plates"), _plate_rows),
}
"""The test sets by name."""
