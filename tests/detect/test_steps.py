"""What an explanation tells, and that it fits on a line."""

import numpy as np
import pytest

from windowpane.core.engine import ScoreMap
from windowpane.core.pyramids import Level
from windowpane.core.windows import Window
from windowpane.detect.detections import Detections
from windowpane.detect.steps import DetectSteps


def found(count):
    return Detections(
        np.zeros((count, 4)), np.ones(count), np.zeros(count, np.intp), ("face",), None, 640, 480
    )


@pytest.fixture
def steps():
    picture = np.zeros((480, 640, 3), np.uint8)
    levels = tuple(Level(picture[: 480 // n, : 640 // n], (1 / n, 1 / n)) for n in (1, 2))
    maps = tuple(ScoreMap("score", ("face",), np.zeros((1, 9, 9), np.float32), Window(8, 8)) for _ in levels)
    return DetectSteps(picture, levels, maps, -1.5, found(12), found(3), {"net": 10.0, "boxes": 1.25})


def test_it_says_in_a_line_what_was_done(steps):
    assert repr(steps) == "DetectSteps(640 x 480 pixels, 2 levels, 12 candidates, 3 found, 11.2 ms)"


def test_the_old_names_are_still_there_and_say_so(steps):
    with pytest.warns(DeprecationWarning, match=r"DetectSteps\.limit is now called logit_threshold"):
        assert steps.limit == -1.5
    with pytest.warns(DeprecationWarning, match=r"DetectSteps\.first is now called candidates"):
        assert steps.first is steps.candidates
