"""Whose digits lines are composed from: writers, typefaces, digits cut from real lines."""

import cv2
import numpy as np
import pytest

from windowpane.data.digits import DigitSet, LabelledLine
from windowpane.data.writing import hands
from windowpane.data.writing.hands import (
    FACE_HEIGHT,
    FACE_SIZE,
    Hand,
    by_family,
    cut_from_lines,
    dotted,
    old_style,
    text_typefaces,
    typefaces,
    writers,
)
from windowpane.errors import DataError


def test_each_writer_is_a_hand_and_those_with_few_digits_are_none():
    images = np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    labels, who = np.arange(12) % 10, np.array([5] * 6 + [9] * 5 + [3])
    found = {hand.name: hand for hand in writers(DigitSet(images, labels, who))}
    assert set(found) == {"writer 5", "writer 9"}
    nine = found["writer 9"]
    assert not nine.printed
    assert sorted(nine.digits) == ["0", "6", "7", "8", "9"]
    for digit in nine.digits:  # every image is found under the digit that it shows
        assert [int(nine.images[i, 0, 0]) % 10 for i in nine.places[digit]] == [int(digit)]
    assert len(writers(DigitSet(images, labels, who), at_least=1)) == 3


def test_digits_of_unknown_writers_are_one_hand():
    images = np.zeros((8, 28, 28), np.uint8)
    (hand,) = writers(DigitSet(images, np.arange(8), np.full(8, -1)))
    assert len(hand.images) == 8


def test_digits_are_cut_from_lines_by_their_boxes(tmp_path):
    picture = np.full((50, 160, 3), 230, np.uint8)
    picture[10:40, 20:32] = 30  # a dark bar, and
    cv2.circle(picture, (110, 25), 14, (30, 30, 30), 5)  # a ring
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    boxes = np.array([[20, 10, 32, 40], [94, 9, 127, 42]], np.float32)
    lines = [LabelledLine(tmp_path / "a.png", "10", boxes), LabelledLine(tmp_path / "b.png", "5")]
    hand = cut_from_lines(lines, name="cheques")
    assert hand.characters.tolist() == ["1", "0"]
    for image in hand.images:
        rows = np.flatnonzero((image > 120).any(axis=1))
        assert rows[-1] + 1 - rows[0] == pytest.approx(FACE_HEIGHT, abs=4)
        assert rows.mean() == pytest.approx(image.shape[0] / 2, abs=2)
    bar, ring = hand.images
    middle = bar.shape[1] // 2
    assert bar[middle, middle] > 200
    assert ring[middle, middle] < 60  # paper inside the ring
    assert bar[:, :10].max() == 0  # nothing of the neighbours


# -- Typefaces ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """A folder with one typeface, the one that Pillow brings along, and files that are none."""
    font = pytest.importorskip("PIL.ImageFont").load_default(20)
    if not hasattr(font, "path"):
        pytest.skip("Pillow was built without FreeType")
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "deep").mkdir()
    (folder / "deep" / "face.ttf").write_bytes(font.path.getvalue())
    (folder / "copy.otf").write_bytes(font.path.getvalue())
    (folder / "broken.ttf").write_bytes(b"no font")
    (folder / "notes.txt").write_text("no font either")
    return folder


def test_typefaces_are_rendered_in_one_size_each_once(fonts):
    (face,) = typefaces(fonts, held_out=False)
    assert face.printed
    assert sorted(face.digits) == list("0123456789")
    assert face.images.shape[1:] == (FACE_SIZE, FACE_SIZE)
    assert len(face.images) == len(face.characters) == len(face.advances)
    for digit in face.digits:
        rows = np.flatnonzero(face.images[face.places[digit][0]].any(axis=1))
        assert rows[-1] + 1 - rows[0] == pytest.approx(FACE_HEIGHT, abs=3)
    tall = face.images[face.places["8"][0]].astype(float)
    assert np.average(np.arange(FACE_SIZE), weights=tall.sum(axis=0)) == pytest.approx(FACE_SIZE / 2, abs=2)


def test_a_held_out_family_is_for_the_test_alone(fonts, monkeypatch):
    (face,) = typefaces(fonts, held_out=False)
    monkeypatch.setattr(hands, "HELD_OUT_FAMILIES", (face.family,))
    assert [one.name for one in typefaces(fonts, held_out=True)] == [face.name]
    with pytest.raises(DataError, match="no usable typeface"):
        typefaces(fonts, held_out=False)


def test_words_are_set_in_the_same_typefaces(fonts):
    files = text_typefaces(fonts, held_out=False)
    assert [file.name for file in files] == ["copy.otf", "face.ttf"]
    with pytest.raises(DataError, match="no usable typeface"):
        text_typefaces(fonts, held_out=True)


def test_a_folder_without_typefaces_is_named(tmp_path):
    with pytest.raises(DataError, match=f"under {tmp_path}: install some fonts"):
        typefaces(tmp_path, held_out=False)


def test_families_are_kept_together():
    made = [
        Hand(f"{family} {style}", family, np.zeros((1, 9, 9), np.uint8), np.array(["1"]), 6.0)
        for family, style in (("A", "bold"), ("B", "book"), ("A", "thin"))
    ]
    assert [[hand.name for hand in family] for family in by_family(made)] == [
        ["A bold", "A thin"],
        ["B book"],
    ]


def test_a_dot_matrix_prints_dots_with_paper_between_them(hand):
    printed = dotted(hand, 9)
    assert printed.images.shape == hand.images.shape
    assert printed.height == hand.height
    for image in printed.images:
        rows = np.flatnonzero((image > 100).any(axis=1))
        assert rows[-1] + 1 - rows[0] == pytest.approx(FACE_HEIGHT, abs=12)
        assert rows.mean() == pytest.approx(FACE_SIZE / 2, abs=4)

    def paper_within(images):
        inside = [cv2.morphologyEx(one, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 230 for one in images]
        return np.concatenate([one[area] < 200 for one, area in zip(images, inside, strict=True)]).mean()

    assert paper_within(printed.images) > 3 * paper_within(hand.images)


def test_old_style_figures_are_small_or_rise_or_hang(fonts):
    (face,) = typefaces(fonts, held_out=False)
    old = old_style(face)
    assert old.family == face.family
    rows = {}
    for digit in "0123456789":
        inked = np.flatnonzero((old.images[old.places[digit][0]] > 100).any(axis=1))
        rows[digit] = (inked[0], inked[-1] + 1)
    for digit in "012":
        assert rows[digit][1] - rows[digit][0] < 0.85 * FACE_HEIGHT
    for digit in "34579":
        assert rows[digit][1] > rows["0"][1]  # below the line
    for digit in "68":
        assert rows[digit][0] < rows["0"][0]
    assert old.advances[0] < face.advances[0]
