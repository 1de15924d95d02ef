"""How sure a reading is: from the net's probability to one that holds.

The lattice gives every string a probability. Nets are too sure of themselves, so it passes through a logistic
curve with two numbers, fitted on lines that were kept aside and stored in the net file (Platt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LAPSE = 0.01  # how often a picture does not obey the rule (length, lexicon) that the caller gave


def calibrated(probability: float, curve: Sequence[float] | None) -> float:
    """Return the calibrated probability, 0..1; curve is (slope, shift) on the scale of log-odds, or None."""
    if curve is None:
        return probability
    odds = math.log(max(probability, 1e-12)) - math.log(max(1 - probability, 1e-12))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, curve[0] * odds + curve[1]))))


def under_rule(probabilities: Sequence[float]) -> list[float]:
    """Return the probabilities of strings that obey a rule, given that it holds but for a lapse now and then.

    probabilities: of the best strings that obey it, without regard to the rule. What is left of their sum is
    that of strings that break the rule or are less likely; it counts a hundredth. So a blank picture is not
    read with confidence just because five digits were asked for, and "1 or 7?" is settled by the lexicon.
    """
    obeying = sum(probabilities)
    total = obeying + max(0.0, 1 - obeying) * LAPSE
    return [p / total for p in probabilities]
