import base64
import re
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from windowpane.core.windows import Window
from windowpane.detect.detections import Detections
from windowpane.drive.driver import Sight
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.localization.odometry import Motion
from windowpane.drive.perception.far import FarView
from windowpane.drive.perception.ground import Ground
from windowpane.drive.perception.stereo import Depth
from windowpane.read.reading import Alternative, Digit, Reading
from windowpane.show.report import page as report


def an_entry(name="pencil.png", text="42", label="42", rejected=False, note="A pencil"):
    window = Window(32, 32, (32, 4))
    scores = np.log(np.full((11, 1, 13), 1 / 11, np.float32))
    score_map = SimpleNamespace(scores=scores, window=window, names=(*"0123456789", "none"))
    digits = tuple(Digit(one, (5.0, 30.0, 30.0, 90.0), 0.75) for one in text)
    explanation = SimpleNamespace(
        picture=np.full((100, 200, 3), 240, np.uint8),
        ink=np.zeros((32, 80), np.uint8),
        maps=(score_map,) * 4,
        voted=scores[:, 0],
        columns=tuple(range(len(text))),
        window=window,
        reading=Reading(text, 0.615, rejected, digits, (Alternative("47", 0.25),), (0, 0, 9, 9)),
        ms={"normalise": 0.25, "net": 1.5},
    )
    return report.Entry(name, note, label, explanation)


@pytest.fixture
def html(tmp_path):
    def write(*entries):
        path = tmp_path / "new" / "folder" / "report.html"
        return report.write([report.reading(entries)], path).read_text(encoding="utf-8")

    return write


def test_the_page_fetches_nothing(html):
    text = html(an_entry())
    assert set(re.findall(r'(?:src|href)="([^:"]*:?)', text)) == {"data:"}
    for sign in ("http:", "https:", "//cdn", "@import", "url(", "<script", "<link", "<iframe"):
        assert sign not in text


def test_the_page_shows_the_picture_and_the_figure_of_every_entry(html):
    text = html(an_entry("one.png"), an_entry("two.png"))
    images = [base64.b64decode(data) for data in re.findall(r"data:image/png;base64,([^\"]+)", text)]
    assert len(images) == 4
    for data in images:
        assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is not None
    assert text.index("one.png") < text.index("two.png")


def test_colours_are_not_swapped(html):
    entry = an_entry(text="", label="")
    entry.explanation.picture[:] = (250, 10, 20)
    data = base64.b64decode(re.findall(r"data:image/png;base64,([^\"]+)", html(entry))[0])
    blue, green, red = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[50, 50]
    assert (red, green, blue) == (250, 10, 20)


def test_the_answer_comes_with_confidence_alternatives_and_times(html):
    text = html(an_entry())
    for part in ("61.5 %", "accepted", "47 (25.00 %)", "normalise <b>0.25 ms</b>", "net <b>1.50 ms</b>"):
        assert part in text


def test_each_step_of_the_lecture_is_explained(html):
    text = html(an_entry())
    for name, sentence in report.reading([]).steps.items():
        assert name in text
        assert sentence in text


def test_a_wrong_or_rejected_answer_is_called_so(html):
    assert "On the picture: 43" in html(an_entry(label="43"))
    assert "On the picture" not in html(an_entry())
    assert "rejected</p>" in html(an_entry(rejected=True))


def test_the_count_of_right_answers_is_true(html):
    assert "on 3 pictures: 2 read right" in html(an_entry(), an_entry(), an_entry(label="1")).replace(
        "\n", " "
    )


def test_nothing_found_is_said(html):
    assert "nothing found" in html(an_entry(text="", label=""))


def test_names_and_notes_are_escaped(html):
    text = html(an_entry(name="<b>&.png", note="<i>note</i>"))
    assert "&lt;b&gt;&amp;.png" in text
    assert "<i>note" not in text


def a_sight(*scores):
    picture = np.full((60, 80, 3), 90, np.uint8)
    boxes = np.array([[10.0, 10, 40, 40]] * len(scores)).reshape(-1, 4)
    labels = np.zeros(len(scores), np.intp)
    found = Detections(boxes, np.array(scores), labels, ("face",), None, 80, 60)
    score_map = SimpleNamespace(scores=np.zeros((1, 8, 12)))
    level = SimpleNamespace(scale=(1.0, 1.0))
    search = SimpleNamespace(
        picture=picture,
        levels=(level,),
        maps=(score_map,),
        logit_threshold=1.0,
        candidates=found,
        detections=found,
        ms={"net": 1.5},
    )
    return report.Portrait("portrait.jpg", "Photo: <NASA>", search)


def test_faces_come_in_a_chapter_of_their_own_after_the_numbers(tmp_path):
    chapters = [report.reading([an_entry()]), report.detecting([a_sight(0.875)])]
    text = report.write(chapters, tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.index("How a number is read") < text.index("pencil.png") < text.index("How a face is found")
    for part in (
        "87.5 %",
        "Photo: &lt;NASA&gt;",
        "1 found, in 1.5 ms",
        *report.detecting([]).steps,
    ):
        assert part in text


def test_a_picture_without_a_face_says_so(tmp_path):
    assert "nothing found" in report.page([report.detecting([a_sight()])])


def a_drive(*reached):
    """Steps that each see ground so many metres ahead."""
    camera = Pinhole(50, 50, 40, 30, 80, 60)
    nothing = np.full((60, 80), np.nan, np.float32)
    steps = []
    for number, far in enumerate(reached):
        T = np.eye(4)
        T[2, 3] = 0.25
        view = FarView.blank(60, 80, "")
        view.labels[30:], view.distance[30:] = 0, far
        depth = Depth(nothing, np.full((60, 80, 3), np.nan, np.float32), nothing)
        motion = Motion(np.eye(4), T, 50, 1.0, True)
        ms = {"stereo": 4.5, "far": 7.25, "far: net": 3.0, "all": 11.75}
        picture = np.full((60, 80, 3), 99, np.uint8)
        steps.append(Sight(number, None, picture, depth, Ground(), motion, view, ms))
    return report.Drive("path", "Drawn <here>", steps, camera, Window(12, 25))


def test_a_drive_comes_with_its_labels_and_the_screen():
    text = report.page([report.driving([a_drive(9.0, 48.0)])])
    for part in (
        "How a robot sees far ahead",
        "Here 2 frames, in 12 ms each",
        "Moved 0.50 m",
        "48 m ahead",
        "Drawn &lt;here&gt;",
        "far <b>7.25 ms</b>",
        *report.driving([]).steps,
    ):
        assert part in text
    assert "far: net" not in text, "a part of a part would count twice"
    assert len(re.findall("data:image/png", text)) == 2


def a_course(**different):
    """A course that was driven with far vision and without."""
    far = {
        "reached": True,
        "time_s": 51.2,
        "distance_m": 55.0,
        "shortest_m": 50.0,
        "collisions": 0,
        "reason": "",
    }
    near = {**far, "reached": False, "reason": "after <99> s it is 20 m from the goal"}
    grey = np.full((40, 60, 3), 99, np.uint8)
    return report.DrivenCourse("course/barrier", "Drawn <here>", far | different, near, [grey, grey], grey)


def test_a_course_tells_how_it_ended_and_shows_the_screens():
    text = report.page([report.coursing([a_course()])])
    for part in (
        "How a robot gets to its goal",
        "at the goal after 51 s and 55.0 m, 1.10 times the shortest way; 0 collisions.",
        "not at the goal, after &lt;99&gt; s it is 20 m from the goal",
        "Drawn &lt;here&gt;",
        *report.coursing([]).steps,
    ):
        assert part in text
    assert len(re.findall("data:image/jpeg", text)) == 3
