"""Reads the postcode of the address off an envelope (mail sorting): the lecture's first system, whole.

    MailReader(country="FR").read("envelope.jpg").code

The way of an envelope: it is laid level (`levelled`); all numbers on it, by `Reader.read_page`; which of them
may be codes (`candidates`); each of these places read once more under the list of codes; what stands around
it (`surroundings`); what all that says (`evidence`). The probabilities of places that say the same add up, so
each code has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.netfile import NetFile
from windowpane.core.runtimes import RuntimeName
from windowpane.core.system import Failure, Picture, answers
from windowpane.errors import ArgumentError
from windowpane.images import load
from windowpane.read.lexicon import Lexicon
from windowpane.read.mail.candidates import Candidate, candidates
from windowpane.read.mail.countries import COUNTRIES, Country, country
from windowpane.read.mail.evidence import Evidence, features, weights
from windowpane.read.mail.level import levelled, tilt
from windowpane.read.mail.postal_code import PostalCode
from windowpane.read.mail.surroundings import surroundings
from windowpane.read.reader import Reader
from windowpane.read.reading import Alternative, Box, Reading

FAINTEST = 0.01  # alternatives less probable than this are not worth a word
MARGIN = 0.33  # around digits that are read again, in their height


class MailReader:
    """Finds and reads the postcode of the address; ``with MailReader() as mail:`` ends its threads.

    Parameters
    ----------
    net
        Of the reader: a name that ships, a path, the bytes of a net file, or a loaded one.
    country
        The two letters of the country that the mail goes to; None where that is not known.
    threshold
        Codes less sure than this (0..1) are marked rejected; None takes the one that was measured.
    top
        How many alternatives an answer lists at most; only those with a probability of 1 % or more.
    threads
        On how many threads the net runs over an envelope.
    runtime
        Of the engine: ``"onnxruntime"``, ``"openvino"`` or ``"openvino-bf16"``.

    Raises
    ------
    ArgumentError
        For an argument that cannot be, and for a country whose postcodes have letters in them.
    NetFileError
        For a net that is no reader.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "digits",
        *,
        country: str | None = None,
        threshold: float | None = None,
        top: int = 3,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
    ) -> None:
        if top < 0:
            raise ArgumentError(f"top={top} given: there are 0 alternatives or more")
        self.country = None if country is None else _country(country)
        self.reader = Reader(net, threshold=threshold, top=max(top, 3), threads=threads, runtime=runtime)
        self.weights = weights(self.country is not None)
        self.threshold = self.weights.threshold if threshold is None else threshold
        self.top = top
        codes = _codes(self.country)
        self._listed = {length: _under(self.reader, valid) for length, valid in codes.items()}
        self._density = {length: len(valid) / 10**length for length, valid in codes.items()}

    def __repr__(self) -> str:
        country = self.country.name if self.country else None
        return f"MailReader({self.reader.engine.manifest.name!r}, {country=}, threshold={self.threshold:.4g})"

    def read(self, image: Any) -> PostalCode:
        """Return the postcode on an envelope, given as `windowpane.images.load` takes it.

        Raises
        ------
        ImageError
            For one that cannot be used; `read_many` goes on instead.
        """
        return self.answer(load(image))

    def read_many(self, images: Iterable[Any]) -> Iterator[PostalCode | Failure]:
        """Yield for each envelope its postcode, or a `Failure` where it cannot be used, in their order."""
        return answers(images, self.answer)

    def answer(self, picture: Picture) -> PostalCode:
        """Return the postcode on a picture, (H, W, 3) uint8 RGB, upright, as every `System` does."""
        readings = self.readings(picture)
        angle = tilt(readings)
        if not angle:
            return self.chosen(picture, readings)
        level, back = levelled(picture, angle)
        found = self.chosen(level, self.readings(level))
        return found if found.box is None else replace(found, box=back(found.box))

    def readings(self, picture: Picture) -> tuple[Reading, ...]:
        """Return all numbers on a picture, the doubtful ones too."""
        return self.reader.read_page(picture, every=True)

    def chosen(self, picture: Picture, readings: Sequence[Reading]) -> PostalCode:
        """Return which of the numbers that were read on a picture is the postcode."""
        evidence = self.evidence(picture, readings)
        if not evidence:
            return PostalCode("", 0.0, True, None, (), self._nothing(readings))
        at = self.weights.probabilities(features(evidence, picture.shape[:2], self.country))
        shares, boxes = code_shares(evidence, at)
        ranked = sorted(shares, key=lambda code: -shares[code])
        code = ranked[0]
        confidence = self.weights.calibration.of_probability(min(shares[code], 1.0))
        left = (1 - confidence) / max(1 - shares[code], 1e-12)  # to all others, and to none
        others = [Alternative(other, shares[other] * left) for other in ranked[1:]]
        alternatives = tuple(one for one in others if one.confidence >= FAINTEST)[: self.top]
        rejected = confidence < self.threshold
        reason = _doubt(evidence, boxes, code, alternatives) if rejected else ""
        return PostalCode(code, confidence, rejected, boxes[code], alternatives, reason)

    def evidence(self, picture: Picture, readings: Sequence[Reading]) -> list[Evidence]:
        """Return what is known of every number that may be a postcode: read again, and looked around."""
        found = candidates(readings, self.country)
        again: dict[int, Reading] = {}
        for length, reader in self._listed.items():
            members = [number for number, one in enumerate(found) if one.length == length]
            parts = [_part(picture, found[number]) for number in members]
            again.update(zip(members, reader.read(parts), strict=True))
        return [
            Evidence(one, again[number], surroundings(picture, one.box), self._density[one.length])
            for number, one in enumerate(found)
            if again[number].text
        ]

    def close(self) -> None:
        """End the threads of the reader."""
        self.reader.close()

    def __enter__(self) -> MailReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _nothing(self, readings: Sequence[Reading]) -> str:
        """Say why there is no answer."""
        if not readings:
            return "no number was found on it"
        digits = " or ".join(map(str, sorted(self._listed)))
        whose = f"of {self.country.name}" if self.country else "that is known"
        return f"none of the {len(readings)} numbers on it has the {digits} digits of a postcode {whose}"


def _country(name: str) -> Country:
    if not isinstance(name, str):
        raise ArgumentError(f"country={name!r} given: give its two letters, as in 'FR'")
    return country(name)


def _codes(country: Country | None) -> dict[int, Lexicon]:
    """Return the valid codes of each length that there is."""
    if country is not None:
        return {country.length: country.lexicon}
    every = Lexicon.postcodes()
    lengths = sorted({known.length for known in COUNTRIES.values()} - {3})  # any house has a number of three
    free = {length: Lexicon.from_pattern("#" * length) for length in lengths if length not in every.roots}
    listed = {length: Lexicon(every.table, {length: root}) for length, root in every.roots.items()}
    return listed | free


def _under(reader: Reader, codes: Lexicon) -> Reader:
    """Return a reader with the same net that reads nothing but such codes."""
    bound = copy(reader)
    bound.lexicon, bound.length = codes, next(iter(codes.roots))
    return bound


def _part(picture: Picture, candidate: Candidate) -> NDArray[np.uint8]:
    """Cut a candidate out of a picture, with a margin, as far as the picture goes."""
    x0, y0, x1, y1 = candidate.box
    margin = MARGIN * candidate.height
    left, top = max(0, int(x0 - margin)), max(0, int(y0 - margin))
    return picture[top : max(int(y1 + margin) + 1, top + 1), left : max(int(x1 + margin) + 1, left + 1)]


def code_shares(
    evidence: Sequence[Evidence], at: NDArray[np.float64]
) -> tuple[dict[str, float], dict[str, Box]]:
    """Return the probability of every code, over all places, and the place that says most for it."""
    shares: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Box]] = {}
    for one, probability in zip(evidence, at.tolist(), strict=True):
        strings = [(one.reading.text, one.reading.confidence)]
        strings += [(other.text, other.confidence) for other in one.reading.alternatives]
        for text, sure in strings:
            share = probability * sure
            shares[text] += share
            if text not in best or share > best[text][0]:
                best[text] = share, one.candidate.box
    return dict(shares), {text: box for text, (_, box) in best.items()}


def _doubt(
    evidence: Sequence[Evidence], boxes: dict[str, Box], code: str, alternatives: Sequence[Alternative]
) -> str:
    """Say why a code is not sure: another place, other digits, or that there may be none."""
    if alternatives and alternatives[0].confidence > 0.05:
        other = alternatives[0].text
        if boxes[other] == boxes[code]:
            return f"its digits are not sure: it may be {other}"
        return f"{other} stands where the code of the address may be too"
    return "it is not sure that this is the code of the address"
