"""Which strings of digits are valid (finite automaton): a lexicon that the search walks along.

A lexicon is a small automaton. Its table has a row for every state, a column for every next digit, and holds
the next state, or -1 where no valid string goes on with that digit:

    lexicon of 10, 12, 32           state   0  1  2  3 ...
                                      0     .  .  .  .      END, after the last digit
    root ─1─> 1 ─0,2─> END            1     0  .  0  .      after "1"
         └3─> 2 ───2─> END            2     .  .  0  .      after "3"
                                      3     .  1  .  2      root of the strings of 2 digits

A list of strings gives a trie, a pattern a chain, a range of numbers a narrow strip: three ways to fill the
same table, and one way to use it. Each length has a root of its own, so a state knows how many digits follow.

Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", section VIII (grammars
as graphs that are composed with the graph of the readings).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from os import PathLike
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ArgumentError, DataError

END = 0
"""The state after the last digit of every valid string."""
_POSTCODES = Path(__file__).with_name("postcodes.zip")


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The valid strings of digits.

    Attributes
    ----------
    table
        ``(states, 10)`` int32, the state after each next digit, -1 where there is none; row ``END`` is all
        -1.
    roots
        The state before the first digit, for every length that a valid string can have.
    """

    table: NDArray[np.int32]
    roots: dict[int, int]

    @classmethod
    def from_strings(cls, strings: Iterable[str]) -> Lexicon:
        """Return the lexicon of these strings of digits; repetitions count once.

        Raises
        ------
        ArgumentError
            If there are none, or one is empty or holds anything but the digits 0 to 9.
        """
        by_length: dict[int, set[str]] = {}
        for string in strings:
            by_length.setdefault(len(string), set()).add(string)
        if not by_length:
            raise ArgumentError("A lexicon without strings given; expected at least one string of digits.")
        tries = {}
        for length, group in sorted(by_length.items()):
            joined = "".join(sorted(group))
            if not _is_digits(joined):
                wrong = next(string for string in sorted(group) if not _is_digits(string))
                raise ArgumentError(
                    f"A lexicon with {wrong!r} given; expected only strings of digits 0 to 9."
                )
            digits = np.frombuffer(joined.encode("ascii"), np.uint8) - ord("0")
            tries[length] = digits.reshape(-1, length)
        return cls._trie(tries)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Lexicon:
        """Return the lexicon of a text file with one valid string a line.

        Blank lines, and lines that start with ``#``, are skipped.

        Raises
        ------
        DataError
            That names the file, and the line if one is wrong.
        """
        try:
            lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            reason = error.strerror or error
            raise DataError(f"{path}: lexicon cannot be read ({reason}); give a text file.") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: no text in UTF-8; expected one string of digits a line.") from error
        strings = []
        for number, line in enumerate(map(str.strip, lines), start=1):
            if not line or line.startswith("#"):
                continue
            if not _is_digits(line):
                shown = line if len(line) <= 40 else line[:37] + "..."
                raise DataError(f"{path}, line {number}: {shown!r} given; expected only digits 0 to 9.")
            strings.append(line)
        if not strings:
            raise DataError(f"{path}: no string in it; expected one string of digits a line.")
        return cls.from_strings(strings)

    @classmethod
    def from_pattern(cls, pattern: str) -> Lexicon:
        """Return the lexicon of all strings of a pattern, such as ``"9[0-4]###"``.

        A digit stands for itself, ``#`` for any digit, ``[...]`` for one of the digits and ranges in it.

        Raises
        ------
        ArgumentError
            If the pattern is empty or holds anything else.
        """
        parts = re.findall(r"[0-9#]|\[(?:[0-9]-[0-9]|[0-9])+\]", pattern, re.ASCII)
        choices = [_choice(part) for part in parts]
        if not parts or "".join(parts) != pattern or not all(choices):
            raise ArgumentError(f"Pattern {pattern!r} given; expected digits, # and [ ] as in '9[0-4]###'.")
        table = np.full((len(parts) + 1, 10), -1, np.int32)
        for remaining, digits in enumerate(reversed(choices), start=1):
            table[remaining, digits] = remaining - 1
        return cls(table, {len(parts): len(parts)})

    @classmethod
    def from_range(cls, first: str, last: str) -> Lexicon:
        """Return the lexicon of all numbers from ``first`` to ``last``, both included: 00500 to 99950.

        Raises
        ------
        ArgumentError
            If they are no strings of digits of one length in rising order.
        """
        if not (_is_digits(first) and _is_digits(last) and len(first) == len(last) and first <= last):
            raise ArgumentError(
                f"Range {first!r} to {last!r} given; expected two numbers of equally many digits, rising."
            )
        rows = [[-1] * 10]

        @cache
        def state(position: int, at_first: bool, at_last: bool) -> int:
            """State after some digits that do, or do not yet, lie strictly between the two ends."""
            if position == len(first):
                return END
            lowest = int(first[position]) if at_first else 0
            highest = int(last[position]) if at_last else 9
            row = [-1] * 10
            for digit in range(lowest, highest + 1):
                row[digit] = state(position + 1, at_first and digit == lowest, at_last and digit == highest)
            rows.append(row)
            return len(rows) - 1

        root = state(0, True, True)
        return cls(np.array(rows, np.int32), {len(first): root})

    @staticmethod
    def postcodes(country: str | None = None) -> Lexicon:
        """Return the postcodes of a country, named by its two letters, as ``"FR"``; None: those of all.

        Data by GeoNames, CC BY 4.0; what is in it and what is not: ``postcodes.txt`` beside the data.

        Raises
        ------
        ArgumentError
            For a country whose list does not ship.
        """
        return _postcodes(country and country.upper())

    @classmethod
    def us_zip(cls) -> Lexicon:
        """Return the ZIP codes of the United States, 41,488 strings of 5 digits: ``postcodes("US")``."""
        return cls.postcodes("US")

    @staticmethod
    def countries() -> tuple[str, ...]:
        """Return the countries whose postcodes ship, in the order of their letters."""
        with ZipFile(_POSTCODES) as archive:
            return tuple(archive.namelist())

    @classmethod
    def _trie(cls, strings: dict[int, NDArray[np.uint8]]) -> Lexicon:
        """Build the table from strings of each length, ``(count, length)`` digits in rising order."""
        blocks = [np.full((1, 10), -1, np.int32)]
        states = 1
        roots = {}
        for length, digits in strings.items():
            roots[length] = states
            prefix = np.zeros(len(digits), np.int64)  # which of the prefixes of this depth each string has
            for depth in range(length):
                key = prefix * 10 + digits[:, depth]
                fresh = np.append(True, key[1:] != key[:-1])
                block = np.full((prefix[-1] + 1, 10), -1, np.int32)
                states += len(block)
                after = np.cumsum(fresh) - 1
                is_last = depth == length - 1
                block[prefix[fresh], digits[fresh, depth]] = END if is_last else states + after[fresh]
                blocks.append(block)
                prefix = after
        return cls(np.concatenate(blocks), roots)

    @cached_property
    def tails(self) -> NDArray[np.bool_]:
        """``(longest, 10)`` bool: which digits valid strings have with 0, 1, 2, ... digits after it."""
        tails = np.zeros((max(self.roots), 10), bool)
        for length, levels in self._levels.items():
            for depth, states in enumerate(levels):
                tails[length - 1 - depth] |= (self.table[states] >= 0).any(axis=0)
        return tails

    @cached_property
    def _levels(self) -> dict[int, list[NDArray[np.intp]]]:
        """For each length, the states after 0, 1, 2, ... digits."""
        levels = {}
        for length, root in self.roots.items():
            levels[length] = [np.array([root])]
            for _ in range(length - 1):
                reached = np.zeros(len(self.table) + 1, bool)  # the last is -1, no state
                reached[self.table[levels[length][-1]]] = True
                levels[length].append(np.flatnonzero(reached[:-1]))
        return levels

    def __contains__(self, string: object) -> bool:
        """Whether the string is valid."""
        if not isinstance(string, str) or not _is_digits(string) or len(string) not in self.roots:
            return False
        state = self.roots[len(string)]
        for digit in string:
            state = int(self.table[state, int(digit)])
            if state < 0:
                return False
        return True

    def __repr__(self) -> str:
        count = sum(self._count(length) for length in self.roots)
        return f"<Lexicon of {count:,} strings of {', '.join(map(str, sorted(self.roots)))} digits>"

    def __len__(self) -> int:
        """Number of valid strings."""
        return sum(self._count(length) for length in self.roots)

    def _count(self, length: int) -> int:
        counts = np.zeros(len(self.table), object)  # Python's integers, which do not overflow
        counts[END] = 1
        for states in reversed(self._levels[length]):
            following = self.table[states]
            counts[states] = np.where(following >= 0, counts[following], 0).sum(axis=1)
        return int(counts[self.roots[length]])


@cache
def _postcodes(country: str | None) -> Lexicon:
    known = Lexicon.countries()
    if country is not None and country not in known:
        raise ArgumentError(f"Postcodes of {country!r} asked for; choose from {', '.join(known)}.")
    valid: dict[int, NDArray[np.bool_]] = {}
    with ZipFile(_POSTCODES) as archive:
        for name in known if country is None else (country,):
            bits = np.unpackbits(np.frombuffer(archive.read(name), np.uint8)).astype(bool)
            length = len(str(len(bits))) - 1
            valid[length] = valid.get(length, False) | bits
    digits = {length: _digits(np.flatnonzero(bits), length) for length, bits in sorted(valid.items())}
    return Lexicon._trie(digits)


def _digits(numbers: NDArray[np.intp], length: int) -> NDArray[np.uint8]:
    """Return the digits of numbers, (N, length)."""
    return (numbers[:, None] // 10 ** np.arange(length - 1, -1, -1) % 10).astype(np.uint8)


def _is_digits(string: str) -> bool:
    return string.isascii() and string.isdigit()


def _choice(part: str) -> list[int]:
    """Digits that one part of a pattern stands for; none if one of its ranges falls."""
    if part == "#":
        return list(range(10))
    digits: list[int] = []
    for lowest, highest in re.findall(r"([0-9])(?:-([0-9]))?", part):
        if highest and highest < lowest:
            return []
        digits += range(int(lowest), int(highest or lowest) + 1)
    return digits
