"""How countries write their postcodes (address formats): how many digits, in which groups, and where.

    country("FR")     # five digits, before the town: 33000 BORDEAUX

Only numeric codes can be read. Of a code with letters beside its digits, as in the Netherlands, the digits
are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from windowpane.errors import ArgumentError
from windowpane.read.lexicon import Lexicon

Place = Literal["before", "after", "alone"]
"""Where a code stands: before the town, after it (and after the state), or on a line of its own."""


@dataclass(frozen=True)
class Country:
    """The postcodes of a country.

    Attributes
    ----------
    name
        Its two letters (ISO 3166).
    groups
        How many digits stand together: (3, 2) for 123 45.
    place
        Where they stand.
    """

    name: str
    groups: tuple[int, ...]
    place: Place

    @property
    def length(self) -> int:
        """How many digits there are."""
        return sum(self.groups)

    @property
    def listed(self) -> bool:
        """Whether its list ships."""
        return self.name in Lexicon.countries()

    @cached_property
    def lexicon(self) -> Lexicon:
        """Its postcodes, or, where its list does not ship, all numbers of that length."""
        return Lexicon.postcodes(self.name) if self.listed else Lexicon.from_pattern("#" * self.length)


def _formats() -> dict[str, Country]:
    """Return the table."""
    rows: list[tuple[Place, tuple[int, ...], str]] = [
        ("before", (4,), "AR AT BE CH CY DK LI LU NL NO PH SI TN"),
        ("before", (5,), "DE DZ EE ES FI FR GT HR IT KE LT MA MC ME MX MY PA PE RS SM TR UY VA"),
        ("before", (6,), "BY CO EC RO"),
        ("before", (3, 2), "CZ GR SE SK"),
        ("before", (2, 3), "PL"),
        ("before", (4, 3), "PT"),
        ("before", (3,), "FO IS"),
        ("after", (4,), "AU BD BG LV NZ"),
        ("after", (5,), "ID PK SA TH UA US VN"),
        ("after", (6,), "CN IN SG"),
        ("after", (5, 3), "BR"),
        ("after", (7,), "IL"),
        ("alone", (4,), "HU ZA"),
        ("alone", (5,), "KR LK"),
        ("alone", (6,), "KZ RU"),
        ("alone", (3, 4), "JP"),
    ]
    return {name: Country(name, groups, place) for place, groups, names in rows for name in names.split()}


COUNTRIES = _formats()
"""Every country with a numeric code that is known here."""
LETTERED = frozenset(["AD", "BB", "BM", "BN", "CA", "GB", "GG", "GI", "IE", "IM", "JE", "MT", "SO", "SZ"])
"""Whose codes have letters between or before the digits, so that the digits alone are none."""


def country(name: str) -> Country:
    """Return a country by its two letters, large or small.

    Raises
    ------
    ArgumentError
        For one whose postcodes are not numeric, or not known here.
    """
    name = name.upper()
    if name in LETTERED or name == "UK":
        raise ArgumentError(
            f"country={name!r} given: its postcodes have letters in them, and only numeric ones are read"
        )
    if name not in COUNTRIES:
        raise ArgumentError(f"country={name!r} given: choose from {', '.join(sorted(COUNTRIES))}")
    return COUNTRIES[name]
