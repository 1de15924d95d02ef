"""What a rule that is known to hold, on length or lexicon, makes of probabilities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windowpane.read.confidence import under_rule


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=5))
def test_under_a_rule_strings_keep_their_order_and_share_at_most_one(raw):
    given_to = [p / max(1.0, sum(raw)) for p in raw]
    known = under_rule(given_to)
    assert sum(known) <= 1 + 1e-9
    for before, after in zip(given_to, known, strict=True):
        assert after >= before - 1e-9  # a string that obeys the rule gains
        assert after / known[0] == pytest.approx(before / given_to[0])


def test_a_rule_settles_a_doubt_but_makes_nothing_of_a_blank():
    assert under_rule([0.6])[0] > 0.99  # 1 or 7, and only one is valid
    assert under_rule([0.3, 0.3])[0] < 0.5  # both are valid
    assert under_rule([1e-5])[0] < 0.01  # five digits asked of a blank picture
    assert under_rule([1.0]) == [1.0]
    assert under_rule([0.0]) == [0.0]
