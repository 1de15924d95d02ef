"""From windows to pixels: how far the ground is in each, and what each shows."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.core.pyramids import distance_normalized
from windowpane.core.windows import Window
from windowpane.drive.perception.labels import UNLABELLED, Label
from windowpane.drive.perception.pixels import Pixels, ground_distance, to_pixels

SIZE, HORIZON, DROP = (120, 160), (0.0, 40.0), 200.0
WINDOW = Window(12, 25, (1, 1))


def test_the_distance_of_ground_follows_from_its_place() -> None:
    distance = ground_distance((100, 80), (0.1, 20.0), 300.0)
    rows, cols = np.mgrid[:100, :80] + 0.5
    below = (rows - 0.1 * cols - 20) / np.hypot(1, 0.1)
    np.testing.assert_allclose(distance[below > 0], 300 / below[below > 0], rtol=1e-3)
    assert np.isinf(distance[below <= 0]).all()


def seen(likely: dict[Label, float]) -> Pixels:
    """What comes of windows that all say the same."""
    picture = np.zeros((*SIZE, 3), np.uint8)
    margin = (WINDOW.height // 2, WINDOW.width // 2)
    bands = distance_normalized(picture, horizon=HORIZON, drop=DROP, metre=8.0, focal=150.0, margin=margin)
    probabilities = []
    for band in bands:
        chance = np.zeros((*WINDOW.map_size(*band.image.shape[:2]), len(Label)), np.float32)
        for label, probability in likely.items():
            chance[..., label] = probability
        probabilities.append(chance)
    return to_pixels(bands, probabilities, WINDOW, HORIZON, DROP, SIZE)


@pytest.mark.parametrize("label", list(Label))
def test_where_all_windows_agree_all_pixels_below_the_horizon_do(label: Label) -> None:
    pixels = seen({label: 1.0})
    assert (pixels.labels[:40] == UNLABELLED).all()
    assert (pixels.labels[42:] == label).all()
    assert np.isnan(pixels.traversable[:40]).all()
    assert np.isinf(pixels.distance[:40]).all()
    # A foot-line is the border of both: half of it is ground.
    expected = {Label.SUPER_GROUND: 1, Label.GROUND: 1, Label.FOOTLINE: 0.5}.get(label, 0)
    np.testing.assert_allclose(pixels.traversable[42:], expected, atol=1e-5)


def test_label_and_probability_do_not_contradict_each_other() -> None:
    pixels = seen({Label.OBSTACLE: 0.4, Label.GROUND: 0.3, Label.SUPER_GROUND: 0.3})
    assert (pixels.traversable[42:] > 0.5).all()
    assert (pixels.labels[42:] == Label.GROUND).all()
    np.testing.assert_allclose(pixels.confidence[42:], 0.6, atol=1e-5)


def test_blank_pixels_say_nothing() -> None:
    blank = Pixels.blank((3, 4))
    assert (blank.labels == UNLABELLED).all()
    assert not blank.confidence.any()
