"""What answers show of themselves in a notebook, by IPython's own machinery, and drawn with matplotlib."""

import base64
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import cv2
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from windowpane.core import notebook
from windowpane.core.engine import ScoreMap
from windowpane.core.windows import Window
from windowpane.detect.detections import Detections
from windowpane.drive.driver import Sight
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.navigator import Step
from windowpane.drive.perception.labels import COLOURS, Label
from windowpane.drive.planning.controller import Command
from windowpane.errors import ImageError, MissingExtraError, install
from windowpane.parse.labelmap import LabelMap, class_colours
from windowpane.read.reading import Alternative, Digit, Reading
from windowpane.read.steps import ReadSteps

mpl.use("Agg")
EVIL = '<script src="http://x">alert(1)</script>&"'


class Opened(HTMLParser):
    """Goes through a page and fails where a tag is not closed, runs a script or asks for something else."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attributes):
        assert tag in {"div", "strong", "table", "tr", "th", "td", "figure", "figcaption", "span", "img"}
        assert all(value.startswith("data:") for name, value in attributes if name in ("src", "href"))
        if tag != "img":
            self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag


def shown(answer):
    """Return the HTML that a notebook shows of an answer; it is whole and needs nothing else."""
    html = DisplayFormatter().format(answer)[0]["text/html"]
    page = Opened()
    page.feed(html)
    assert page.tags == []
    return html


def words(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("&emsp;", "").replace("&ensp;", "").split())


def images(html):
    """Its pictures, (H, W, 3) RGB."""
    data = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    decoded = [cv2.imdecode(np.frombuffer(base64.b64decode(one), np.uint8), cv2.IMREAD_COLOR) for one in data]
    assert all(one is not None for one in decoded)
    return [one[..., ::-1] for one in decoded]


# -- Answers and what they show ----------------------------------------------------------------------------


def a_reading(text="94", rejected=False, alternatives=()):
    digits = tuple(Digit(one, (10.0 * k, 0, 10.0 * k + 8, 20), 0.9 + 0.05 * k) for k, one in enumerate(text))
    return Reading(text, 0.875, rejected, digits, alternatives, (0, 0, 20, 20))


def test_a_reading_shows_its_text_how_sure_it_is_and_what_else_it_may_be():
    html = shown(a_reading(rejected=True, alternatives=(Alternative("44", 0.021), Alternative("", 0.01))))
    assert words(html) == "94, 87.5% sure, rejected 9 4 90.0% 95.0% or sure 44 2.1% no digits 1.0%"
    assert words(shown(a_reading(text=""))) == "No digits, 87.5% sure"
    assert "rejected" not in shown(a_reading())


def detections(count, names=("face",), width=640):
    boxes = np.array([[10.4 * k, 20, 10.4 * k + 30, 60] for k in range(count)]).reshape(-1, 4)
    points = boxes[:, None, :2] + np.arange(10).reshape(5, 2)
    labels = np.arange(count) % len(names)
    return Detections(boxes, np.linspace(0.9, 0.5, count), labels, names, points, width, 480)


def test_detections_show_how_many_there_are_and_a_row_for_each():
    html = shown(detections(3, ("bus", "berry")))
    assert words(html).startswith("2 buses, 1 berry in a picture of 640 x 480 pixels sure x0 y0 x1 y1")
    assert "berry 70.0% 10 20 40 60" in words(html)
    assert words(shown(detections(0))) == "Nothing found in a picture of 640 x 480 pixels"


def test_of_many_only_the_first_are_shown_and_the_number_of_the_others():
    html = shown(detections(40))
    assert html.count("<tr>") == 1 + 12
    assert words(html).endswith("and 28 more")
    assert len(html) < 4000


def a_scene(height=30, width=40, names=("sky", "road", "cat")):
    labels = np.zeros((height, width), np.uint8)
    labels[height // 4 :] = 1
    return LabelMap(labels, np.ones((height, width), np.float32), names)


def test_a_label_map_shows_its_classes_in_their_colours_and_a_legend():
    html = shown(a_scene())
    (image,) = images(html)
    assert image.shape == (30, 40, 3)
    assert image[0, 0].tolist() == class_colours(3)[0].tolist()
    assert image[-1, 0].tolist() == class_colours(3)[1].tolist()
    assert words(html) == "A class for each of 40 x 30 pixels road 77% sky 23%"
    assert 'width="400"' in html, "small pictures are shown larger"


def test_a_large_label_map_stays_small():
    html = shown(a_scene(1500, 2000))
    assert images(html)[0].shape == (300, 400, 3)
    assert len(html) < 10_000


def a_map(labels=("a", "b"), rows=6, cols=8):
    scores = np.full((len(labels), rows, cols), -3.0, np.float32)
    if scores.size:
        scores[0, 0, -1], scores[-1, -1, 2] = 1.0, 2.0
    return ScoreMap("scores", tuple(labels), scores, Window(12, 16, (4, 4), (2, 0)))


def test_a_score_map_shows_a_picture_a_label():
    html = shown(a_map())
    assert words(html) == "scores: 2 labels at 8 x 6 places, windows of 16 x 12 pixels a b"
    first, second = images(html)
    assert first.shape == second.shape == (6, 8, 3)
    assert second[-1, 2].tolist() == [255] * 3
    assert 0 < first[0, -1, 0] < 255
    assert second[0, 0].tolist() == [0] * 3


def test_a_score_map_of_a_line_shows_its_labels_below_each_other():
    html = shown(a_map([*"0123456789", "none"], rows=1, cols=20))
    (image,) = images(html)
    assert image.shape == (11, 20, 3)
    assert image[10, 2].tolist() == [255] * 3


def test_of_a_map_of_many_labels_the_first_are_shown():
    html = shown(a_map([f"feature {k}" for k in range(100)]))
    assert len(images(html)) == 12
    assert words(html).endswith("and 88 more")
    assert images(shown(a_map(rows=0))) == []


def a_sight(picture=None, reasons=()):
    labels = np.full((60, 80), Label.SUPER_GROUND, np.int8)
    labels[:20] = -1
    far = SimpleNamespace(labels=labels, confidence=np.ones((60, 80), np.float32), far=31.6)
    return Sight(3, 0.3, picture, None, None, None, far, {}, reasons)


def test_a_sight_shows_its_labels_over_its_picture_and_what_is_amiss():
    html = shown(a_sight(np.full((60, 80, 3), 100, np.uint8)))
    (image,) = images(html)
    assert image.shape == (60, 80, 3)
    assert image[0, 0].tolist() == [100] * 3, "above the horizon is no label"
    assert np.abs(image[-1, 0] - (0.35 * 100 + 0.65 * COLOURS[Label.SUPER_GROUND])).max() <= 1
    assert words(html) == "Frame 3: ground seen up to 32 m ground foot-line obstacle"
    assert words(shown(a_sight(reasons=("the left picture is black",)))).endswith("the left picture is black")


def test_a_step_shows_the_map_and_says_what_to_do():
    command = Command(0.75, -0.2, "drives")
    step = Step(
        0.0, command, None, CostMap(), np.eye(4), (0, 0), (9, 0), False, (), None, None, {}, ("dark",)
    )
    html = shown(step)
    assert words(html).startswith("0.75 m/s, -0.20 rad/s, drives; dark free doubtful")
    assert images(html)[0].shape == (400, 400, 3)


@pytest.mark.parametrize(
    "answer",
    [
        a_reading(alternatives=(Alternative(EVIL, 0.1),)),
        detections(2, (EVIL, "b")),
        a_scene(names=(EVIL, EVIL, "c")),
        a_map((EVIL, "b")),
        a_sight(np.zeros((60, 80, 3), np.uint8), (EVIL,)),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_what_others_wrote_is_escaped(answer):
    assert "&lt;script" in shown(answer)


# -- With matplotlib ---------------------------------------------------------------------------------------


def drawn_points(ax):
    return [line.get_xydata().tolist() for line in ax.get_lines()]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_detections_are_plotted_where_they_are_in_their_picture():
    picture = np.full((480, 640, 3), 200, np.uint8)
    ax = detections(2, ("car", "bus")).plot(picture)
    assert ax.get_images()[0].get_extent() == [0, 640, 480, 0], "pixel centres lie at half-integers"
    assert drawn_points(ax)[0] == [[0, 20], [30, 20], [30, 60], [0, 60], [0, 20]]
    assert [text.get_text() for text in ax.texts] == ["car 90%", "bus 50%"]
    assert len(ax.collections) == 2, "landmarks"
    assert (picture == 200).all()


def test_detections_are_not_plotted_over_another_picture():
    with pytest.raises(ImageError, match="has 320 x 240 pixels, and these were found in one of 640 x 480"):
        detections(1).plot(np.zeros((240, 320, 3), np.uint8))


def test_a_label_map_is_plotted_with_a_legend():
    ax = a_scene().plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["road 77%", "sky 23%"]
    assert ax.get_images()[0].get_array()[0, 0].tolist() == class_colours(3)[0].tolist()


def test_a_score_map_is_plotted_where_its_windows_lie():
    ax = a_map().plot()
    (image,) = ax.get_images()
    # The window of cell (0, 0) is centred at (8, 8), so the cell covers 6 to 10 both ways.
    assert image.get_extent() == [6, 38, 30, 6]
    assert ax.get_title() == "scores: b", "the label of the highest score"
    assert drawn_points(ax)[0][0] == [8, 22], "its window"
    both = a_map().plot("a", np.zeros((40, 40), np.uint8))
    assert [image.get_extent() for image in both.get_images()] == [[0, 40, 40, 0], [6, 38, 30, 6]]
    assert drawn_points(both)[0][0] == [28, 2]


def test_what_cannot_be_plotted_is_told_in_a_sentence():
    with pytest.raises(ValueError, match="no label 'z': choose from a, b"):
        a_map().plot("z")
    with pytest.raises(ValueError, match="smaller than the window"):
        a_map(rows=0).plot()


def an_explanation(text, columns):
    voted = np.full((11, 12), -9.0, np.float32)
    reading = a_reading(text)
    return ReadSteps(None, None, (), voted, columns, Window(32, 32, (32, 4)), reading, {})


def test_the_lattice_is_plotted_with_its_path():
    ax = an_explanation("117", (2, 5, 9)).plot()
    (path,) = drawn_points(ax)
    assert path == [[14, 0], [24, 0], [24, 1], [36, 1], [36, 2], [52, 2], [52, 3], [62, 3]]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1", "1", "7"]
    assert drawn_points(an_explanation("", ()).plot()) == [[[14, 0], [62, 0]]]


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: a_scene().plot(ax),
        lambda ax: a_map().plot(ax=ax),
        lambda ax: detections(1).plot(np.zeros((480, 640), np.uint8), ax),
        lambda ax: an_explanation("1", (2,)).plot(ax),
    ],
)
def test_axes_that_are_given_are_drawn_on_and_returned(plot):
    ax = plt.subplots()[1]
    assert plot(ax) is ax
    assert ax.has_data()


def test_without_matplotlib_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=rf"{re.escape(install('plot'))}$"):
        notebook.axes(None)
