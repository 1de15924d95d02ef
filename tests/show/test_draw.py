from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.core.pyramids import Level
from windowpane.core.windows import Window
from windowpane.detect.detections import Detections
from windowpane.errors import ArgumentError
from windowpane.images.drawing import ACCENT, FAINT
from windowpane.parse.labelmap import LabelMap
from windowpane.read.reading import Digit, Reading
from windowpane.show import draw

CELL = 16


def middle(image, row, column):
    return tuple(int(value) for value in image[row * CELL + CELL // 2, column * CELL + CELL // 2])


def accents(image):
    return np.all(image == ACCENT, axis=-1)


def white(image):
    return int((image == 255).all(-1).sum())


def a_reading(text="2", rejected=False, box=(10, 40, 40, 100)):
    digits = tuple(Digit(one, box, 0.9) for one in text)
    return Reading(text, 0.9, rejected, digits, (), box)


def an_explanation(text="22", columns=(2, 6), surest=(3, 0), width=80):
    """A made-up reading; ``surest``: for each digit, the map that is (0 the widest, 3 the narrowest)."""
    maps = []
    for kernel in (5, 4, 3, 2):
        window = Window(32, 12 + 4 * kernel, (32, 4))
        scores = np.full((11, 1, window.map_size(32, width)[1]), -6.0, np.float32)
        maps.append(SimpleNamespace(scores=scores, window=window, names=(*"0123456789", "none")))
    widest = maps[0].window
    for digit, column, head in zip(text, columns, surest, strict=True):
        best = maps[head]
        best.scores[int(digit), 0, best.window.cell(*widest.centre(0, column))[1]] = -0.01
    voted = np.full((11, maps[0].scores.shape[2]), -6.0)
    for digit, column in zip(text, columns, strict=True):
        voted[int(digit), column] = -0.1
    return SimpleNamespace(
        picture=np.full((120, 300, 3), 200, np.uint8),
        ink=np.zeros((32, width), np.uint8),
        maps=tuple(maps),
        voted=voted,
        columns=columns,
        window=widest,
        reading=a_reading(text),
        ms={"net": 0.5},
    )


# -- hinton ------------------------------------------------------------------------------------------------


def test_hinton_is_white_for_yes_black_for_no_and_ground_for_undecided():
    image = draw.hinton(np.array([[1.0, 0.0, 0.5]]))
    assert [middle(image, 0, column) for column in range(3)] == [(255,) * 3, (0,) * 3, draw.GROUND]
    assert (image[:, 2 * CELL :] == draw.GROUND).all()


def test_hinton_squares_grow_with_the_score():
    areas = [white(draw.hinton(np.array([[score]]), cell=(40, 40))) for score in (0.5, 0.6, 0.8, 1.0)]
    assert areas == sorted(set(areas))


def test_hinton_puts_labels_in_rows_and_positions_in_columns():
    scores = np.zeros((3, 5))
    scores[2, 4] = 1
    image = draw.hinton(scores, cell=(CELL, 2 * CELL))
    assert image.shape == (3 * CELL, 5 * 2 * CELL, 3)
    assert tuple(image[2 * CELL + 8, 9 * CELL]) == (255, 255, 255)


def test_hinton_ticks_are_under_their_columns_only():
    image = draw.hinton(np.zeros((2, 6)), ticks=[1, 4])
    assert image.shape[0] == 3 * CELL
    columns = np.flatnonzero(accents(image).any(axis=0)) // CELL
    assert set(columns) == {1, 4}
    assert not accents(image)[: 2 * CELL].any()


def test_hinton_refuses_what_is_no_map():
    with pytest.raises(ValueError, match=r"\(labels, columns\)") as fault:
        draw.hinton(np.zeros(4))
    assert isinstance(fault.value, ArgumentError)


# -- lattice -----------------------------------------------------------------------------------------------


def test_lattice_path_runs_from_the_lower_left_to_the_upper_right():
    voted = np.full((11, 12), -9.0)
    path = accents(draw.lattice(voted, (2, 5, 9), "117", cell=(CELL, CELL)))
    assert path.shape == (3 * CELL, 12 * CELL)
    assert path[-CELL // 2 :, 0].any()
    assert path[: CELL // 2, -1].any()
    assert not path[: 2 * CELL, : 2 * CELL].any(), "before its first digit the path is at the bottom"


def test_lattice_steps_up_once_for_each_of_two_equal_digits():
    voted = np.full((11, 12), -9.0)
    path = accents(draw.lattice(voted, (3, 8), "11", cell=(CELL, CELL)))
    assert path[CELL + CELL // 2, 3 * CELL + CELL // 2], "the lower row is crossed in column 3"
    assert path[CELL // 2, 8 * CELL + CELL // 2], "the upper row in column 8"
    assert not path[CELL // 2, : 8 * CELL - 2].any()


def test_lattice_shows_the_scores_of_each_row_of_the_answer():
    voted = np.full((11, 6), -9.0)
    voted[7, 4] = 0.0
    image = draw.lattice(voted, (0, 2), "17", cell=(CELL, CELL))
    assert middle(image, 0, 4) == (255, 255, 255)
    assert middle(image, 1, 4) == (0, 0, 0)


def test_lattice_of_nothing_is_an_empty_row():
    image = draw.lattice(np.zeros((11, 7)), (), "")
    assert image.shape == (CELL, 7 * CELL, 3)
    assert not accents(image).any()


def test_lattice_refuses_another_number_of_columns_than_of_digits():
    with pytest.raises(ArgumentError, match="1 columns given for the 2 digits of '17'"):
        draw.lattice(np.zeros((11, 7)), (3,), "17")


# -- figure1 -----------------------------------------------------------------------------------------------


def test_figure1_changes_nothing_that_it_is_given():
    explanation = an_explanation()
    before = [explanation.picture.copy(), explanation.ink.copy(), explanation.maps[0].scores.copy()]
    figure = draw.figure1(explanation)
    assert figure.dtype == np.uint8
    assert figure.shape[2] == 3
    for one, other in zip(
        before, [explanation.picture, explanation.ink, explanation.maps[0].scores], strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_figure1_ticks_the_map_that_was_the_surest_of_each_digit():
    first_tick = [
        int(accents(draw.figure1(an_explanation("2", (6,), (head,)))).any(axis=1).argmax())
        for head in range(4)
    ]
    assert first_tick == sorted(set(first_tick)), "the maps stand below each other, the widest first"
    both = accents(draw.figure1(an_explanation("22", (2, 6), (3, 0))))
    assert both[first_tick[0]].sum() == both[first_tick[3]].sum() > 0
    assert not both[first_tick[1]].any()


def test_figure1_puts_cells_under_the_middle_of_what_they_see():
    explanation = an_explanation("2", (5,), surest=(0,))
    x_line, _ = explanation.window.centre(0, 5)
    explanation.ink[:, int(x_line) - 1 : int(x_line) + 1] = 255
    figure = draw.figure1(explanation)
    ink = np.flatnonzero((figure[:150, :560] == 0).all(-1).any(axis=0))  # left of the windows of the answer
    tick_row = accents(figure).any(axis=1).argmax()
    tick = np.flatnonzero(accents(figure)[tick_row])
    assert abs(ink.mean() - tick.mean()) <= 3  # a pixel of the line is six of the figure


def test_figure1_of_a_line_without_digits_has_no_path():
    explanation = an_explanation("", (), ())
    assert not accents(draw.figure1(explanation)).any()


# -- reading -----------------------------------------------------------------------------------------------


def test_reading_draws_on_a_new_image():
    image = np.full((200, 300, 3), 220, np.uint8)
    drawn = draw.reading(image, a_reading(box=(100, 80, 140, 160)))
    assert (image == 220).all()
    assert not np.shares_memory(drawn, image)
    assert drawn.shape == image.shape
    assert accents(drawn)[80, 110], "the upper side of the box"
    assert accents(drawn)[120, 140], "its right side"
    assert (drawn[100:150, 110:130] == 220).all(), "and the digit itself is left free"


def test_reading_without_digits_is_a_copy():
    image = np.random.default_rng(0).integers(0, 255, (120, 200, 3), np.uint8)
    drawn = draw.reading(image, a_reading(text=""))
    np.testing.assert_array_equal(drawn, image)
    assert not np.shares_memory(drawn, image)


def test_reading_grows_where_the_tag_has_no_room():
    image = np.full((100, 300, 3), 220, np.uint8)
    drawn = draw.reading(image, a_reading(box=(10, 2, 60, 98)))
    assert drawn.shape[0] > image.shape[0]
    assert drawn.shape[1] == image.shape[1]


def test_reading_enlarges_small_pictures():
    drawn = draw.reading(np.full((14, 60, 3), 220, np.uint8), a_reading(box=(4, 2, 12, 13)))
    assert drawn.shape[1] % 60 == 0
    assert drawn.shape[1] >= 240


def test_reading_shows_a_rejected_answer_without_the_accent():
    image = np.full((200, 300, 3), 220, np.uint8)
    assert accents(draw.reading(image, a_reading())).any()
    assert not accents(draw.reading(image, a_reading(rejected=True))).any()


# -- Detections --------------------------------------------------------------------------------------------


def detections(*boxes, names=("face",), landmarks=None, width=300, height=200):
    count = len(boxes)
    labels = np.arange(count) % len(names)
    return Detections(
        np.array(boxes, float).reshape(-1, 4), np.full(count, 0.9), labels, names, landmarks, width, height
    )


def a_search(scales=(1.0, 0.5), hit=None, candidates=()):
    """A made-up search of a picture of 200 x 300 that finds nothing.

    hit: the place of the map that has one high cell. candidates: boxes that the second stage of the
    cascade left out.
    """
    levels, maps = [], []
    window = Window(32, 32, (4, 4))
    for place, scale in enumerate(scales):
        height, width = round(200 * scale), round(300 * scale)
        scores = np.full((1, *window.map_size(height, width)), -5.0, np.float32)
        scores[0, 0, 0] = -9
        if place == hit:
            scores[0, 3, 5] = 4
        levels.append(Level(np.zeros((height, width), np.uint8), (scale, scale)))
        maps.append(SimpleNamespace(scores=scores, window=window))
    picture = np.full((200, 300, 3), 90, np.uint8)
    return SimpleNamespace(
        picture=picture,
        levels=tuple(levels),
        maps=tuple(maps),
        logit_threshold=0.0,
        candidates=detections(*candidates),
        detections=detections(),
    )


def test_detections_are_drawn_on_a_new_image():
    image = np.full((200, 300, 3), 220, np.uint8)
    drawn = draw.draw_detections(image, detections((100, 80, 140, 160), (200, 10, 230, 40)))
    assert (image == 220).all()
    assert drawn.shape == image.shape
    lines = accents(drawn)
    assert lines[80, 120], "the upper side of the first box"
    assert lines[120, 140], "its right side"
    assert lines[25, 200], "the left side of the second"
    assert not lines[82:158, 102:138].any(), "what is found is left free"


def test_landmarks_are_dots():
    points = np.array([[[110.0, 100], [130, 100], [120, 120], [112, 140], [128, 140]]])
    image = np.full((200, 300, 3), 220, np.uint8)
    lines = accents(draw.draw_detections(image, detections((100, 80, 140, 160), landmarks=points)))
    assert all(lines[int(y), int(x)] for x, y in points[0])
    assert lines[82:158, 102:138].sum() < 60


def test_labels_are_written_only_where_there_are_several():
    image = np.full((200, 300, 3), 220, np.uint8)
    box = (100, 80, 140, 160)
    above = [
        (draw.draw_detections(image, detections(box, names=names))[:78] != image[:78]).any(-1).sum()
        for names in (("face",), ("car", "person"))
    ]
    assert above[0] == 0
    assert above[1] > 20


def test_the_number_of_a_track_is_written():
    image = np.full((200, 300, 3), 220, np.uint8)
    box = (100, 80, 140, 160)
    above = [
        (draw.draw_detections(image, replace(detections(box), ids=ids))[:78] != image[:78]).any(-1).sum()
        for ids in (None, np.array([-1]), np.array([7]), np.array([17]))
    ]
    assert above[0] == above[1] == 0
    assert above[3] > above[2] > 5


def test_no_detections_are_a_copy_of_the_picture():
    image = np.random.default_rng(0).integers(0, 255, (120, 200, 3), np.uint8)
    drawn = draw.draw_detections(image, detections())
    np.testing.assert_array_equal(drawn, image)
    assert not np.shares_memory(drawn, image)


@pytest.mark.parametrize("hit", [0, 1])
def test_detection_figure_marks_the_cell_that_gave_a_box_in_its_map(hit):
    rows, columns = np.nonzero(accents(draw.detection_figure(a_search(hit=hit))))
    assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1) > 9, "one cell is one square"
    assert (columns.min() > draw.FIGURE / 2) == bool(hit), "the next map stands at the right of the first"
    assert not accents(draw.detection_figure(a_search())).any()


def test_what_the_second_stage_left_out_is_grey():
    figure = draw.detection_figure(a_search(candidates=[(40, 30, 90, 80)]))
    picture = np.argwhere((figure == 90).all(axis=-1))
    (top, left), (bottom, right) = picture.min(axis=0), picture.max(axis=0)
    assert (figure[top:bottom, left:right] == FAINT).all(axis=-1).sum() > 100
    assert not accents(figure).any()


@pytest.mark.parametrize("scales", [(), (1.0,), tuple(0.7**step for step in range(5))])
def test_detection_figure_changes_nothing_and_stays_within_its_width(scales):
    search = a_search(scales)
    before = [search.picture.copy(), *(one.scores.copy() for one in search.maps)]
    figure = draw.detection_figure(search)
    assert figure.dtype == np.uint8
    assert figure.shape[1] < 1.2 * draw.FIGURE
    for one, other in zip(before, [search.picture, *(one.scores for one in search.maps)], strict=True):
        np.testing.assert_array_equal(one, other)


# -- What is no picture ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "image", [np.zeros((20, 30), np.uint8), np.zeros((20, 30, 3)), np.zeros((20, 30, 4), np.uint8)]
)
def test_what_is_no_rgb_picture_is_refused_with_what_is_expected(image):
    scene = LabelMap(np.zeros((20, 30), np.uint8), np.ones((20, 30), np.float32), ("sky", "tree"))
    for function, answer in (
        (draw.reading, a_reading()),
        (draw.draw_detections, detections()),
        (draw.draw_labels, scene),
    ):
        with pytest.raises(ArgumentError, match=r"expected \(H, W, 3\), uint8, RGB"):
            function(image, answer)


def test_a_scene_is_drawn_over_its_own_picture_only():
    scene = LabelMap(np.zeros((20, 30), np.uint8), np.ones((20, 30), np.float32), ("sky", "tree"))
    assert draw.draw_labels(np.zeros((20, 30, 3), np.uint8), scene).shape[1] == 30
    with pytest.raises(ArgumentError, match="30 x 25 pixels given, and a scene of 30 x 20"):
        draw.draw_labels(np.zeros((25, 30, 3), np.uint8), scene)
