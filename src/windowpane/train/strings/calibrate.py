"""A finder's weights for what counts on a page, and its threshold, set on the validation set (calibration).

Pages are read with the reader that ships: composed ones, real ones, and pictures without text. The curve
gives a reading the probability that it is a number and the right one. The threshold is the one at which few
enough of the accepted readings are wrong, on real pages (composed ones are made harder) and on pictures
without a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.netfile import NetFile, save
from windowpane.data.pages import Page, words
from windowpane.data.writing.blocks import Stock
from windowpane.data.writing.pages import compose
from windowpane.evaluate.measures.confidence import accepted_at_error
from windowpane.evaluate.testsets import prose_pages
from windowpane.images import load
from windowpane.read.pages.choice import FEATURES, KEY, PageCurve, features
from windowpane.read.reader import Reader
from windowpane.train.strings.config import Config

Floats = NDArray[np.float64]

PAGE = (560, 420)  # of composed pages, height and width, pixels
HEIGHTS = (10.0, 40.0)  # of digits on them
NEAR = 0.6  # heights: so far outside a string's corners its reading's middle may be
SIZES = (1.0, 0.7, 1.6)  # in which each picture without text is looked at, as it is and mirrored
WRONG = 0.15  # of the accepted readings, at most; a piece of a number, or two as one, is wrong here too


@dataclass(frozen=True, slots=True)
class Truth:
    """A page with the strings on it.

    Attributes
    ----------
    corners
        (n, 4, 2) of the strings; texts: their digits.
    """

    pixels: NDArray[np.uint8]
    corners: Floats
    texts: Sequence[str]

    def says(self, x: float, y: float, text: str) -> bool:
        """Whether this text is at a place."""
        for corners, known in zip(self.corners, self.texts, strict=True):
            if known == text:
                reach = NEAR * float(np.hypot(*(corners[3] - corners[0])))
                if cv2.pointPolygonTest(corners.astype(np.float32), (x, y), True) > -reach:
                    return True
        return False


def calibrate(path: Path, file: NetFile, stock: Stock, real: Sequence[Page], config: Config) -> None:
    """Write a finder's net file with the curve and the threshold.

    Parameters
    ----------
    stock, real
        Of the validation set: what pages are composed of, and pages with all their text.
    """
    reader = Reader(config.reader, finder=file, threads=config.threads)
    weighed, right, found, numbers = [np.zeros((0, len(FEATURES)))], [np.zeros(0, np.bool_)], 0, 0
    kept: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for place, truth in enumerate(chain(map(_real, real), _composed(stock, config))):
        features_of, right_of = _judged(reader, truth)
        weighed.append(features_of)
        right.append(right_of)
        kept.append(np.full(len(right_of), place < len(real) or not real))
        found, numbers = found + int(right_of.sum()), numbers + len(truth.texts)
    false = [np.zeros((0, len(FEATURES)))]
    nowhere, none = np.zeros((0, 4, 2)), list[str]()
    looks = [look for picture in stock.pictures for look in _looks(picture)]
    false += [_judged(reader, Truth(look, nowhere, none))[0] for look in looks]
    for page in _prose(config):
        weighed.append(_judged(reader, Truth(page, nowhere, none))[0])
        right.append(np.zeros(len(weighed[-1]), np.bool_))
        kept.append(np.zeros(len(weighed[-1]), np.bool_))
    megapixels = sum(look.size for look in looks) / 1e6
    allowed = math.ceil(config.false_numbers * megapixels / 10)  # one may be there after all
    seen, true, of_real = np.concatenate(weighed), np.concatenate(right), np.concatenate(kept)
    curve, threshold = _fitted(seen, true, of_real, np.concatenate(false), allowed)
    kept_aside = {
        "numbers": numbers,
        "found": round(found / max(1, numbers), 4),
        "megapixels": round(megapixels, 1),
    }
    manifest = replace(
        file.manifest,
        threshold=round(threshold, 6),
        settings=file.manifest.settings | {KEY: curve.to_settings()},
        card=file.manifest.card | {"kept_aside": kept_aside},
    )
    save(path, file.data, manifest)


def _fitted(
    weighed: Floats, right: NDArray[np.bool_], real: NDArray[np.bool_], false: Floats, allowed: int
) -> tuple[PageCurve, float]:
    """Return the curve, and the least threshold at which few enough accepted readings are wrong.

    Parameters
    ----------
    weighed, right, real
        Of the readings on pages; which of them are of pages that count for the threshold.
    false
        Of those on pictures without text.
    allowed
        How many of the latter may be accepted.
    """
    everything = np.concatenate([weighed, false])
    curve = PageCurve.fit(everything, np.append(right, np.zeros(len(false), np.bool_)))
    confidence = np.array([curve.confidence(one) for one in weighed[real]])
    _, threshold = accepted_at_error(confidence, right[real], WRONG)
    surest = np.sort([0.0, *(curve.confidence(one) for one in false)])[::-1]
    return curve, max(threshold, float(surest[min(allowed, len(surest) - 1)]) + 1e-6)


def _judged(reader: Reader, truth: Truth) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what is weighed of each reading on a page, and whether it is right."""
    some = [one for one in reader.spotted(truth.pixels) if one.reading.text]
    right = []
    for one in some:
        x0, y0, x1, y1 = one.reading.box
        right.append(truth.says((x0 + x1) / 2, (y0 + y1) / 2, one.reading.text))
    weighed = np.array([features(one) for one in some]).reshape(-1, len(FEATURES))
    return weighed, np.array(right, np.bool_)


def _looks(picture: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Yield a picture without text in some sizes, as it is and mirrored."""
    for size in SIZES:
        seen = np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
        yield seen
        yield np.ascontiguousarray(seen[:, ::-1])


def _prose(config: Config) -> Iterator[NDArray[np.uint8]]:
    """Yield pages of words without a number, in the typefaces that are learned from."""
    if config.tuning_prose:
        fonts, count = Path(config.fonts), config.tuning_prose
        yield from prose_pages(fonts, seed=config.seed, count=count, held_out=False)


def _composed(stock: Stock, config: Config) -> Iterator[Truth]:
    rng = np.random.default_rng((config.seed, 2))
    for _ in range(config.tuning_pages):
        page = compose(rng, stock, *PAGE, heights=HEIGHTS)
        numbers = page.numbers()
        corners = np.array([number.corners for number in numbers]).reshape(-1, 4, 2)
        yield Truth(page.pixels, corners, [number.digits for number in numbers])


def _real(page: Page) -> Truth:
    parted = words(page)
    digits = ["".join(c for c in text if c.isdigit()) for text in parted.texts]
    kept = [place for place, text in enumerate(digits) if text]
    return Truth(load(page.path), parted.corners[kept], [digits[place] for place in kept])
