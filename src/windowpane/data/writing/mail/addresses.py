"""Made-up addresses (synthetic data): names, streets and towns of no one, laid out as a country does.

written = address(rng, country("FR"))
written.lines       # [("CORA", "BELMON"), ("9", "RUE", "DE", "SARTEL"), ("33000", "VALMIRE")]
written.code        # "33000"
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from windowpane.read.mail.countries import Country

Rng = np.random.Generator
Line = tuple[str, ...]

_BEGINS = "bel mar val sar tor lin cor ros fel dan kal mon per gra bru hal ster wol nor sel ost pol ver"
_MIDDLES = "a e i o u en ar il or an"
_ENDS = "mire don ton burg berg ville stad haus heim vik nova lia ro ne ska pest grad ford field ham"
_STREETS = "rue via calle ulica utca strasse street road avenue gade vej plaza boulevard weg laan"
_FIRMS = "SA AG GmbH Ltd Kft SARL Inc SpA BV Oy"
_STATES = "AL AZ CA CO FL GA IL MA MI NC NJ NY OH PA TX VA WA WI"


@dataclass(frozen=True, slots=True)
class Address:
    """An address.

    Attributes
    ----------
    lines
        The words of each line; the digits of the code are one word, or one for each of their groups.
    code
        Its digits.
    place
        The line of the code, and its first and last word.
    """

    lines: tuple[Line, ...]
    code: str
    place: tuple[int, int, int]


def address(rng: Rng, country: Country) -> Address:
    """Return a made-up address in a country, with one of its postcodes."""
    code = _code(rng, country)
    upper = rng.random() < 0.45
    first = [tuple(_cased(rng, _name(rng), upper))]
    if rng.random() < 0.45:
        first.append(tuple(_cased(rng, _firm(rng), upper)))
    first.append(tuple(_cased(rng, _street(rng, country.place == "before"), upper)))
    if rng.random() < 0.1:
        first.append((_pick(rng, "Box BP B.P. POBOX Postfach"), str(rng.integers(10, 99_999))))
    town = _cased(rng, [_word(rng)] + ([_word(rng)] if rng.random() < 0.15 else []), upper)
    shown = _shown(rng, country, code)
    if country.place == "before":
        district = ["CEDEX", f"{rng.integers(1, 20):02d}"] if rng.random() < 0.06 else []
        words, start = [*shown, *town, *district], 0
    elif country.place == "after":
        words = [*town[:-1], town[-1] + "," * (rng.random() < 0.5)]
        words += [_pick(rng, _STATES)] if country.name in ("US", "AU", "BR") else []
        words, start = [*words, *shown], len(words)
    else:
        first.append(tuple(town))
        words, start = list(shown), 0
        if rng.random() < 0.3:  # or with the town after all
            first.pop()
            words = [*shown, *town]
    lines = [*first, tuple(words)]
    place = (len(lines) - 1, start, start + len(shown) - 1)
    if rng.random() < 0.15:
        lines.append(tuple(_cased(rng, [_word(rng)], rng.random() < 0.8)))  # a land
    return Address(tuple(lines), code, place)


def remark(rng: Rng) -> Line:
    """Return the words of a line that shows below or above an address in a window, with numbers in it."""
    kind = rng.integers(3)
    if kind == 0:
        return (_word(rng).title(), "le", f"{rng.integers(1, 29):02d}/{rng.integers(1, 13):02d}/2023,")
    if kind == 1:
        return tuple(f"{rng.integers(10**size):0{size}d}" for size in rng.choice([4, 5, 5, 8, 11], 3))
    return ("N°", _word(rng).upper(), *(f"{rng.integers(1000):03d}" for _ in range(rng.integers(2, 5))))


def _code(rng: Rng, country: Country) -> str:
    """Return one of the postcodes of a country, all equally likely."""
    while True:
        code = f"{rng.integers(10**country.length):0{country.length}d}"
        if code in country.lexicon:
            return code


def telephone(rng: Rng) -> Line:
    """Return the words of a made-up telephone number."""
    groups = [f"{rng.integers(10**size):0{size}d}" for size in rng.choice([2, 3, 4], rng.integers(3, 6))]
    return (_pick(rng, "Tel. Tel: Fax Phone T"), "0" + groups[0], *groups[1:])


def _shown(rng: Rng, country: Country, code: str) -> list[str]:
    """Return the words in which a code is written."""
    if country.name == "US" and rng.random() < 0.3:
        return [f"{code}-{rng.integers(1, 10_000):04d}"]
    parts, start = [], 0
    for size in country.groups:
        parts.append(code[start : start + size])
        start += size
    if len(parts) == 2:
        joint = "-" if country.name in ("PL", "PT", "JP", "BR") else " "
        return f"{parts[0]}{joint}{parts[1]}".split()
    if country.place == "before" and rng.random() < 0.12:
        return [f"{country.name if rng.random() < 0.5 else country.name[0]}-{code}"]
    return [code]


def _name(rng: Rng) -> list[str]:
    return [
        *([_pick(rng, "Mr Mme Frau Dr.")] if rng.random() < 0.4 else []),
        _word(rng),
        _word(rng),
    ]


def _firm(rng: Rng) -> list[str]:
    return [
        _word(rng),
        *([_pick(rng, _FIRMS)] if rng.random() < 0.6 else ["Dept", str(rng.integers(1, 400))]),
    ]


def _street(rng: Rng, number_first: bool) -> list[str]:
    number = str(rng.integers(1, [30, 200, 3000, 20_000][rng.integers(4)])) + "bB"[: rng.random() < 0.05]
    street = [_pick(rng, _STREETS), _word(rng)]
    if rng.random() < 0.5:
        street.reverse()
    words = [number, *street] if rng.random() < (0.6 if number_first else 0.8) else [*street, number]
    return words + (
        [_pick(rng, "Apt Bureau Suite 3/"), str(rng.integers(1, 900))] if rng.random() < 0.15 else []
    )


def _word(rng: Rng) -> str:
    middle = _pick(rng, _MIDDLES) if rng.random() < 0.4 else ""
    return _pick(rng, _BEGINS) + middle + _pick(rng, _ENDS)


def _cased(rng: Rng, words: list[str], upper: bool) -> list[str]:
    return [word.upper() if upper else word[0].upper() + word[1:] for word in words]


def _pick(rng: Rng, words: str) -> str:
    """Return one of the words of a text."""
    items = words.split()
    return items[rng.integers(len(items))]
