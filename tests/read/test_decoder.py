"""From votes to readings, on votes made by hand; and what a rule makes of probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windowpane.core.calibration import Platt
from windowpane.core.windows import Window
from windowpane.read.alphabet.labels import MARKS
from windowpane.read.decoder import Decoder, LineBatch, probabilities, under_rule
from windowpane.read.lattice import NONE, Lattice
from windowpane.read.lexicon import Lexicon
from windowpane.read.line import HEIGHT, Line

WINDOW = Window(HEIGHT, 48, (HEIGHT, 4))
WIDTH = 88  # eleven columns


def seen(*lines):
    """What a net says of lines that were run together; of each line how sure it is of a digit at a column."""
    voted = np.zeros((len(lines), NONE + 1, 11), np.float32)
    for chances, line in zip(voted, lines, strict=True):
        for (digit, column), chance in line.items():
            chances[digit, column] = chance
        chances[NONE] = 1 - chances.sum(axis=0)
    voted = np.log(np.maximum(voted, 1e-6))
    ink = np.zeros((HEIGHT, WIDTH), np.uint8)
    ink[8:24, 24::4] = 255  # a stroke in the middle of each window
    inks = [Line(ink, (2.0, 2.0), 10.0, 20.0) for _ in lines]
    marks = np.full((len(lines), len(MARKS), 11), -20.0)
    marks[:, MARKS.index("."), 4] = np.log(0.9)
    marks[:, MARKS.index("other"), 9] = np.log(0.8)
    return LineBatch(inks, (), voted, marks, Lattice(voted))


def decoder(length=None, lexicon=None, top=3, threshold=0.5, calibration=None, separators=False):
    return Decoder(WINDOW, length, lexicon, top, threshold, calibration or Platt(), separators)


def decided(batch, **rules):
    made = decoder(**rules)
    return made.decided(made.candidates(batch))


def test_separators_are_part_of_the_text_where_they_are_asked_for():
    batch = seen({(1, 2): 1.0, (7, 6): 1.0})
    (plain,), (written,) = decided(batch), decided(batch, separators=True)
    assert (plain.reading.text, written.reading.text) == ("17", "1.7")
    assert written.reading.digits == plain.reading.digits
    assert written.reading.confidence == pytest.approx(0.9 * plain.reading.confidence)
    assert decided(seen({}), separators=True)[0].reading.text == ""


def test_a_decision_tells_of_letters_beside_its_digits():
    (one,) = decided(seen({(1, 2): 1.0, (7, 6): 1.0}))
    assert one.beside.left < 0.01
    assert one.beside.right == pytest.approx(0.8, abs=0.01)


def test_a_line_without_doubt_has_one_candidate():
    (one,) = decoder().candidates(seen({(1, 2): 1.0, (7, 6): 1.0}))
    ((text, chance),) = one.strings
    assert text == "17"
    assert chance == pytest.approx(1, abs=1e-3)


def test_a_doubtful_line_has_its_best_strings_best_first():
    (one,) = decoder(top=1).candidates(seen({(1, 2): 0.6, (4, 2): 0.4, (7, 6): 1.0}))
    assert [text for text, _ in one.strings] == ["17", "47"]  # one more than there are alternatives
    assert [chance for _, chance in one.strings] == pytest.approx([0.6, 0.4], abs=1e-3)
    assert probabilities([one, one], ["47", "99"]) == pytest.approx([0.4, 0], abs=1e-3)


def test_probabilities_are_asked_of_lines_of_several_batches_at_once():
    made = decoder()
    batches = [seen({(5, 3): 0.7}, {(1, 2): 0.6, (4, 2): 0.4}), seen({(8, 1): 1.0})]
    (five, one), (eight,) = (made.candidates(batch) for batch in batches)
    assert probabilities([one, eight, five, one], ["4", "8", "5", "1"]) == pytest.approx(
        [0.4, 1, 0.7, 0.6], abs=1e-3
    )


def test_each_line_has_its_own_decision_in_the_order_given():
    batches = [seen({(5, 3): 1.0}, {}), seen({(8, 1): 1.0, (8, 4): 1.0})]
    made = decoder()
    first, second = (made.candidates(batch) for batch in batches)
    decisions = made.decided([first[1], second[0], first[0]])
    assert [one.reading.text for one in decisions] == ["", "88", "5"]
    assert [one.columns for one in decisions] == [(), (1, 4), (3,)]
    assert decisions[1].candidates is second[0]


def test_digits_stand_where_their_ink_is_in_the_picture():
    (one,) = decided(seen({(1, 2): 1.0}))
    (digit,) = one.reading.digits
    x0, y0, x1, y1 = digit.box
    assert (y0, y1) == (20 + 8 / 2, 20 + 24 / 2)
    middle = 10 + WINDOW.centre(0, 2)[0] / 2
    assert x0 < middle < x1
    assert one.reading.box == digit.box


def test_a_threshold_rejects_and_calibration_tells_how_sure():
    batch = seen({(1, 2): 0.8, (4, 2): 0.2})
    (plain,), (harsh,) = decided(batch), decided(batch, calibration=Platt(1.0, -4.0))
    assert plain.reading.confidence == pytest.approx(0.8, abs=1e-3)
    assert not plain.reading.rejected
    assert harsh.reading.confidence < 0.1
    assert harsh.reading.rejected
    assert harsh.reading.alternatives[0].text == "4"


def test_a_lexicon_decides_among_candidates():
    batch = seen({(1, 2): 0.6, (4, 2): 0.4, (7, 6): 1.0})
    (one,) = decided(batch, lexicon=Lexicon.from_strings(["47", "123"]))
    assert one.reading.text == "47"
    assert one.reading.confidence > 0.9


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
