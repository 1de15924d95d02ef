"""Batches of windows, and what a detector's answer to them costs."""

import numpy as np
import torch

from windowpane.train.detect.batches import PARTIAL_OVERLAPS, POSITIVES, batches, windows_loss
from windowpane.train.detect.cascade import first_stage
from windowpane.train.detect.config import Config
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.mining import MARGIN
from windowpane.train.detect.net import DetectorNet
from windowpane.train.detect.objects import Example, Variety, Windows, background, gather


def test_a_batch_has_positives_partial_overlaps_and_as_many_negatives_of_every_round():
    examples = [Example(np.full((60, 60), 200, np.uint8), (10.0, 10.0, 40.0, 40.0))] * 3
    dataset = Dataset(gather(examples, "grey"), [], [], ("disc",), "grey", 0, Variety(covered=0.0))
    config = Config(batch=40, second_maps=())
    stage = first_stage(config, dataset, dataset)
    side = stage.net.window.height
    rounds = [np.zeros((5, side + 2 * MARGIN, side + 2 * MARGIN), np.uint8)] * 2
    one, same = (next(batches(stage, dataset, rounds, config, 1, 0)) for _ in range(2))
    assert one.pixels.shape == (40, side, side)
    count, partly = round(POSITIVES * 40), round(PARTIAL_OVERLAPS * 40)
    assert one.class_ids.tolist() == [0] * count + [-1] * (40 - count)
    bright = one.pixels.max(axis=(1, 2)) > 120
    assert bright[:count].mean() > 0.7  # a few are as at night
    assert bright[count : count + partly].any()
    np.testing.assert_array_equal(one.pixels, same.pixels)
    assert (next(batches(stage, dataset, rounds, config, 1, 1)).pixels != one.pixels).any()


def test_landmarks_that_are_not_known_teach_nothing():
    net = DetectorNet()
    rng = np.random.default_rng(0)
    empty = background(rng.integers(0, 256, (4, 33, 33), dtype=np.uint8), 5)
    shown = Windows(empty.pixels, np.zeros(4, np.intp), np.full((4, 4), 0.1, np.float32), empty.landmarks)
    value = windows_loss(net, Windows.joined([empty, shown]))
    value.backward()
    assert torch.isfinite(value)
    score, box, landmarks = net.heads.weight.grad.split(net.channels)
    assert float(landmarks.abs().sum()) == 0
    assert float(box.abs().sum()) > 0
    assert float(score.abs().sum()) > 0
