"""Who is looked at again, and how views of a line are joined, with candidates made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.read.decoder import StringCandidates
from windowpane.read.tta import VIEWS, joined, look_again


class Spoken:
    """A lattice that knows the probabilities of the strings of its one line by heart."""

    def __init__(self, chances):
        self.chances = chances

    def lines(self, rows):
        return self

    def log_probability(self, texts):
        return np.log([self.chances.get(text, 1e-99) for text in texts])


def spoken(row=0, **strings):
    chances = {text[1:]: chance for text, chance in strings.items()}
    return StringCandidates(SimpleNamespace(lattice=Spoken(chances)), row, list(chances.items()))


def test_the_probability_of_a_string_is_the_mean_of_all_views():
    (one,) = joined([[spoken(_1=0.6, _7=0.4), spoken(_7=0.9, _1=0.1), spoken(_4=1.0)]])
    assert [text for text, _ in one.strings] == ["7", "4", "1"]
    assert [chance for _, chance in one.strings] == pytest.approx([1.3 / 3, 1 / 3, 0.7 / 3])


def test_the_view_that_is_the_surest_of_the_answer_has_its_places():
    views = [spoken(0, _1=0.6, _7=0.4), spoken(1, _7=0.9), spoken(2, _7=0.95), spoken(3, _1=1.0)]
    assert [one.row for one in joined([views, views[::-1][1:], views[:1]])] == [2, 2, 0]


def test_only_doubtful_lines_are_looked_at_again():
    seen = []

    def look(lines):
        seen.extend(lines)
        return [spoken(10 + place, _7=0.99) for place in range(len(lines))]

    writings = [SimpleNamespace(line=lambda view, n=n: (n, view)) for n in range(3)]
    sure, doubtful = spoken(0, _3=0.9), spoken(1, _1=0.6)
    again = look_again(writings, [doubtful, sure, doubtful], 0.7, look)
    assert seen == [(n, view) for view in VIEWS for n in (0, 2)]
    assert again[1] is sure
    assert [one.strings[0][0] for one in again] == ["7", "3", "7"]
    assert [one.row for one in again] == [10, 0, 11]


def test_where_all_are_sure_nobody_is_looked_at():
    sure = [spoken(_3=0.9)]
    assert look_again([None], sure, 0.7, list) == sure
