"""A net's labels parted: digits for the lattice, marks for what stands beside them."""

import numpy as np
import pytest

from windowpane.errors import NetFileError
from windowpane.read.alphabet.labels import MARKS, NAMES, check, parted
from windowpane.read.votes import log_sum

OLD = (*"0123456789", "none")


def scores(names, *shape, seed=0):
    logits = np.random.default_rng(seed).normal(0, 2, (2, len(names), *shape)).astype(np.float32)
    return logits - log_sum(logits, 1)


def test_a_net_without_marks_keeps_its_map():
    given = scores(OLD, 7)
    digits, marks = parted(given, OLD)
    np.testing.assert_array_equal(digits, given)
    assert marks.shape == (2, len(MARKS), 7)
    assert (np.exp(marks) == 0).all()


def test_marks_count_as_none_and_all_stays_a_probability():
    given = scores(NAMES, 7)
    digits, marks = parted(given, NAMES)
    np.testing.assert_array_equal(digits[:, :10], given[:, :10])
    np.testing.assert_array_equal(marks, given[:, 10:16])
    np.testing.assert_allclose(np.exp(digits).sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(digits[:, 10]), np.exp(given[:, 10:]).sum(axis=1), rtol=1e-5)


def test_the_names_tell_where_a_label_is():
    order = np.random.default_rng(1).permutation(len(NAMES))
    given = scores(NAMES, 5)
    for one, other in zip(
        parted(given, NAMES), parted(given[:, order], [NAMES[i] for i in order]), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_maps_with_rows_have_their_labels_before_them():
    given = scores(NAMES, 3, 7)
    digits, marks = parted(given, NAMES, axis=-3)
    for row in range(3):
        for whole, of_row in zip((digits, marks), parted(given[:, :, row], NAMES), strict=True):
            np.testing.assert_array_equal(whole[:, :, row], of_row)


@pytest.mark.parametrize(
    ("names", "said"), [(OLD[1:], "lacks 0"), (OLD[:10], "lacks none"), ((*OLD, "face"), "has unknown face")]
)
def test_other_labels_are_none_of_a_reader(names, said):
    with pytest.raises(NetFileError, match=said):
        check(names)
    check(OLD)
    check(NAMES)
