"""The detector's net: what its cells see, and that it goes on from a file."""

import numpy as np
import pytest
import torch

from windowpane.core.engine import Engine
from windowpane.core.netfile import load_net
from windowpane.errors import NetFileError
from windowpane.train.detect.net import MEAN, STD, DetectorNet, detector_from


@pytest.mark.parametrize("strides", [(), (2, 2, 1, 1)])
def test_a_cell_sees_its_window(strides):
    net = DetectorNet(strides=strides).eval()
    size = net.window.height
    image = torch.randn(1, 1, size + 9, size + 9, requires_grad=True)
    net(image)[0][0, :, 1, 1].sum().backward()
    rows, cols = np.nonzero(image.grad[0, 0].numpy())
    step = net.window.stride[0]
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (step, step + size - 1) * 2


def test_without_landmarks_scores_and_boxes_are_the_same():
    net = DetectorNet().eval()
    image = torch.randn(1, 1, 50, 60)
    with torch.no_grad():
        score, box, landmarks = net(image)
        plain = net.without_landmarks()(image)
    assert landmarks.shape[1] == 10
    for one, other in zip(plain, (score, box), strict=True):
        torch.testing.assert_close(one, other)


def test_training_can_start_from_both_nets_that_ship():
    first = load_net("faces")
    for file in (first, first.second):
        net = detector_from(file).eval()
        image = torch.rand(1, 1, 96, 112)
        given = Engine(file).run(image[0, 0].numpy())
        with torch.no_grad():
            maps = net((image - MEAN) / STD)
        for ours, theirs in zip(maps, given, strict=True):
            np.testing.assert_allclose(ours[0], theirs.scores, atol=1e-3)


def test_a_file_that_is_no_detector_is_no_start():
    with pytest.raises(NetFileError, match="'digits' is no net of this detector's make"):
        detector_from(load_net("digits"))
