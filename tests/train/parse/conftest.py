"""What the tests of the parser's training share: made-up scenes by the sea, and a net trained on them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.data.scenes import UNKNOWN
from windowpane.train.parse.recipe import train

TINY = """
name = "shore"
scenes = "shore"
maps = [8, 16, 16]
halvings = 2
light = false
wider = 0
finer = 1
levels = 3
hidden = 16
auxiliary = 0
height = 96
width = 128
steps = 150
batch = 4
threads = 1
"""


@pytest.fixture(scope="session")
def tiny():
    """A configuration of a small net, as text."""
    return TINY


@pytest.fixture(scope="session")
def scene():
    """Make a scene of the sea, with its labels, from a generator."""
    return make_scene


def make_scene(rng):
    """Striped water below sand below sky: water and sky have one colour, and only the stripes tell them
    apart."""
    horizon, shore = sorted(rng.integers([20, 55], [45, 80]))
    truth = np.zeros((96, 128), np.uint8)
    truth[horizon:shore], truth[shore:] = 1, 2
    colours = np.array([[120, 150, 190], [190, 160, 110], [120, 150, 190]])
    picture = colours[truth] + rng.normal(0, 6, (96, 128, 3))
    stripes = 45 * (np.arange(96) // 3 % 2 * 2 - 1)[:, None, None]
    picture = picture + stripes * (truth == 2)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), truth


@pytest.fixture(scope="session")
def shore(tmp_path_factory):
    """A folder with 24 scenes in ``shore``, and a configuration beside it."""
    base = tmp_path_factory.mktemp("parse")
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (base / "shore" / part).mkdir(parents=True)
    (base / "shore" / "classes.txt").write_text("sky\nsand\nwater\n")
    for number in range(24):
        picture, truth = make_scene(rng)
        truth[:2] = UNKNOWN
        cv2.imwrite(str(base / "shore" / "images" / f"{number:02d}.png"), picture[..., ::-1])
        cv2.imwrite(str(base / "shore" / "labels" / f"{number:02d}.png"), truth)
    (base / "shore.toml").write_text(TINY + "patience = 9\n")
    return base


@pytest.fixture(scope="session")
def net(shore):
    """The file of a net that was trained on the scenes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINDOWPANE_DATA", "nowhere")  # scenes of one's own need no public sets
        return train(shore / "shore.toml", out=shore / "run")
