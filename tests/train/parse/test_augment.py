"""Views pasted into each other."""

import numpy as np

from windowpane.train.parse.augment import cutmix


def test_a_mixed_view_has_a_rectangle_of_the_next_one_with_its_labels():
    views = [(np.full((40, 60, 3), 50 * k, np.uint8), np.full((40, 60), k, np.uint8)) for k in range(4)]
    for _ in range(20):
        for k, (picture, labels) in enumerate(cutmix(np.random.default_rng(), views, 1.0)):
            assert (picture == 50 * labels[..., None]).all()
            rows, cols = np.nonzero(labels != k)
            assert set(labels[rows, cols].tolist()) == {(k + 1) % 4}
            assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(cols) + 1)
            assert 0.03 < (labels != k).mean() < 0.52
    assert all(
        one is two for one, two in zip(cutmix(np.random.default_rng(), views, 0.0), views, strict=True)
    )
