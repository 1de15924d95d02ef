"""Parts of whole pictures: each cell is told what it is to say, and a net learns from it."""

import cv2
import numpy as np
import pytest
import torch

from windowpane.train.detect.mining import IGNORED, Sample
from windowpane.train.detect.net import DetectorNet, window_of
from windowpane.train.detect.objects import Variety
from windowpane.train.detect.whole import NOTHING, PASSED_OVER, Parts, parts, parts_loss

SIZE = 20.0
WINDOW = window_of((2, 1, 1, 1))
PLAIN = Variety(turn=0.0, mirror=False)


def picture(tmp_path, class_ids=(0,), surest=1.0, size=40):
    """Discs in a row on grey, 120 pixels apart."""
    pixels, boxes = np.full((200, 150 + 120 * len(class_ids), 3), 60, np.uint8), []
    for number in range(len(class_ids)):
        x, y = 100 + 120 * number, 100
        cv2.circle(pixels, (x, y), size // 2, (250, 250, 250), -1)
        boxes.append([x - size / 2, y - size / 2, x + size / 2, y + size / 2])
    cv2.imwrite(str(tmp_path / "discs.png"), pixels)
    return Sample(tmp_path / "discs.png", np.array(boxes), np.array(class_ids), surest)


def first(sample, count=24, **changes):
    given = {"colour": "grey", "variety": PLAIN, "count": count, "seed": (1, 2)} | changes
    return next(parts([sample], WINDOW, SIZE, **given))


def test_a_cell_that_is_to_find_an_object_has_it_in_its_window_where_it_is_told(tmp_path):
    batch = first(picture(tmp_path))
    seen = 0
    for pixels, classes, boxes in zip(batch.pixels, batch.class_ids, batch.boxes, strict=True):
        for row, col in np.argwhere(classes == 0):
            x, y, width, height = boxes[:, row, col]
            middle = np.array([4 * col + 16.5 + x * SIZE, 4 * row + 16.5 + y * SIZE])
            assert max(abs(x), abs(y)) * SIZE <= 0.55 * 4 + 0.5
            half = int(SIZE * np.exp((width + height) / 2) / 2)
            inside = pixels[int(middle[1]) - half + 4 : int(middle[1]) + half - 4]
            inside = inside[:, int(middle[0]) - half + 4 : int(middle[0]) + half - 4].astype(float)
            assert inside.mean() > pixels.mean()
            seen += 1
    assert seen > 10


def test_beside_an_object_nothing_is_told_and_farther_away_there_is_none(tmp_path):
    classes = np.concatenate([one.ravel() for one in first(picture(tmp_path)).class_ids])
    shares = [(classes == one).mean() for one in (0, PASSED_OVER, NOTHING)]
    assert 0 < shares[0] < shares[1] < 0.2
    assert shares[2] > 0.8


def test_what_is_ignored_or_too_large_is_neither_found_nor_nothing(tmp_path):
    batch = first(picture(tmp_path, class_ids=(IGNORED,)))
    assert (batch.class_ids != 0).all()
    assert (batch.class_ids == PASSED_OVER).any()


def test_where_not_all_are_marked_only_what_is_near_one_is_known(tmp_path):
    batch = first(picture(tmp_path, surest=0.0))
    assert (batch.class_ids == 0).any()
    known = batch.class_ids == NOTHING
    assert 0.005 < known.mean() < 0.6


def test_the_same_seed_draws_the_same_parts(tmp_path):
    sample = picture(tmp_path, class_ids=(0, 1))
    one, same, other = (first(sample, seed=seed) for seed in ((1, 2), (1, 2), (1, 3)))
    np.testing.assert_array_equal(one.pixels, same.pixels)
    assert (one.pixels != other.pixels).any()
    assert {0, 1} <= set(np.unique(one.class_ids))


def test_a_net_learns_to_find_discs_from_parts(tmp_path):
    torch.manual_seed(0)
    net = DetectorNet(maps=(8, 16, 16, 16, 16), points=0).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    batch = first(picture(tmp_path), count=6)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = parts_loss(net, batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[1]


@pytest.mark.parametrize("class_id", [NOTHING, PASSED_OVER])
def test_parts_without_an_object_teach_no_boxes(class_id):
    net = DetectorNet(points=0)
    side = WINDOW.height + 8
    pixels = np.random.default_rng(0).integers(0, 256, (2, side, side), dtype=np.uint8)
    batch = Parts(pixels, np.full((2, 3, 3), class_id), np.zeros((2, 4, 3, 3), np.float32))
    loss = parts_loss(net, batch)
    loss.backward()
    score, box = net.heads.weight.grad.split(net.channels)
    assert float(box.abs().sum()) == 0
    assert (float(score.abs().sum()) > 0) == (class_id == NOTHING)


def test_an_object_that_the_edge_cuts_off_is_found_by_its_rest(tmp_path):
    variety = Variety(turn=0.0, mirror=False, cut_off=1.0)
    batch = first(picture(tmp_path), variety=variety, count=40)
    slim = [
        abs(width - height)
        for classes, boxes in zip(batch.class_ids, batch.boxes, strict=True)
        for _, _, width, height in boxes[:, classes == 0].T
    ]
    assert len(slim) > 10
    assert min(slim) > 0.02  # none is whole
    assert max(slim) < np.log(1 / 0.5)  # and of none is more than half away
