"""The lattice of digits and positions, and the shortest path through it (Viterbi decoding).

A line of T columns has scores for eleven labels at each: the ten digits, and 'none' for "no whole digit
here". The rows of the lattice are the order of the digits, its columns the positions on the line:

    3 digits read               ┌──>   ends upper right
    2 digits read         ┌─────┘      a step right  = 'none' at this column
    1 digit read     ┌────┘            a step up and right = the next digit, at this column and the next
    nothing read  ───┘                 starts lower left

A digit takes two columns, the one where it is emitted and the next: seen half-way between two columns it is
seen by both, and is neither read twice nor paid for twice. A digit at the last column ends with the line. So
digits are at least two columns apart, and "00000" stays five digits. The cost of a step is the negative
natural logarithm of its label's probability at its column, and of a path the sum of its steps. A string's
probability is that of all its paths, divided by that of all paths whatever they spell.

One recursion serves for everything. It starts from "nothing but 'none'", whose cost all paths share, and
adds the *odds* of each step up, log p(digit) - log p(none, none). With ``np.maximum`` as its sum it finds
shortest paths, with ``np.logaddexp`` total probabilities (Viterbi and forward algorithm).

A probability of zero counts as exp(-10000), so that costs stay finite.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (word recognition); LeCun et al. 1998, "Gradient-based
learning applied to document recognition", sections VI-VIII (Viterbi and forward scoring of a graph); Hart,
Nilsson, Raphael 1968 (best-first search with an admissible bound).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import heapify, heappop, heappush
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.read.lexicon import END, Lexicon
from windowpane.read.votes import Scores, log_sum

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Length = int | range | None
"""How many digits: so many, any of a range (its stop excluded, as ever), or any number from 0 on."""

NONE = 10
SPAN = 2  # columns that a digit takes
_ZERO = -1e4
_Steps = tuple[float, tuple[int, ...]]  # what they gain in all, and their columns


@dataclass(frozen=True, slots=True)
class Path:
    """A string of digits, and the shortest of its paths.

    Attributes
    ----------
    text
        The digits, ``""`` if there are none.
    columns
        Where each is emitted, rising.
    cost
        Negative natural logarithm of the path's probability.
    """

    text: str
    columns: tuple[int, ...]
    cost: float


class Lattice:
    """The lattices of N lines.

    Parameters
    ----------
    scores
        (N, 11, T) log-probabilities of the labels, float32 or float64; 'none' is the last one.
    widths
        (N,) how many columns of each line count; None = all.

    Raises
    ------
    ValueError
        If the arrays' shapes are wrong, as its methods do for a wrong number of strings, a string that holds
        anything but digits, and a negative length.
    """

    def __init__(self, scores: Scores, widths: Integers | None = None) -> None:
        if scores.ndim != 3 or scores.shape[1] != NONE + 1:
            raise ValueError(f"scores of shape {scores.shape} given; N lines have shape (N, 11, T)")
        logs = np.maximum(scores, _ZERO, dtype=np.float64)
        none = logs[:, NONE]
        outside = None
        if widths is not None:
            if np.shape(widths) != (len(scores),):
                raise ValueError(
                    f"widths of shape {np.shape(widths)} given; {len(scores)} lines need one each"
                )
            outside = np.arange(scores.shape[2]) >= np.asarray(widths)[:, None]
            none[outside] = 0.0
        self._none = none.sum(axis=1)
        none[:, :-1] += none[:, 1:]  # of both columns that a digit takes
        self._odds = logs[:, :NONE] - none[:, None]
        if outside is not None and outside.any():
            self._odds[np.broadcast_to(outside[:, None], self._odds.shape)] = -np.inf

    def __len__(self) -> int:
        return len(self._odds)

    def lines(self, rows: Sequence[int]) -> Lattice:
        """Return the lattice of some of the lines, which may be named more than once."""
        if list(rows) == list(range(len(self))):
            return self
        some = object.__new__(Lattice)
        some._none, some._odds = self._none[rows], self._odds[rows]
        some._any, some._all = self._any[rows], self._all[rows]
        return some

    def shortest_paths(self, length: Length = None) -> list[Path]:
        """Find the shortest path of each line.

        Of several allowed lengths that of least cost is taken, the shorter in a tie; 0 digits = nothing
        found. The cost is infinite, and there are no digits, where no path has an allowed length.
        """
        step, best_digit = self._odds.max(axis=1), self._odds.argmax(axis=1)
        find = _freely if length is None else partial(_of_length, counts=_lengths(length, step.shape[1]))
        paths = []
        for digits, none, (gain, columns) in zip(best_digit, self._none.tolist(), find(step), strict=True):
            text = "".join([str(digits[column]) for column in columns])
            paths.append(Path(text, columns, -(none + gain)))
        return paths

    def log_probability(self, strings: Sequence[str]) -> Floats:
        """Log-probability of one string on each line, among all strings of all lengths (forward algorithm).

        The result is (N,) float64, -inf where a line is too short for its string.
        """
        digits, counts = _digits(strings, len(self))
        steps = np.take_along_axis(self._odds, digits[:, :, None], axis=1)
        levels = _climb(steps.swapaxes(0, 1), np.logaddexp)
        return np.asarray(levels[counts, np.arange(len(self)), -1] - self._all)

    def digit_posteriors(self, strings: Sequence[str]) -> tuple[Floats, Integers]:
        """How sure each digit of a string is, given its neighbours: among all strings of the same length.

        The first answer is the probability that the i-th digit of the line is that of the string, (N, L)
        float64, 0 behind the string's end; the second the column where that digit most probably stands,
        (N, L) intp, -1 there.

        Parameters
        ----------
        strings
            One a line, at most L long.
        """
        digits, counts = _digits(strings, len(self))
        longest = digits.shape[1]
        both_ways = np.stack([self._any, self._any[:, ::-1]])
        before, after = _climb(
            np.broadcast_to(both_ways, (longest, *both_ways.shape)), np.logaddexp
        ).swapaxes(0, 1)
        after = after[..., ::-1]
        line, place = np.arange(len(self)), np.arange(longest)[:, None]
        follow = np.maximum(counts - place - 1, 0)  # how many digits come after each place, (L, N)
        at_column = before[:-1, :, :-SPAN] + self._odds[line, digits.T] + after[follow, line, SPAN:]
        everything = np.maximum(before[counts, line, -1], np.finfo(np.float64).min)  # -inf - -inf: no number
        total = np.logaddexp.reduce(at_column, axis=2) - everything
        is_digit = place < counts
        probabilities = np.where(is_digit, np.exp(np.minimum(total, 0.0)), 0.0)
        columns = np.where(is_digit, at_column.argmax(axis=2) if at_column.size else -1, -1)
        return probabilities.T, columns.T

    def n_best(self, length: Length = None, top: int = 1) -> list[list[str]]:
        """Find the ``top`` different strings of each line with the shortest paths, exactly, best first.

        Beam search over beginnings of strings of each length. A beginning is as good as the best string that
        starts with it, which one backward recursion tells for all; so no more than ``top`` need be kept.
        """
        lines, _, columns = self._odds.shape
        counts = _lengths(length, columns)
        if not counts:
            return [[] for _ in range(lines)]
        step = self._odds.max(axis=1)[:, ::-1]
        rest = _climb(np.broadcast_to(step, (counts[-1], *step.shape)), np.maximum)[..., ::-1]
        line = np.arange(lines)[:, None]
        gains = rest[counts, :, 0].T
        best = _best(gains, top)
        gain, left = gains[line, best], np.array(counts)[best]  # left: how many digits are still to come
        strings = np.full((*left.shape, counts[-1]), -1)
        before = np.zeros((*left.shape, columns))  # best gain of each beginning that ends before each column
        for place in range(int(left.max())):
            ends = before[:, :, None] + self._odds[:, None]
            gains = (ends + rest[left - 1, line][:, :, None, SPAN:]).max(axis=3)
            gains[left == 0] = -np.inf
            gains[..., 0] = np.where(left == 0, gain, gains[..., 0])  # whole strings stay as they are
            parent, digit = np.divmod(_best(gains.reshape(lines, -1), top), 10)
            gain, left, strings = gains[line, parent, digit], left[line, parent], strings[line, parent]
            strings[:, :, place] = np.where(left > 0, digit, -1)
            left = np.maximum(left - 1, 0)
            before = _before(ends[line, parent, digit])
        texts = np.reshape(_texts(strings.reshape(gain.size, -1)), gain.shape)
        return [some[possible].tolist() for some, possible in zip(texts, np.isfinite(gain), strict=True)]

    def best_strings(
        self, line: int, length: Length = None, lexicon: Lexicon | None = None, top: int = 1
    ) -> list[Path]:
        """Find the ``top`` different strings of one line with the shortest paths, exactly, best first.

        Best-first search over beginnings of strings. A beginning is bounded by the cheapest path that starts
        with it and goes on freely, which one backward recursion gives for all; so without a lexicon no
        beginning is opened in vain, and with one the first string that comes out is the best valid one.

        The answer is up to ``top`` paths of rising cost; fewer, or none, if there are no more strings that
        are allowed and not too long for the line. Where 0 digits are allowed, ``""`` = nothing found is among
        the readings, with or without a lexicon.

        Parameters
        ----------
        length
            How many digits are allowed.
        lexicon
            The valid strings.
        """
        none, odds = self._none[line], self._odds[line]
        counts = _lengths(length, odds.shape[1])
        if lexicon is not None:
            counts = [count for count in counts if count == 0 or count in lexicon.roots]
        if not counts:
            return []
        rest = _best_rest(odds, max(counts), lexicon)

        # A node is a beginning of a string: its bound (negative, for the heap pops the least), its number (so
        # the order is fixed), how many digits remain, its state in the lexicon, its last digit, the best gain
        # with this emitted at each column, and the beginning without it.
        roots = {0: END} if lexicon is None else {0: END} | lexicon.roots
        heap: list[Any] = [(-rest[n, 0], n, n, roots.get(n, END), -1, None, None) for n in counts]
        heapify(heap)
        number = odds.shape[1]
        paths: list[Path] = []
        while heap and len(paths) < top:
            node = heappop(heap)
            _, _, remaining, state, _, emitted, _ = node
            if remaining == 0:
                paths.append(_path(node, none))
                continue
            ends = odds if emitted is None else odds + _before(emitted)
            bounds = (-(ends + rest[remaining - 1, SPAN:]).max(axis=1)).tolist()
            states = [END] * 10 if lexicon is None else lexicon.table[state].tolist()
            for digit in range(10):
                if states[digit] >= 0 and bounds[digit] < np.inf:
                    number += 1
                    follower = (remaining - 1, states[digit], digit, ends[digit], node)
                    heappush(heap, (bounds[digit], number, *follower))
        return paths

    @cached_property
    def _any(self) -> Floats:
        """Odds of any digit at each column, (N, T)."""
        return np.asarray(log_sum(self._odds, 1)[:, 0])

    @cached_property
    def _all(self) -> Floats:
        """Sum over all paths, (N,), as odds against nothing but 'none'."""
        two_back = one_back = np.zeros(len(self))
        for step in np.ascontiguousarray(self._any.T):
            two_back, one_back = one_back, np.logaddexp(one_back, two_back + step)
        return one_back


def _freely(step: Floats) -> Iterator[_Steps]:
    """Yield of each line the steps of any number that gain most, given the gain of one at each column.

    Only columns where a step gains anything count, and of those only the one before may be in the way.
    """
    for gains in step.tolist():
        best: _Steps = (0.0, ())
        without_last, last = best, -SPAN
        for column in (column for column, gain in enumerate(gains) if gain > 0):
            gain, columns = without_last if column < last + SPAN else best
            without_last, last = best, column
            if gain + gains[column] > best[0]:
                best = (gain + gains[column], (*columns, column))
        yield best


def _of_length(step: Floats, counts: Sequence[int]) -> Iterator[_Steps]:
    """Yield the same for numbers of steps that are allowed, which rise.

    Each further step gains less than the one before it, so rows are climbed until no line gains.
    """
    lines, columns = step.shape
    if not counts:
        yield from repeat((-np.inf, ()), lines)
        return
    best = [np.zeros((lines, columns + SPAN))]  # gain of r steps that end before each column
    for row in range(counts[-1]):
        best.append(np.full_like(best[-1], -np.inf))
        np.maximum.accumulate(best[row][:, :-SPAN] + step, axis=1, out=best[-1][:, SPAN:])
        if row >= counts[0] and not np.count_nonzero(best[-1][:, -1] > best[row][:, -1]):
            break
    reached = [count for count in counts if count < len(best)]
    gains = np.array([best[count][:, -1] for count in reached])
    gain = gains.max(axis=0)
    chosen = np.where(np.isfinite(gain), np.array(reached)[gains.argmax(axis=0)], 0)

    # Walk back: a gain that rises with the columns was reached where it has its value first.
    places = np.empty((int(chosen.max(initial=0)), lines), np.intp)
    line, end = np.arange(lines), np.full(lines, columns + SPAN - 1)
    for row in range(len(places), 0, -1):
        reached_at = (best[row] >= best[row][line, end, None]).argmax(axis=1)
        np.subtract(reached_at, SPAN, out=end, where=row <= chosen)
        places[row - 1] = end
    for taken, count, gained in zip(places.T.tolist(), chosen.tolist(), gain.tolist(), strict=True):
        yield gained, tuple(taken[:count])


def _best_rest(odds: Floats, longest: int, lexicon: Lexicon | None) -> Floats:
    """Best gain of the last 0, 1, ..., ``longest`` digits in the columns from each on.

    A digit that no valid string has at its place from the end is left out, else the choice is free.
    Returns (longest + 1, T + SPAN).
    """
    if lexicon is None or lexicon.tails[:longest].all():
        best = odds.max(axis=0)
        steps = np.broadcast_to(best[::-1], (longest, len(best)))
    else:
        allowed = lexicon.tails[:longest, :, None]
        steps = np.where(allowed, odds[None], -np.inf).max(axis=1)[:, ::-1]
    return _climb(steps, np.maximum)[:, ::-1]


def _before(emitted: Floats) -> Floats:
    """Best gain before each column, of gains with a digit emitted at each."""
    before = np.full_like(emitted, -np.inf)
    np.maximum.accumulate(emitted[..., :-SPAN], axis=-1, out=before[..., SPAN:])
    return before


def _best(gains: Floats, top: int) -> Integers:
    """The places of each row's largest gains, the best first."""
    return (-gains).argsort(axis=1, kind="stable")[:, :top]


def _path(node: Any, none: float) -> Path:
    """Walk back from a whole string, each digit left of the next at its best column."""
    gain, digits, columns = -node[0], [], []
    stop = None
    while node[6] is not None:
        digits.append(str(node[4]))
        columns.append(int(node[5][:stop].argmax()))
        stop = columns[-1] - SPAN + 1
        node = node[6]
    return Path("".join(reversed(digits)), tuple(reversed(columns)), float(-(none + gain)))


def _climb(steps: Scores, combine: np.ufunc) -> Floats:
    """Climb the lattice: the score of being on each row before each column, by the recursion of the lattice.

    ``steps`` (rows, ..., T): odds of the step up from each row at each column. ``combine``: how paths that
    meet are joined, np.maximum or np.logaddexp. Returns (rows + 1, ..., T + SPAN).
    """
    rows, *lines, columns = steps.shape
    levels = np.full((rows + 1, *lines, columns + SPAN), -np.inf)
    levels[0] = 0.0
    for step, below, above in zip(steps, levels[:-1], levels[1:], strict=True):
        combine.accumulate(below[..., :-SPAN] + step, axis=-1, out=above[..., SPAN:])
    return levels


def _lengths(length: Length, columns: int) -> list[int]:
    """The allowed numbers of digits that a line of so many columns can hold, rising."""
    most = -(-columns // SPAN)
    if length is None:
        return list(range(most + 1))
    wanted = range(length, length + 1) if isinstance(length, int) else length
    if wanted and min(wanted) < 0:
        raise ValueError(f"length {length} given; a number of digits is at least 0")
    return sorted(count for count in wanted if count <= most)


def _texts(digits: Integers) -> list[str]:
    """The strings of digits (N, L), which end where -1 begins."""
    letters = np.where(digits < 0, 0, digits + ord("0")).astype(np.uint32)
    return letters.view(f"U{digits.shape[1]}")[:, 0].tolist() if letters.size else [""] * len(digits)


def _digits(strings: Sequence[str], lines: int) -> tuple[Integers, Integers]:
    """The strings as numbers, (N, L), 0 behind their ends, and how many digits each has, (N,)."""
    if len(strings) != lines:
        raise ValueError(f"{len(strings)} strings given for {lines} lines; each line needs one")
    for string in strings:
        if string and not (string.isascii() and string.isdigit()):
            raise ValueError(f"string {string!r} given; expected only digits 0 to 9")
    counts = np.array([len(string) for string in strings], np.intp)
    longest = int(counts.max(initial=0))
    padded = "".join(string.ljust(longest, "0") for string in strings)
    digits = np.frombuffer(padded.encode("ascii"), np.uint8).reshape(lines, longest) - ord("0")
    return digits.astype(np.intp), counts
