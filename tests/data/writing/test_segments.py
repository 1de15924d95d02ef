"""Displays of seven segments, drawn."""

import numpy as np

from windowpane.data.writing.segments import LIT, segment_hand


def test_a_display_has_ten_digits_that_differ_a_point_and_a_colon():
    hand = segment_hand(np.random.default_rng(0), "one")
    assert sorted(hand.digits) == list("0123456789")
    assert {".", ":"} < set(hand.places)
    first = [hand.images[hand.places[str(digit)][0]] for digit in range(10)]
    assert len({image.tobytes() for image in first}) == 10
    assert hand.printed


def test_more_segments_are_more_ink_and_digits_have_one_height():
    for seed in range(20):
        hand = segment_hand(np.random.default_rng(seed), "one")
        ink = {digit: (hand.images[hand.places[str(digit)][0]] > 200).sum() for digit in range(10)}
        assert ink[8] == max(ink.values())
        assert ink[1] == min(ink.values())
        rows = np.flatnonzero((hand.images[hand.places["8"][0]] > 128).any(axis=1))
        assert abs(rows[-1] - rows[0] + 1 - hand.height) <= 2


def test_displays_differ_and_the_same_seed_gives_the_same():
    one, again, other = (segment_hand(np.random.default_rng(seed), "a").images for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert [len(segments) for segments in LIT] == [6, 2, 5, 5, 4, 5, 6, 3, 7, 6]
