"""The robot's net."""

import torch

from windowpane.train.drive.net import WINDOW, BackboneNet


def test_the_window_of_the_net_is_the_one_it_says():
    net = BackboneNet(3, 5, (4, 6, 8)).eval()
    for height, width in ((12, 25), (13, 28), (36, 90)):
        assert net(torch.zeros(1, 3, height, width)).shape[2:] == WINDOW.map_size(height, width)


def test_the_last_layer_is_that_of_the_labels():
    net = BackboneNet(3, 5, (4, 6, 8)).eval()
    bands = torch.randn(1, 3, *(WINDOW.height, WINDOW.width))
    weights, bias = net.last_layer()
    torch.testing.assert_close(net(bands)[0, -5:, 0, 0], weights @ net.features(bands)[0, :, 0, 0] + bias)
