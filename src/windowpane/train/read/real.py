"""Lines cut from pictures of real sets (data augmentation): receipts, counters, displays, sudokus, plates.

Of most it is known what they say, not where each character stands. What is cut out is varied a little: the
margins, the size, light and sharpness, and now and then dark and light change places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.glyphs import glyphs
from windowpane.data.pages import pages
from windowpane.data.split import Fold
from windowpane.data.writing.lines import Picture
from windowpane.images import load
from windowpane.read.looks.frames import panels
from windowpane.train.read.symbols import LETTER, OPEN, SOME_DIGIT

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Draw = Callable[[Rng], Picture]

STEADY = 0.31  # of a step that a roll has turned on, at most, or lacks: then one digit is what it shows
CENTS = 2  # digits behind the point of a pump's display
SEPARATORS = ".,-/:"
UNTOLD = {LETTER: f"{LETTER}-."}  # a plate's text leaves out what stands between its characters


def receipts(root: Path, fold: Fold) -> Draw:
    """Return what draws a line of text from the receipts of a fold."""
    lines = [
        (page.path, corners, script)
        for page in pages(root, "receipts", fold)
        for corners, text in zip(page.corners, page.texts, strict=True)
        if 0 < len(script := script_of(text)) <= 26
    ]
    with_digits = [line for line in lines if any(map(str.isdigit, line[2]))]

    def draw(rng: Rng) -> Picture:
        some = with_digits if rng.random() < 0.75 else lines
        path, corners, script = some[rng.integers(len(some))]
        return _picture(rng, _cut(rng, load(path), corners, 0.12), script)

    return draw


def plates(root: Path, fold: Fold) -> Draw:
    """Return what draws a number plate of a fold."""
    found = [
        (page.path, corners, "".join(UNTOLD.get(c, c + OPEN) for c in script_of(text)))
        for page in pages(root, "plates", fold)
        for corners, text in zip(page.corners, page.texts, strict=True)
    ]

    def draw(rng: Rng) -> Picture:
        path, corners, script = found[rng.integers(len(found))]
        return _picture(rng, _cut(rng, load(path), corners, 0.15), script)

    return draw


def sudokus(root: Path, fold: Fold) -> Draw:
    """Return what draws a cell of a sudoku with its digit, and some of the lines around it."""
    cells = [
        (page.path, corners, text)
        for page in pages(root, "sudokus", fold)
        for corners, text in zip(page.corners, page.texts, strict=True)
    ]

    def draw(rng: Rng) -> Picture:
        path, corners, text = cells[rng.integers(len(cells))]
        return _picture(rng, _cut(rng, load(path), corners, 0.1), text, centred=True)

    return draw


def displays(root: Path, fold: Fold) -> Draw:
    """Return what draws the panel of a fuel pump: the litres, and two digits that are not told."""
    found = [(page.path, page.texts[0]) for page in pages(root, "displays", fold)]

    def draw(rng: Rng) -> Picture:
        while True:
            path, text = found[rng.integers(len(found))]
            some = panels(load(path))
            if some:
                script = f"{text.lstrip('0') or '0'}{OPEN}{SOME_DIGIT * CENTS}"
                return _picture(rng, some[0].pixels, script)

    return draw


def rolls(root: Path, fold: Fold) -> Draw:
    """Return what draws a counter: rolls of one counter side by side, each at a whole step or nearly."""
    every = glyphs(root, "rolls", fold)
    values = every.texts.astype(np.float64)
    nearest = np.round(values)
    steady = np.abs(values - nearest) < STEADY
    every, shown = every.where(steady), (nearest[steady] % 10).astype(int)
    counters = {name: np.flatnonzero(every.sources == name) for name in np.unique(every.sources).tolist()}
    groups = list(counters.values())
    sizes = np.sqrt([len(group) for group in groups])

    def draw(rng: Rng) -> Picture:
        group = groups[rng.choice(len(groups), p=sizes / sizes.sum())]
        chosen = rng.choice(group, int(rng.integers(1, 8)))
        gap = int(rng.integers(0, 9))
        pieces = [cv2.copyMakeBorder(every.images[i], 0, 0, 0, gap, cv2.BORDER_REPLICATE) for i in chosen]
        strip = np.concatenate(pieces, axis=1)
        middles = np.arange(len(chosen)) * (20 + gap) + 10.0
        return _picture(rng, strip, "".join(str(shown[i]) for i in chosen), middles)

    return draw


KINDS = {
    "receipts": receipts,
    "plates": plates,
    "sudokus": sudokus,
    "displays": displays,
    "rolls": rolls,
}
"""The kinds of real lines, by name; each makes, of the data root and a fold, what draws a picture."""


def script_of(text: str) -> str:
    """Return the script of a transcript: letters are ``?``, and signs that are no separators left out."""
    kept = (c if c in SEPARATORS or c in "0123456789" else LETTER if c.isalpha() else "" for c in text)
    return "".join(kept)


def _cut(rng: Rng, page: Pixels, corners: NDArray[np.float64], sway: float) -> Pixels:
    """Cut four corners out of a page, level, with margins that vary by a share of the height."""
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    width, height = float(np.hypot(*across)), float(np.hypot(*down))
    unit_x, unit_y = across / max(width, 1), down / max(height, 1)
    left, top, right, bottom = height * rng.uniform(-0.3 * sway, sway, 4)
    start = corners[0] - unit_x * left - unit_y * top
    size = max(8, round(width + left + right)), max(8, round(height + top + bottom))
    matrix = np.column_stack([unit_x, unit_y, start])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(page, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _picture(
    rng: Rng,
    pixels: Pixels,
    script: str,
    middles: Sequence[float] | NDArray[np.floating] = (),
    *,
    centred: bool = False,
) -> Picture:
    """Return a picture of a script, varied in size, light and sharpness; its middles may be known."""
    height, width = pixels.shape[:2]
    zoom_x, zoom_y = np.exp(rng.normal(0, 0.1, 2)) * rng.uniform(0.6, 1.3) * min(1.0, 64 / height)
    zoom_x, zoom_y = (max(zoom, 14 / height) for zoom in (zoom_x, zoom_y))
    size = max(8, round(width * zoom_x)), max(8, round(height * zoom_y))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if zoom_y < 1 else cv2.INTER_LINEAR)
    light = (small.astype(np.float32) - 128) * rng.uniform(0.6, 1.15) + 128 + rng.uniform(-30, 30)
    if rng.random() < 0.4:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.3, 1.1))), np.float32)
    light += rng.normal(0, rng.uniform(0, 6), light.shape[:2])[..., None]
    if rng.random() < 0.08:
        light = 255 - light
    digits = "".join(c for c in script if c.isdigit())
    where = [width / 2] if centred else middles
    known = np.array(where, np.float32) * (size[0] / width)
    places = known if len(known) == len(script) else np.full(len(script), np.nan, np.float32)
    centres = known if len(known) == len(digits) else np.full(len(digits), np.nan, np.float32)
    return Picture(np.clip(light, 0, 255).astype(np.uint8), digits, centres, script, places)
