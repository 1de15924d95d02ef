"""What is on pages and is no text: it is drawn, within the map, the same by the same seed."""

import numpy as np
import pytest

from windowpane.data.writing.clutter import KINDS, clutter


@pytest.mark.parametrize("kind", sorted(set(KINDS), key=lambda kind: kind.__name__))
def test_every_kind_leaves_ink_on_maps_of_any_size(kind):
    for size in ((200, 300), (20, 9)):
        inked = []
        for seed in range(12):
            cover = np.zeros(size, np.uint8)
            kind(np.random.default_rng(seed), cover)
            inked.append(cover.any())
        assert sum(inked) > 4


def test_the_same_seed_draws_the_same():
    one, other = np.zeros((2, 90, 120), np.uint8)
    clutter(np.random.default_rng(4), one)
    clutter(np.random.default_rng(4), other)
    assert np.array_equal(one, other)
