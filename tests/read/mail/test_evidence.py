"""How well each number would do as the postcode."""

import numpy as np
import pytest

from windowpane.read.mail.candidates import candidates
from windowpane.read.mail.countries import country
from windowpane.read.mail.evidence import FEATURES, Evidence, features, weights
from windowpane.read.mail.surroundings import Surroundings

AROUND = Surroundings(0, 4, 2, 0, True)
SIZE = (600, 1200)


def evidence(readings, around=AROUND, density=0.2):
    found = candidates(readings, country("FR"))
    by_text = {one.text: one for one in readings}
    return [Evidence(one, by_text.get(one.text, readings[0]), around, density) for one in found]


def row(*args, **more):
    return dict(zip(FEATURES, features(*args, **more)[0].tolist(), strict=True))


def test_there_is_a_weight_for_every_feature(said):
    rows = features(evidence([said("33000", 600, 400)]), SIZE, country("FR"))
    assert rows.shape == (1, len(FEATURES))
    for known in (True, False):
        assert weights(known).values.shape == (len(FEATURES),)
        assert 0.5 <= weights(known).threshold < 1
    assert features([], SIZE, None).shape == (0, len(FEATURES))


def test_the_place_is_told_from_the_middle_of_the_page(said):
    found = row(evidence([said("33000", 900, 440)]), SIZE, country("FR"))
    assert found["x"] == pytest.approx(0.56, abs=0.02)
    assert found["y"] == pytest.approx(0.5, abs=0.02)


def test_what_the_list_says_counts_more_where_the_list_is_short(said):
    long, short = (row(evidence([said("33000", 0, 0)], density=d), SIZE, country("FR")) for d in (0.5, 0.01))
    assert long["listed"] == short["listed"] == 1
    assert short["listed in a short list"] > long["listed in a short list"] > 0


def test_the_country_says_where_writing_stands_beside_it(said):
    number = evidence([said("33000", 600, 400)])
    assert row(number, SIZE, country("FR"))["as the country writes it"] == 1
    assert row(number, SIZE, country("US"))["as the country writes it"] == 0
    assert row(number, SIZE, None)["as the country writes it"] == 1


def test_a_number_below_in_the_same_block_is_seen(said):
    above, below = said("95106", 600, 300), said("33000", 600, 400)
    rows = features(evidence([above, below]), SIZE, country("FR"))
    column = rows[:, FEATURES.index("numbers below")]
    assert sorted(column.tolist()) == [0, 0.5]


def test_probabilities_leave_something_for_none_of_these():
    ours = weights(True)
    shares = ours.probabilities(np.random.default_rng(0).normal(size=(5, len(FEATURES))))
    assert (shares > 0).all()
    assert shares.sum() < 1
    assert ours.probabilities(np.zeros((0, len(FEATURES)))).shape == (0,)
    assert np.isfinite(ours.probabilities(np.full((2, len(FEATURES)), 1e4))).all()
