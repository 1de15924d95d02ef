"""The finder's net: its window is what it sees, and it goes on from its file."""

import numpy as np
import pytest
import torch

from windowpane.core.engine import Engine
from windowpane.errors import NetFileError
from windowpane.train.strings.config import Config
from windowpane.train.strings.net import FinderNet, finder_from, window_of
from windowpane.train.strings.net_file import write_net

SMALL = (4, 6, 6, 8, 8, 8, 8)


def test_the_window_is_what_a_cell_sees():
    net = FinderNet(SMALL).eval()
    window = net.window
    assert window == window_of(len(SMALL))
    assert window.stride == (4, 4)
    image = torch.zeros(1, 1, window.height, window.width, requires_grad=True)
    score, place = net(image)
    assert score.shape[1:] == (3, 1, 1)
    assert place.shape[1:] == (5, 1, 1)
    image = torch.rand(1, 1, window.height + 4, window.width, requires_grad=True)
    net(image)[0][0, :, 0].sum().backward()
    seen = image.grad[0, 0].abs().sum(dim=1).numpy()
    assert (seen[: window.height] > 0).mean() > 0.7  # dilated layers skip some
    assert (seen[window.height :] == 0).all()


def test_a_net_goes_on_from_its_file(tmp_path):
    torch.manual_seed(0)
    net = FinderNet(SMALL)
    for parameter in net.parameters():  # equal ones would be written once
        torch.nn.init.normal_(parameter, std=0.3)
    file = write_net(net, Config(maps=SMALL), tmp_path / "strings.onnx")
    again = finder_from(file).eval()
    image = np.random.default_rng(0).integers(0, 256, (90, 110), dtype=np.uint8)
    expected = Engine(file).run(image)
    with torch.no_grad():
        given = again((torch.from_numpy(image)[None, None].float() / 255 - 0.5) / 0.25)
    for one, other in zip(given, expected, strict=True):
        assert np.allclose(one[0].numpy(), other.scores, atol=1e-3)


def test_another_net_is_refused():
    from windowpane.core.netfile import load_net

    with pytest.raises(NetFileError, match="train strings"):
        finder_from(load_net("digits"))
