"""How well each number would do as the postcode of the address (log-linear model): P(place) times P(digits).

Of every candidate some features are taken: how surely it is read, whether it is in the list, where it stands
on the page, what stands around it. A weighted sum of them, its score, makes the probability that the code
stands there (softmax over all candidates, and one more for "it is none of these"). The weights are learned
from composed envelopes, see tools/fit_mail.py.

Source: Berger, Della Pietra & Della Pietra 1996, "A maximum entropy approach to natural language processing".
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.calibration import Platt
from windowpane.read.mail.candidates import Candidate
from windowpane.read.mail.countries import Country
from windowpane.read.mail.surroundings import Surroundings
from windowpane.read.reading import Reading

FEATURES = (
    *("constant", "sure", "plainly sure", "listed", "listed in a short list"),
    *("x", "y", "x x", "y y", "x y", "taller than others", "tall", "neighbours"),
    *("writing left", "writing right", "as the country writes it", "rows above", "two above", "rows below"),
    *("last row", "aligned", "numbers below"),
    *("joined", "first digits", "last digits", "digits missing", "twice"),
)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a candidate.

    Attributes
    ----------
    candidate
        The candidate.
    reading
        Of its place, under the list of codes.
    around
        What stands around it.
    density
        The share of all numbers of that length that are codes.
    """

    candidate: Candidate
    reading: Reading
    around: Surroundings
    density: float


def features(evidence: Sequence[Evidence], size: tuple[int, int], country: Country | None) -> Floats:
    """Return the features of candidates, (N, F), on a page of a size, height and width."""
    heights = [one.candidate.height for one in evidence if one.candidate.confidence > 0.5]
    usual = float(np.median(heights)) if heights else 1.0
    rows = []
    for one in evidence:
        others = [other.candidate for other in evidence if other is not one]
        row = [1.0, *_reading(one), *_place(one.candidate, size, usual), *_around(one.around, country)]
        rows.append(row + _among(one.candidate, others))
    return np.array(rows, np.float64).reshape(len(rows), len(FEATURES))


def _reading(one: Evidence) -> list[float]:
    listed = one.candidate.text == one.reading.text
    plainly = _odds(one.candidate.confidence)
    return [_odds(one.reading.confidence), plainly, float(listed), listed * -math.log10(one.density)]


def _place(candidate: Candidate, size: tuple[int, int], usual: float) -> list[float]:
    x0, y0, x1, y1 = candidate.box
    x, y = (x0 + x1) / size[1] - 1, (y0 + y1) / size[0] - 1
    tall = max(candidate.height, 1.0)
    relative = math.log(tall / usual), math.log(30 * tall / max(size))
    return [x, y, x * x, y * y, x * y, *relative, min(candidate.neighbours, 2) / 2]


def _around(around: Surroundings, country: Country | None) -> list[float]:
    left, right = around.left > 0.3, around.right > 0.3
    ways = {"before": right and not left, "after": left and not right, "alone": not left and not right}
    custom = ways[country.place] if country else any(ways.values())
    above, below = min(around.above, 3), min(around.below, 3)
    return [left, right, custom, above / 3, above > 1, below / 3, below == 0, around.aligned]


def _among(one: Candidate, others: Sequence[Candidate]) -> list[float]:
    """Return how a candidate stands to all others: how many are below it, and whether it is there twice."""
    sure = [other for other in others if other.confidence > 0.5 and other.cut == "whole"]
    lower = {round(other.box[1] / one.height) for other in sure if _under(other, one)}
    twice = any(other.text == one.text and not _overlap(one, other) for other in others)
    cuts = [one.cut == cut for cut in ("joined", "first", "last", "grown")]
    return [min(len(lower), 2) / 2, *cuts, twice]


def _under(other: Candidate, one: Candidate) -> bool:
    high = one.height
    return 0.6 * high < other.box[1] - one.box[1] < 9 * high and abs(other.box[0] - one.box[0]) < 14 * high


def _overlap(one: Candidate, other: Candidate) -> bool:
    across = min(one.box[2], other.box[2]) > max(one.box[0], other.box[0])
    return across and min(one.box[3], other.box[3]) > max(one.box[1], other.box[1])


def _odds(probability: float) -> float:
    p = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p)) / 3


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the features, and what makes their answer a calibrated one.

    Attributes
    ----------
    values
        (F,) of the features.
    calibration
        From the probability of a code to its confidence.
    threshold
        Codes less sure than this are rejected.
    """

    values: Floats
    calibration: Platt
    threshold: float

    def probabilities(self, rows: Floats) -> Floats:
        """Return for each candidate the probability that the code stands there, (N,), with a sum below 1."""
        scores = rows @ self.values
        top = max(0.0, float(scores.max(initial=0.0)))
        shares = np.exp(scores - top)
        return np.asarray(shares / (shares.sum() + math.exp(-top)))


@cache
def weights(known: bool) -> Weights:
    """Return the weights that ship: for envelopes whose country is known, or not."""
    table: dict[str, Any] = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
    row = table["country known" if known else "any country"]
    values = np.array([row["weights"][name] for name in FEATURES], np.float64)
    return Weights(values, Platt(*row["calibration"]), float(row["threshold"]))
