from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.errors import DataError
from windowpane.evaluate import read
from windowpane.evaluate.testsets import NumberPicture
from windowpane.read.reading import Reading


def reading(text, confidence=1.0, rejected=False):
    return Reading(text, confidence, rejected, (), (), (0, 0, 1, 1))


class FakeReader:
    """Reads a picture as its grey level; without being told the length it misses leading zeros."""

    def __init__(self, net, *, length=None, format="number"):
        assert net == "my.onnx"
        self.digits = length or (5 if format == "zip" else 1)

    def read(self, pictures):
        return (reading(f"{picture[0, 0, 0]:0{self.digits}d}") for picture in pictures)


@pytest.fixture
def three_lines(monkeypatch):
    """A set of three lines whose digits are those of the seed and the two numbers after it."""

    def lines(seed):
        for number in range(seed, seed + 3):
            yield NumberPicture(np.full((4, 4, 3), number, np.uint8), f"{number:05d}")

    monkeypatch.setattr(read, "Reader", FakeReader)
    monkeypatch.setitem(read.SETS, "three", (lines, read.FIVE | read.OPEN | read.ZIP))


def test_a_set_has_a_row_for_each_rule(three_lines):
    rows = read.evaluate(["three"], net="my.onnx", seed=40)
    assert [(row["set"], row["count"], row["seed"], row["what"], row["right"]) for row in rows] == [
        ("three", 3, 40, "length given", 1.0),
        ("three", 3, 40, "length open", 0.0),
        ("three", 3, 40, "lexicon", 1.0),
    ]


def test_a_quick_look_takes_the_first_lines_only(three_lines):
    assert {row["count"] for row in read.evaluate(["three"], net="my.onnx", limit=2)} == {2}


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(DataError, match="no test set 'zips': choose from composed, touching, orand"):
        read.evaluate(["zips"], net="my.onnx")


def test_a_string_is_right_as_a_whole_or_not_at_all():
    readings = [reading("12345"), reading("1234"), reading("12346"), reading("")]
    assert read.score(readings, ["12345", "12345", "12345", ""])["right"] == 0.5


def test_an_honest_confidence_has_no_calibration_error():
    readings = [reading("1", 0.75), reading("1", 0.75), reading("1", 0.75), reading("7", 0.75)]
    assert read.score(readings, ["1"] * 4)["ece"] == pytest.approx(0)
    assert read.score(readings, ["7"] * 4)["ece"] == pytest.approx(0.5)


def test_acceptance_by_the_best_threshold_and_by_the_nets_own():
    readings = [reading("1", 0.9 - 0.1 * place, rejected=place >= 4) for place in range(5)]
    measured = read.score(readings, ["1", "1", "7", "1", "1"])
    assert measured["accepted"] == 0.4  # the third in order of confidence is wrong
    assert measured["passed"] == 0.8
    assert measured["passed_wrong"] == 0.25


def test_nothing_passed_is_nothing_wrong():
    measured = read.score([reading("1", 0.5, rejected=True)], ["7"])
    assert (measured["passed"], measured["passed_wrong"], measured["accepted"]) == (0, 0, 0)


def test_the_folder_of_typefaces_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("WINDOWPANE_FONTS", str(tmp_path))
    with pytest.raises(DataError, match="no usable typeface"):
        read.evaluate(["printed"], net="my.onnx")


def test_a_folder_of_ones_own_is_read_without_rules(monkeypatch, tmp_path):
    monkeypatch.setattr(read, "Reader", FakeReader)
    for number in (3, 4):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((9, 9, 3), number, np.uint8))
    (tmp_path / "labels.csv").write_text("file,label\n3.png,3\n4.png,5\n")
    (row,) = read.evaluate([str(tmp_path)], net="my.onnx")
    assert (row["count"], row["what"], row["right"]) == (2, "length open", 0.5)
    (tmp_path / "labels.csv").write_text("file,label\n")
    with pytest.raises(DataError, match="names no picture"):
        read.evaluate([str(tmp_path)], net="my.onnx")
