"""The lattice of digits and positions, and the shortest path through it.

A line of T columns has scores for eleven labels at each: the ten digits, and 'none' for "no whole digit
here". The rows of the lattice are the order of the digits, its columns the positions on the line:

    3 digits read               ┌──>   ends upper right
    2 digits read         ┌─────┘      a step right  = 'none' at this column
    1 digit read     ┌────┘            a step up and right = the next digit, at this column
    nothing read  ───┘                 starts lower left

So every digit is emitted at exactly one column, every other column pays for 'none', and "00000" stays five
digits. A cost is a negative natural logarithm of a probability; the cost of a path is the sum over columns.
The eleven probabilities of a column sum to one, so those of all paths do too: the log-probability of a
string, summed over all its paths, is directly its posterior among all strings of all lengths. Nothing else
needs normalising, neither to read nor to train.

One recursion serves for everything. It starts from "nothing but 'none'", whose cost all paths share, and
adds the *odds* of each step up, log p(digit) - log p(none). With ``np.maximum`` as its sum it finds shortest
paths, with ``np.logaddexp`` total probabilities (Viterbi and forward algorithm).

Scores are ``(11, T)``, or ``(N, 11, T)`` for N lines at once, float32 or float64; 'none' is the last label.
In a batch, ``widths`` ``(N,)`` says how many columns of each line count (all, if not given). A probability
of zero counts as exp(-10000), so that costs stay finite.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (word recognition); LeCun et al. 1998, "Gradient-based
learning applied to document recognition", sections VI-VIII (Viterbi and forward scoring of a graph); Hart,
Nilsson, Raphael 1968 (best-first search with an admissible bound).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
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
_ZERO = -1e4


@dataclass(frozen=True, slots=True)
class Path:
    """A string of digits, and the shortest of its paths.

    text: the digits, ``""`` if there are none. columns: where each is emitted, rising. cost: negative natural
    logarithm of the path's probability.
    """

    text: str
    columns: tuple[int, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Paths:
    """The shortest path of each of N lines; ``paths[i]`` is one of them.

    digits, columns: ``(N, L)`` intp, -1 behind a line's last digit. costs: ``(N,)`` float64, infinite (with
    no digits) where no path has an allowed length.
    """

    digits: Integers
    columns: Integers
    costs: Floats

    def __len__(self) -> int:
        return len(self.costs)

    def __getitem__(self, line: int) -> Path:
        digits = self.digits[line].tolist()
        columns = self.columns[line].tolist()
        count = digits.index(-1) if -1 in digits else len(digits)
        return Path("".join(map(str, digits[:count])), tuple(columns[:count]), float(self.costs[line]))

    def __iter__(self) -> Iterator[Path]:
        return (self[line] for line in range(len(self)))


def shortest_paths(scores: Scores, length: Length = None, widths: Integers | None = None) -> Paths:
    """Find the shortest path through each of N lattices at once.

    Where any digit may follow any other, the best digit of a column is the same on every row, and a path of n
    digits may step up at any n columns: the shortest steps up where that gains most. So the whole search is
    one sort of the columns by their odds. Of several allowed lengths that of least cost is taken (the shorter
    in a tie); 0 digits = nothing found.

    Parameters: ``scores`` (N, 11, T); ``length``, how many digits are allowed; ``widths`` (N,).
    Raises ValueError if the arrays' shapes are wrong or a length is negative.
    """
    none, odds = _odds(scores, widths)
    lines, _, columns = odds.shape
    counts = _lengths(length, columns)
    if not counts:
        nothing = np.empty((lines, 0), np.intp)
        return Paths(nothing, nothing, np.full(lines, np.inf))
    best_digit = odds.argmax(axis=1)
    best = np.take_along_axis(odds, best_digit[:, None], axis=1)[:, 0]
    order = np.argsort(-best, axis=1, kind="stable")[:, : max(counts)]
    gains = np.zeros((lines, max(counts) + 1))
    np.cumsum(np.take_along_axis(best, order, axis=1), axis=1, out=gains[:, 1:])
    choice = gains[:, counts].argmax(axis=1)
    chosen = np.array(counts)[choice]
    gain = gains[np.arange(lines), chosen]
    chosen = np.where(np.isfinite(gain), chosen, 0)

    longest = int(chosen.max(initial=0))
    is_digit = np.arange(longest) < chosen[:, None]
    places = np.sort(np.where(is_digit, order[:, :longest], columns), axis=1)
    places[~is_digit] = -1  # the places sorted last are those that are no digits
    digits = np.where(is_digit, np.take_along_axis(best_digit, places, axis=1) if longest else places, -1)
    return Paths(digits, places, -(none + gain))


def log_probability(scores: Scores, strings: Sequence[str], widths: Integers | None = None) -> Floats:
    """Log-probability of one string on each line, summed over all its paths (forward algorithm).

    Parameters: ``scores`` (N, 11, T); ``strings``, N strings of digits; ``widths`` (N,).
    Returns: (N,) float64, -inf where a line has fewer columns than its string has digits.
    Raises ValueError if the shapes are wrong or a string holds anything but digits.
    """
    none, odds = _odds(scores, widths)
    digits, counts = _digits(strings, len(odds))
    steps = np.take_along_axis(odds, digits[:, :, None], axis=1)
    levels = _climb(steps.swapaxes(0, 1), np.logaddexp)
    return np.asarray(none + levels[counts, np.arange(len(odds)), -1])


def log_length_probability(scores: Scores, max_length: int, widths: Integers | None = None) -> Floats:
    """Log-probability that each line holds exactly 0, 1, ..., ``max_length`` digits, whichever they are.

    Parameters: ``scores`` (N, 11, T); ``widths`` (N,).
    Returns: (N, max_length + 1) float64, -inf where a line has fewer columns than that.
    Raises ValueError if the shapes are wrong.
    """
    none, odds = _odds(scores, widths)
    any_digit = log_sum(odds, 1)[:, 0]
    levels = _climb(np.broadcast_to(any_digit, (max_length, *any_digit.shape)), np.logaddexp)
    return np.asarray(none[:, None] + levels[:, :, -1].T)


def digit_posteriors(
    scores: Scores, strings: Sequence[str], widths: Integers | None = None
) -> tuple[Floats, Integers]:
    """How sure each digit of a string is, given its neighbours: among all strings of the same length.

    Parameters: ``scores`` (N, 11, T); ``strings``, N strings of digits, at most L long; ``widths`` (N,).
    Returns: the probability that the i-th digit of the line is that of the string, (N, L) float64, 0 behind
    the string's end; and the column where that digit most probably stands, (N, L) intp, -1 there.
    Raises ValueError if the shapes are wrong or a string holds anything but digits.
    """
    _, odds = _odds(scores, widths)
    digits, counts = _digits(strings, len(odds))
    lines, longest = digits.shape
    any_digit = log_sum(odds, 1)[:, 0]
    steps = np.broadcast_to(any_digit, (longest, *any_digit.shape))
    before = _climb(steps, np.logaddexp)
    after = _climb(steps[..., ::-1], np.logaddexp)[..., ::-1]
    line, place = np.arange(lines), np.arange(longest)[:, None]
    follow = np.maximum(counts - place - 1, 0)  # how many digits come after each place, (L, N)
    at_column = before[:-1, :, :-1] + odds[line, digits.T] + after[follow, line, 1:]
    everything = np.maximum(before[counts, line, -1], np.finfo(np.float64).min)  # -inf - -inf is no number
    total = np.logaddexp.reduce(at_column, axis=2) - everything
    is_digit = place < counts
    probabilities = np.where(is_digit, np.exp(np.minimum(total, 0.0)), 0.0)
    columns = np.where(is_digit, at_column.argmax(axis=2) if at_column.size else -1, -1)
    return probabilities.T, columns.T


def best_strings(
    scores: Scores, length: Length = None, lexicon: Lexicon | None = None, top: int = 1
) -> list[Path]:
    """Find the ``top`` different strings with the shortest paths, exactly, best first.

    Best-first search over beginnings of strings. A beginning is bounded by the cheapest path that starts with
    it and goes on freely, which one backward recursion gives for all; so without a lexicon no beginning is
    opened in vain, and with one the first string that comes out is the best valid one.

    Parameters: ``scores`` (11, T); ``length``, how many digits are allowed; ``lexicon``, the valid strings.
    Where 0 digits are allowed, ``""`` = nothing found is among the readings, with or without a lexicon.
    Returns: up to ``top`` paths of rising cost; fewer, or none, if there are no more strings that are allowed
    and not longer than the line has columns.
    Raises ValueError if the shape is wrong or a length is negative.
    """
    if scores.ndim != 2:
        raise ValueError(f"scores of shape {scores.shape} given; one line has shape (11, T)")
    none, odds = (array[0] for array in _odds(scores[None], None))
    counts = _lengths(length, odds.shape[1])
    if lexicon is not None:
        counts = [count for count in counts if count == 0 or count in lexicon.roots]
    if not counts:
        return []
    rest = _best_rest(odds, max(counts), lexicon)

    # A node is a beginning of a string: its bound (negative, for the heap pops the least), its number (so the
    # order is fixed), how many digits remain, its state in the lexicon, its last digit, the best gain with
    # this emitted at each column, and the beginning without it.
    roots = {0: END} if lexicon is None else {0: END} | lexicon.roots
    heap: list[Any] = [(-rest[n, 0], n, n, roots.get(n, END), -1, None, None) for n in counts]
    heapify(heap)
    number = odds.shape[1]
    before = np.zeros(odds.shape[1])
    paths: list[Path] = []
    while heap and len(paths) < top:
        node = heappop(heap)
        _, _, remaining, state, _, emitted, _ = node
        if remaining == 0:
            paths.append(_path(node, none))
            continue
        if emitted is None:
            ends = odds
        else:
            before[0] = -np.inf
            np.maximum.accumulate(emitted[:-1], out=before[1:])
            ends = before + odds
        bounds = (-(ends + rest[remaining - 1, 1:]).max(axis=1)).tolist()
        states = _FREE if lexicon is None else lexicon.table[state].tolist()
        for digit in range(10):
            if states[digit] >= 0 and bounds[digit] < np.inf:
                number += 1
                heappush(
                    heap, (bounds[digit], number, remaining - 1, states[digit], digit, ends[digit], node)
                )
    return paths


_FREE = [END] * 10


def _best_rest(odds: Floats, longest: int, lexicon: Lexicon | None) -> Floats:
    """Best gain of the last 0, 1, ..., ``longest`` digits in the columns from each on, (longest + 1, T + 1).

    A digit that no valid string has at its place from the end is left out, else the choice is free.
    """
    if lexicon is None or lexicon.tails[:longest].all():
        best = odds.max(axis=0)
        steps = np.broadcast_to(best[::-1], (longest, len(best)))
    else:
        allowed = lexicon.tails[:longest, :, None]
        steps = np.where(allowed, odds[None], -np.inf).max(axis=1)[:, ::-1]
    return _climb(steps, np.maximum)[:, ::-1]


def _path(node: Any, none: float) -> Path:
    """Walk back from a whole string, each digit left of the next at its best column."""
    gain, digits, columns = -node[0], [], []
    stop = None
    while node[6] is not None:
        digits.append(str(node[4]))
        stop = int(node[5][:stop].argmax())
        columns.append(stop)
        node = node[6]
    return Path("".join(reversed(digits)), tuple(reversed(columns)), float(-(none + gain)))


def _climb(steps: Scores, combine: np.ufunc) -> Floats:
    """Climb the lattice: the score of being on each row before each column, by the recursion of the lattice.

    ``steps`` (rows, ..., T): odds of the step up from each row at each column. ``combine``: how paths that
    meet are joined, np.maximum or np.logaddexp. Returns (rows + 1, ..., T + 1).
    """
    rows, *lines, columns = steps.shape
    levels = np.full((rows + 1, *lines, columns + 1), -np.inf)
    levels[0] = 0.0
    for step, below, above in zip(steps, levels[:-1], levels[1:], strict=True):
        combine.accumulate(below[..., :-1] + step, axis=-1, out=above[..., 1:])
    return levels


def _odds(scores: Scores, widths: Integers | None) -> tuple[Floats, Floats]:
    """Log-probability of nothing but 'none', (N,), and odds of each digit at each column, (N, 10, T)."""
    if scores.ndim != 3 or scores.shape[1] != NONE + 1:
        raise ValueError(f"scores of shape {scores.shape} given; N lines have shape (N, 11, T)")
    logs = np.maximum(scores, _ZERO, dtype=np.float64)
    none, odds = logs[:, NONE], logs[:, :NONE] - logs[:, NONE:]
    if widths is not None:
        if np.shape(widths) != (len(scores),):
            raise ValueError(f"widths of shape {np.shape(widths)} given; {len(scores)} lines need one each")
        outside = np.arange(scores.shape[2]) >= np.asarray(widths)[:, None]
        none = np.where(outside, 0.0, none)
        odds = np.where(outside[:, None], -np.inf, odds)
    return none.sum(axis=1), odds


def _lengths(length: Length, columns: int) -> list[int]:
    """The allowed numbers of digits that a line of so many columns can hold, rising."""
    if length is None:
        return list(range(columns + 1))
    wanted = range(length, length + 1) if isinstance(length, int) else length
    if wanted and min(wanted) < 0:
        raise ValueError(f"length {length} given; a number of digits is at least 0")
    return sorted(count for count in wanted if count <= columns)


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
