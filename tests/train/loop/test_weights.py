"""A net's weights: counted as they stand in a file, and taken from one."""

import numpy as np
import pytest
import torch
from torch import nn

from windowpane.core.netfile import Manifest, Output
from windowpane.core.windows import Window
from windowpane.errors import NetFileError
from windowpane.train.loop.export import export
from windowpane.train.loop.weights import (
    convolutions,
    count_parameters,
    load_convolutions,
    with_new_names,
)


def net(norm):
    norms = [nn.BatchNorm2d(3)] if norm else []
    return nn.Sequential(nn.Conv2d(1, 3, 5, bias=not norm), *norms, nn.ReLU(), nn.Conv2d(3, 2, 1))


def test_norms_count_as_what_is_left_of_them():
    assert count_parameters(net(norm=True)) == count_parameters(net(norm=False)) == 3 * 25 + 3 + 2 * 3 + 2


def test_a_net_takes_the_weights_of_a_file_its_norms_folded_in(tmp_path):
    torch.manual_seed(0)
    made = net(norm=True)
    made(torch.rand(8, 1, 9, 9))  # the norm sees some data
    manifest = Manifest("try", "read", 1, "ink", (0.0,), (1.0,), (Output("score", ("a", "b"), Window(5, 5)),))
    file = export(made, manifest, tmp_path / "try.onnx", torch.rand(2, 1, 9, 9))
    weights, taken = convolutions(file.data), net(norm=False)
    assert [kernel.shape for kernel, _ in weights] == [(3, 1, 5, 5), (2, 3, 1, 1)]
    load_convolutions(weights, taken, "no such net")
    image = torch.rand(1, 1, 12, 12)
    np.testing.assert_allclose(taken(image).detach(), made.eval()(image).detach(), atol=1e-5)
    with pytest.raises(NetFileError, match="no such net"):
        load_convolutions(weights[:1], taken, "no such net")


def test_parts_that_are_called_otherwise_today_are_found():
    old = {"trunks.0.way.1.weight": 1, "trunk.0.beside.bias": 2, "head.weight": 3}
    new = {"backbones.0.way.1.weight": 1, "backbone.0.shortcut.bias": 2, "head.weight": 3}
    assert with_new_names(old) == new
