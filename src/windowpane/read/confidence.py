"""What a rule that the caller gave, on length or lexicon, makes of the probabilities of strings."""

from __future__ import annotations

from collections.abc import Sequence

LAPSE = 0.01  # how often a picture does not obey the rule (length, lexicon) that the caller gave


def under_rule(probabilities: Sequence[float]) -> list[float]:
    """Return the probabilities of strings that obey a rule, given that it holds but for a lapse now and then.

    probabilities: of the best strings that obey it, without regard to the rule. What is left of their sum is
    that of strings that break the rule or are less likely; it counts a hundredth. So a blank picture is not
    read with confidence just because five digits were asked for, and "1 or 7?" is settled by the lexicon.
    """
    obeying = sum(probabilities)
    total = obeying + max(0.0, 1 - obeying) * LAPSE
    return [p / total for p in probabilities]
