"""From torch to a net file: the same maps, or no file."""

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, Output, load_net
from windowpane.errors import NetFileError
from windowpane.read.alphabet.labels import NAMES
from windowpane.train.loop.export import export
from windowpane.train.loop.weights import count_parameters
from windowpane.train.read.net import ReaderNet

EXAMPLE = torch.rand(2, 1, 32, 100, generator=torch.Generator().manual_seed(1))


def manifest(net, **changes):
    outputs = tuple(Output(f"w{i}", NAMES, window) for i, window in enumerate(net.windows()))
    settings = {"name": "try", "task": "read", "channels": 1, "colour": "ink", "mean": (0.0,), "std": (1.0,)}
    return Manifest(**settings | {"outputs": outputs} | changes)


@pytest.fixture
def net():
    torch.manual_seed(2)
    made = ReaderNet()
    made(torch.rand(8, 1, 32, 96))
    return made.eval()


@pytest.mark.parametrize("scale", [((0.0,), (1.0,)), ((0.3,), (0.4,))])
def test_the_file_gives_the_maps_of_the_net_on_pictures_of_any_size(net, tmp_path, scale):
    path = tmp_path / "try.onnx"
    export(net, manifest(net, mean=scale[0], std=scale[1]), path, EXAMPLE)
    engine = Engine(path)
    for height, width in ((32, 48), (32, 233), (45, 90)):
        image = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
        values = (torch.from_numpy(image)[None, None] / 255 - scale[0][0]) / scale[1][0]
        with torch.no_grad():
            expected = net(values)
        for ours, theirs in zip(expected, engine.run(image), strict=True):
            np.testing.assert_allclose(theirs.scores, ours[0].numpy(), atol=1e-4, rtol=1e-4)


def test_norms_are_folded_and_the_file_is_small(net, tmp_path):
    path = tmp_path / "try.onnx"
    saved = export(net, manifest(net, threshold=0.5), path, EXAMPLE)
    graph = onnx.load(path).graph
    assert "BatchNormalization" not in {node.op_type for node in graph.node}
    numbers = sum(np.prod(entry.dims) for entry in graph.initializer)
    assert numbers == count_parameters(net)
    assert path.stat().st_size < 4 * numbers + 20_000  # its weights, of four bytes each, and little else
    assert saved.manifest == load_net(path).manifest
    assert load_net(path).manifest.threshold == 0.5


class Fickle(nn.Module):
    """A net whose scores are others each time, as with a fault of the exporter."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(1, len(NAMES), (32, 48), stride=4)

    def forward(self, ink):
        return (self.layer(ink) + torch.rand(1),)


def test_a_file_that_differs_is_not_written(tmp_path):
    window = ReaderNet.windows()[0]
    wanted = manifest(ReaderNet(), outputs=(Output("w0", NAMES, window),))
    with pytest.raises(NetFileError, match="the exported map w0 differs from the trained one"):
        export(Fickle(), wanted, tmp_path / "try.onnx", EXAMPLE)
    assert not list(tmp_path.iterdir())


def test_a_manifest_of_another_net_is_refused(net, tmp_path):
    turned = manifest(net)
    outputs = tuple(
        Output(one.name, one.names, other.window)
        for one, other in zip(turned.outputs, reversed(turned.outputs), strict=True)
    )
    with pytest.raises(NetFileError, match="w0"):
        export(net, manifest(net, outputs=outputs), tmp_path / "try.onnx", EXAMPLE)
    assert not list(tmp_path.iterdir())
