"""Learn src/windowpane/read/mail/weights.json: by what the reader of mail knows the code of the address.

    python tools/fit_mail.py --fonts /usr/share/fonts --count 400

composes envelopes from the training parts (MNIST's writers, typefaces that are not held out) below the folder
that WINDOWPANE_DATA names (else ../shared/data), reads the numbers on each, and fits the weights twice: for a
known country, and for any. Two thirds of the envelopes are for the weights, the rest for calibration and
threshold.
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.core.calibration import Platt
from windowpane.evaluate.mail import envelopes
from windowpane.read.mail.evidence import FEATURES, Evidence, Weights, features
from windowpane.read.mail.mail_reader import MailReader, code_shares
from windowpane.read.reading import Box, Reading

TARGET = Path(__file__).parents[1] / "src/windowpane/read/mail/weights.json"
PENALTY = 0.001  # on the squares of the weights, per envelope
RIGHT = 0.99  # share of what is accepted that has to be right
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """An envelope: features of its candidates, which of them are the code, the evidence, and the code."""

    rows: Floats
    right: NDArray[np.bool_]
    evidence: Sequence[Evidence]
    code: str


def main() -> None:
    """Compose, read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    root = Path(os.environ.get("WINDOWPANE_DATA", "../shared/data"))
    known, unknown = [], []
    readers: dict[str | None, MailReader] = {None: MailReader()}
    for one in envelopes(root, options.fonts, part="train", seed=options.seed, count=options.count):
        readings = readers[None].readings(one.pixels)
        reader = readers.setdefault(one.country, MailReader(country=one.country))
        known.append(example(reader, one.pixels, readings, one.code, one.box))
        unknown.append(example(readers[None], one.pixels, readings, one.code, one.box))
        print(f"\r{len(known)} of {options.count}", end="", flush=True)
    table = {"country known": fitted(known), "any country": fitted(unknown)}
    TARGET.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def example(
    reader: MailReader, picture: NDArray[np.uint8], readings: Sequence[Reading], code: str, box: Box
) -> Example:
    """Return what the reader knows of an envelope and what it should say."""
    evidence = reader.evidence(picture, readings)
    rows = features(evidence, picture.shape[:2], reader.country)
    there = np.array([shared(one.candidate.box, box) for one in evidence])
    says = np.array([one.reading.text == code for one in evidence], bool)
    right = says & (there > 0.5) if (says & (there > 0.5)).any() else there > 0.7
    return Example(rows, right, evidence, code)


def shared(one: Box, other: Box) -> float:
    """Return how much two boxes have in common, of what they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other)]
    return common / (sum(areas) - common)


def fitted(examples: Sequence[Example]) -> dict[str, object]:
    """Return weights, calibration and threshold."""
    split = 2 * len(examples) // 3
    values = weights(examples[:split])
    plain = Weights(values, Platt(), 0.0)
    answers = [best(plain, one) for one in examples[split:]]
    chances = np.array([chance for _, chance in answers])
    right = np.array([code == one.code for (code, _), one in zip(answers, examples[split:], strict=True)])
    calibration = Platt.fit(chances, right)
    confidence = calibration.of_logits(np.log(chances / np.maximum(1 - chances, 1e-12)))
    threshold = lowest(confidence, right)
    accepted = confidence >= threshold
    print(
        f"\n{len(right)} for calibration: {right.mean():.1%} right, {accepted.mean():.1%} accepted,", end=" "
    )
    print(f"of these {right[accepted].mean():.1%} right")
    rounded = {name: round(float(value), 4) for name, value in zip(FEATURES, values, strict=True)}
    slope, shift = round(calibration.slope, 4), round(calibration.shift, 4)
    return {"weights": rounded, "calibration": [slope, shift], "threshold": round(threshold, 4)}


def weights(examples: Sequence[Example], steps: int = 3000, rate: float = 0.05) -> Floats:
    """Return the weights that make the right candidates likeliest: gradient ascent, Adam's steps."""
    values = np.zeros(len(FEATURES))
    mean, spread = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, steps + 1):
        slope = -2 * PENALTY * values * (np.arange(len(values)) > 0)
        slope += sum(_slope(values, one) for one in examples) / len(examples)
        mean, spread = 0.9 * mean + 0.1 * slope, 0.999 * spread + 0.001 * slope**2
        values += rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return values


def _slope(values: Floats, one: Example) -> Floats:
    """Return the gradient of the log-likelihood of one envelope."""
    shares = Weights(values, Platt(), 0.0).probabilities(one.rows)
    target = shares * one.right
    return one.rows.T @ ((target / max(target.sum(), 1e-12) if one.right.any() else 0.0) - shares)


def best(found: Weights, one: Example) -> tuple[str, float]:
    """Return the likeliest code of an envelope and its probability."""
    shares, _ = code_shares(one.evidence, found.probabilities(one.rows))
    code = max(shares, key=lambda text: shares[text], default="")
    return code, float(np.clip(shares.get(code, 0.0), 1e-9, 1 - 1e-9))


def lowest(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Return the lowest threshold above which enough is right; at least one half."""
    order = np.argsort(-confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= RIGHT)
    return float(max(0.5, confidence[order][enough[-1]])) if len(enough) else 1.0


if __name__ == "__main__":
    main()
