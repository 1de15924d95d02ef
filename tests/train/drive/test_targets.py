"""What the net's answers should be."""

import numpy as np
import pytest
import torch

from windowpane.data.scenes import UNKNOWN
from windowpane.drive.perception.labels import Label
from windowpane.train.drive.targets import cross_entropy, labels_of, shares
from windowpane.train.drive.terrain import COMMON


def test_shares_are_those_of_the_parts_of_a_window():
    kinds = torch.full((1, 12, 25), 1)
    kinds[:, :6] = 0
    kinds[:, 4:8, 8:17] = 2
    kinds[:, 11] = UNKNOWN
    middle, upper, lower = shares(kinds, 3)[0, :, :, 0, 0]
    assert middle.tolist() == pytest.approx([0, 0, 1])
    assert upper.tolist() == pytest.approx([1 - 18 / 150, 0, 18 / 150])
    assert lower.tolist() == pytest.approx([0, 1 - 43 / 150, 18 / 150])


def test_the_five_labels_of_a_scene():
    grass, tree = COMMON.index("grass"), COMMON.index("tree")
    windows = torch.full((5, 12, 25), grass)
    windows[1, :6] = tree
    windows[2] = tree
    windows[3, 3:9, 6:19] = tree
    windows[4] = UNKNOWN
    found = labels_of(shares(windows.long(), len(COMMON)))[..., 0, 0]
    wanted = [Label.SUPER_GROUND, Label.FOOTLINE, Label.SUPER_OBSTACLE, Label.OBSTACLE]
    assert found[:4].argmax(1).tolist() == [int(label) for label in wanted]
    assert found[4].sum() == 0


def test_of_what_is_not_known_nothing_is_learned():
    logits = torch.zeros(1, 3, 1, 2, requires_grad=True)
    wanted = torch.zeros(1, 3, 1, 2)
    wanted[0, 1, 0, 0] = 1.0
    value = cross_entropy(logits, wanted)
    value.backward()
    assert value.item() == pytest.approx(np.log(3))
    assert logits.grad[0, :, 0, 1].tolist() == [0, 0, 0]
