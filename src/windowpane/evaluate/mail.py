"""How well the code of the address is found (evaluation): on composed envelopes, the same every time.

for envelope in envelopes(root, fonts, part="test", seed=2026, count=300): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from windowpane.data.digits import Part, mnist
from windowpane.data.writing.hands import writers
from windowpane.data.writing.mail.envelopes import Envelope, Stationery, compose_envelope
from windowpane.data.writing.mail.sheets import faces, looks_handwritten
from windowpane.read.lexicon import Lexicon
from windowpane.read.mail.countries import country
from windowpane.read.mail.postal_code import PostalCode

UNLISTED = ("BR", "CZ", "GR", "JP", "PL", "PT", "SE")
"""Countries whose lists do not ship, but some of whose mail is composed."""
OFTEN = ("US", "US", "US", "FR", "DE", "HU", "IT", "ES")
"""As often again as the others."""


def envelopes(root: Path, fonts: Path, *, part: Part, seed: int, count: int) -> Iterator[Envelope]:
    """Yield made-up envelopes to the countries whose lists ship, and to some others.

    Those of the test are written in typefaces and by hands that no training has seen.

    Parameters
    ----------
    root
        The folder of the data sets, of which MNIST is needed.
    fonts
        A folder of fonts.
    part
        Whose typefaces and hands.
    seed
        The same seed gives the same envelopes.
    count
        How many.
    """
    rng = np.random.default_rng(seed)
    scripts = [face for face in faces(fonts, held_out=False) if looks_handwritten(face)]
    printed = [face for face in faces(fonts, held_out=part == "test") if not looks_handwritten(face)]
    desk = Stationery(printed, scripts, writers(mnist(root, part), at_least=30))
    names = [*Lexicon.countries(), *UNLISTED, *OFTEN]
    for _ in range(count):
        yield compose_envelope(rng, desk, country(names[rng.integers(len(names))]))


@dataclass(frozen=True, slots=True)
class MailResult:
    """What a reader of mail makes of some envelopes, as shares of all of them.

    Attributes
    ----------
    count
        How many envelopes there were.
    right
        The code is the one answer, accepted or not.
    accepted
        The answer is accepted.
    wrong
        Of the accepted ones those whose answer is wrong.
    """

    count: int
    right: float
    accepted: float
    wrong: float


def measure(answer: Callable[[Envelope], PostalCode], given: Iterable[Envelope]) -> MailResult:
    """Return how well envelopes are answered."""
    told = [(one.code, answer(one)) for one in given]
    right = np.array([found.code == code for code, found in told], bool)
    accepted = np.array([not found.rejected for _, found in told], bool)
    wrong = float((~right[accepted]).mean()) if accepted.any() else 0.0
    return MailResult(len(told), float(right.mean()), float(accepted.mean()), wrong)
