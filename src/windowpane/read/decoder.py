"""From the votes on lines to readings (decoder): the best strings, how probable they are, where digits stand.

candidates = decoder.candidates(batch)      # of each line the best strings, an n-best list
decoder.decided(candidates)                 # calibrated, with places in the caller's picture
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import cv2
import numpy as np

from windowpane.core.calibration import Platt, log_odds
from windowpane.core.windows import Window
from windowpane.read.alphabet.marks import Beside, letters, separators
from windowpane.read.lattice import Floats, Lattice, Length
from windowpane.read.lexicon import Lexicon
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT, MARGIN, Line
from windowpane.read.reading import Alternative, Box, Digit, Reading
from windowpane.read.votes import Scores

FAINTEST = 0.01  # alternatives less probable than this are not worth a word
LAPSE = 0.01  # how often a picture does not obey the rule (length, lexicon) that the caller gave


@dataclass(frozen=True, slots=True, eq=False)
class LineBatch:
    """What the net says of N lines that were run together, whose widths need not be the same.

    Attributes
    ----------
    lines
        The lines.
    maps
        For each head (N, 11, T_h) log-probabilities.
    voted
        (N, 11, T), the vote on them: ten digits and 'none'.
    marks
        (N, 6, T), the vote on what is no digit, see `windowpane.read.alphabet.labels.MARKS`.
    lattice
        Of the vote.
    """

    lines: Sequence[Line]
    maps: Sequence[Scores]
    voted: Scores
    marks: Scores
    lattice: Lattice


@dataclass(frozen=True, slots=True, eq=False)
class StringCandidates:
    """The best strings of line number ``row`` of a batch with their probabilities, best first."""

    batch: LineBatch
    row: int
    strings: list[tuple[str, float]]

    @property
    def line(self) -> Line:
        """The line."""
        return self.batch.lines[self.row]

    @property
    def marks(self) -> Scores:
        """The vote on the marks of the line, (6, T)."""
        return np.asarray(self.batch.marks[self.row])


def together(candidates: Sequence[StringCandidates]) -> list[list[int]]:
    """Return which candidates are of one batch: what is asked of its lattice is asked of all at once."""
    groups: dict[int, list[int]] = {}
    for index, one in enumerate(candidates):
        groups.setdefault(id(one.batch), []).append(index)
    return list(groups.values())


def probabilities(candidates: Sequence[StringCandidates], texts: Sequence[str]) -> Floats:
    """Return the probabilities of strings, (n,), each on the line of its candidates."""
    found = np.empty(len(texts))
    for members in together(candidates):
        some = candidates[members[0]].batch.lattice.lines([candidates[index].row for index in members])
        found[members] = np.exp(some.log_probability([texts[index] for index in members]))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A reading, the candidates that it comes from, and the columns where their lattice has its digits."""

    candidates: StringCandidates
    columns: tuple[int, ...]
    reading: Reading

    @property
    def beside(self) -> Beside:
        """How probable it is that letters stand beside the digits: then it may be no number."""
        return letters(self.candidates.marks, self.columns)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Makes readings of votes.

    Parameters
    ----------
    window
        Of a column of the votes.
    length, lexicon
        The rules that a string has to obey.
    top
        How many alternatives a reading has at most.
    threshold
        Readings less sure than this are rejected.
    calibration
        From the probability of a string to its confidence.
    separators
        Whether points, commas and the like are part of the answer.
    """

    window: Window
    length: Length
    lexicon: Lexicon | None
    top: int
    threshold: float
    calibration: Platt
    separators: bool = False

    def candidates(self, batch: LineBatch) -> list[StringCandidates]:
        """Find the best strings of each line, with their probabilities.

        Where the shortest path of all leaves no doubt and is valid, it is the only one.
        """
        best = [path.text for path in batch.lattice.shortest_paths(self.length)]
        chances = np.exp(batch.lattice.log_probability(best)).tolist()
        strings = [[pair] for pair in zip(best, chances, strict=True)]
        doubtful = [row for row, (pair,) in enumerate(strings) if self._is_doubtful(*pair)]
        for row, some in zip(doubtful, self._n_best(batch.lattice, doubtful), strict=True):
            strings[row] = some
        return [StringCandidates(batch, row, some) for row, some in enumerate(strings)]

    def _is_doubtful(self, text: str, probability: float) -> bool:
        return probability < 1 - FAINTEST or (self.lexicon is not None and text not in self.lexicon)

    def _n_best(self, lattice: Lattice, rows: Sequence[int]) -> list[list[tuple[str, float]]]:
        """Return of some lines one string more than there are alternatives, the most probable first."""
        if not rows:
            return []
        if self.lexicon is None:
            found = lattice.lines(rows).n_best(self.length, self.top + 1)
        else:
            paths = (lattice.best_strings(row, self.length, self.lexicon, self.top + 1) for row in rows)
            found = [[path.text for path in some] for some in paths]
        found = [texts or [""] for texts in found]
        asked = lattice.lines([row for row, texts in zip(rows, found, strict=True) for _ in texts])
        chances = iter(np.exp(asked.log_probability(list(chain.from_iterable(found)))).tolist())
        pairs = [[(text, next(chances)) for text in texts] for texts in found]
        return [sorted(some, key=lambda pair: -pair[1]) for some in pairs]

    def decided(self, candidates: Sequence[StringCandidates]) -> list[Decision]:
        """Return for each line the reading of its first candidate; lines of a batch are done together."""
        decisions: dict[int, Decision] = {}
        for members in together(candidates):
            some = [candidates[index] for index in members]
            lattice = some[0].batch.lattice.lines([one.row for one in some])
            posteriors, columns = lattice.digit_posteriors([one.strings[0][0] for one in some])
            sure = self.calibration.of_logits(log_odds(posteriors)).tolist()
            decisions |= zip(members, map(self._decision, some, sure, columns.tolist()), strict=True)
        return [decisions[index] for index in range(len(candidates))]

    def _decision(self, one: StringCandidates, sure: list[float], columns: list[int]) -> Decision:
        text = one.strings[0][0]
        probabilities = [probability for _, probability in one.strings]
        if self.length is not None or self.lexicon is not None:
            probabilities = under_rule(probabilities)
        confidence = self.calibration.of_probability(probabilities[0])
        left = (1 - confidence) / max(1 - probabilities[0], 1e-12)  # left to all other strings
        others = [(t, left * p) for (t, _), p in zip(one.strings[1:], probabilities[1:], strict=True)]
        alternatives = tuple(Alternative(t, p) for t, p in others if p >= FAINTEST)[: self.top]
        columns = columns[: len(text)]
        boxes = self._digit_boxes(one.line, columns)
        digits = tuple(map(Digit, text, boxes, sure))
        place = _around(boxes or [_band(one.line)])
        if self.separators:
            text, chance = _with_separators(text, separators(one.marks, columns))
            confidence *= chance
        reading = Reading(text, confidence, confidence < self.threshold, digits, alternatives, place)
        return Decision(one, tuple(columns), reading)

    def _digit_boxes(self, line: Line, columns: Sequence[int]) -> list[Box]:
        """Return the boxes of digits, in pixels of the picture: the ink between neighbours' middles."""
        _, ink = cv2.threshold(line.ink, 100, 1, cv2.THRESH_BINARY)
        first, step = self.window.centre(0, 0)[0], self.window.stride[1]
        centres = [first + step * column for column in columns]
        edges = [0.0, *((a + b) / 2 for a, b in pairwise(centres)), float(ink.shape[1])]
        reach = 0.7 * DIGIT_HEIGHT
        boxes = []
        for x, (left, right) in zip(centres, pairwise(edges), strict=False):  # no digits, no boxes
            a, b = round(max(left, x - reach)), round(min(right, x + reach))
            dx, y, width, height = cv2.boundingRect(ink[:, a:b])
            if not width:
                dx, y, width, height = 0, 0, b - a, HEIGHT
            corners = (*line.to_picture(a + dx, y), *line.to_picture(a + dx + width, y + height))
            boxes.append(corners)
        return boxes


def under_rule(probabilities: Sequence[float]) -> list[float]:
    """Return the probabilities of strings that obey a rule, given that it holds but for a lapse now and then.

    What is left of their sum is that of strings that break the rule or are less likely; it counts a
    hundredth. So a blank picture is not read with confidence just because five digits were asked for, and "1
    or 7?" is settled by the lexicon.

    Parameters
    ----------
    probabilities
        Of the best strings that obey it, without regard to the rule.
    """
    obeying = sum(probabilities)
    total = obeying + max(0.0, 1 - obeying) * LAPSE
    return [p / total for p in probabilities]


def _with_separators(text: str, written: tuple[list[str], float]) -> tuple[str, float]:
    """Return digits with what is written before each, and how probable that is."""
    before, sure = written
    return "".join(mark + digit for mark, digit in zip(before, text, strict=True)), sure


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _band(line: Line) -> Box:
    """Return the place of a line in its picture, without the margins."""
    x1, y1 = line.to_picture(line.ink.shape[1] - MARGIN, HEIGHT)
    return (*line.to_picture(MARGIN, 0), x1, y1)
