"""Mining brings back what the net takes for an object and is none, and a round that was killed goes on."""

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, Output
from windowpane.core.windows import Window
from windowpane.train.detect.mining import MARGIN, Sample, mine, random_windows, windows_above, windows_of
from windowpane.train.loop.export import export

SIDE = 9


class Bright(nn.Module):
    """Takes every bright spot for an object: the mean of a window of 9 pixels, every 4."""

    def __init__(self):
        super().__init__()
        self.mean = nn.Conv2d(1, 1, SIDE, 4)
        nn.init.constant_(self.mean.weight, 1 / SIDE**2)
        nn.init.constant_(self.mean.bias, -0.5)

    def forward(self, image):
        return (20 * self.mean(image),)


@pytest.fixture
def engine(tmp_path):
    window = Window(SIDE, SIDE, (4, 4), (0, 0))
    outputs = (Output("score", ("spot",), window),)
    manifest = Manifest("spots", "detect", 1, "grey", (0.0,), (1.0,), outputs)
    return Engine(export(Bright(), manifest, tmp_path / "spots.onnx", torch.rand(2, 1, 40, 40)))


@pytest.fixture
def scenes(tmp_path):
    """Forty dark pictures with two bright spots each; the upper one is a known object."""
    found = []
    for number in range(40):
        picture = np.full((70, 60), 20 + number % 5, np.uint8)
        cv2.circle(picture, (20, 20), 7, 255, -1)
        cv2.circle(picture, (40, 52), 7, 255, -1)
        path = tmp_path / f"scene-{number:02d}.png"
        cv2.imwrite(str(path), picture)
        found.append(Sample(path, np.array([[13.0, 13.0, 27.0, 27.0]]), np.zeros(1, np.intp)))
    return found


def run(engine, scenes, folder, **changed):
    options = {"pictures": 40, "per_picture": 3, "seed": 1, "size": 9.0, "side": SIDE, "colour": "grey"}
    return mine(windows_above(engine, 2.0, 9.0), scenes, folder, **(options | changed))


def test_false_positives_come_back_and_known_objects_do_not(engine, scenes, tmp_path):
    mined = run(engine, scenes, tmp_path / "mined")
    assert 40 <= len(mined.pixels) <= 120
    assert mined.pixels.shape[1:] == (SIDE + 2 * MARGIN, SIDE + 2 * MARGIN)
    assert mined.megapixels == pytest.approx(40 * 60 * 70 / 1e6)
    assert mined.per_megapixel == mined.false_positives / mined.megapixels
    inner = mined.pixels[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert (inner.mean(axis=(1, 2)) > 120).all()
    alone = [Sample.without(scene.path) for scene in scenes]
    assert run(engine, alone, tmp_path / "both").false_positives > 1.5 * mined.false_positives


def test_a_round_looks_at_no_more_than_it_may(engine, scenes, tmp_path):
    mined = run(engine, scenes, tmp_path / "mined", pictures=10, per_picture=1)
    assert mined.megapixels == pytest.approx(10 * 60 * 70 / 1e6)
    assert len(mined.pixels) <= 10


def test_a_round_that_was_killed_goes_on_where_it_stopped(engine, scenes, tmp_path):
    whole = run(engine, scenes, tmp_path / "whole")
    run(engine, scenes, tmp_path / "broken")
    chunks = sorted((tmp_path / "broken").glob("chunk-*.npz"))
    assert len(chunks) == 2
    chunks[1].unlink()
    kept = chunks[0].stat().st_mtime_ns
    again = run(engine, scenes, tmp_path / "broken")
    assert chunks[0].stat().st_mtime_ns == kept
    np.testing.assert_array_equal(again.pixels, whole.pixels)
    assert again.false_positives == whole.false_positives


def test_a_picture_that_cannot_be_read_does_not_stop_a_round(engine, scenes, tmp_path):
    scenes[7].path.write_bytes(b"no picture")
    assert run(engine, scenes, tmp_path / "mined").megapixels == pytest.approx(39 * 60 * 70 / 1e6)


def test_random_windows_keep_away_from_objects(scenes):
    windows = random_windows(scenes, 60, colour="grey", side=SIDE, seed=0)
    assert windows.shape == (60, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN)


def test_a_mined_window_is_moved_within_its_margin():
    rng = np.random.default_rng(0)
    side = SIDE + 2 * MARGIN
    mined = np.zeros((1, side, side), np.uint8)
    mined[0, side // 2, side // 2] = 255
    places = [
        tuple(np.argwhere(window == 255)[0])
        for window in windows_of(mined, SIDE, rng, np.zeros(300, np.intp))
    ]
    assert len(set(places)) > 40
    rows, cols = np.array(places).T
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (0, SIDE - 1, 0, SIDE - 1)
