"""The parser's nets: what they see, and that levels are put together as they should be."""

import numpy as np
import pytest
import torch

from windowpane.core.windows import Window
from windowpane.parse.scales import levels_of
from windowpane.train.loop.weights import count_parameters
from windowpane.train.parse.net import (
    Classifier,
    ParserNet,
    faithful_backbone,
    resampled,
    residual_backbone,
)


def test_an_output_of_the_faithful_backbone_sees_exactly_46_pixels_of_its_level():
    backbone = faithful_backbone().eval()
    assert backbone.window == Window(46, 46, (4, 4))
    level = torch.randn(1, 3, 70, 70, requires_grad=True)
    backbone(level)[0, :, 2, 3].abs().sum().backward()
    rows, cols = np.nonzero(level.grad[0].abs().sum(dim=0).numpy())
    assert (rows.min(), rows.max()) == (2 * 4, 2 * 4 + 45)
    assert (cols.min(), cols.max()) == (3 * 4, 3 * 4 + 45)


def test_at_the_third_level_these_are_184_pixels_of_the_image():
    window = faithful_backbone().window
    third = levels_of(np.zeros((240, 320, 3), np.uint8), "laplacian", 3, window)[2]
    x0, y0, x1, y1 = third.to_image(window.box(3, 5))
    assert (x1 - x0, y1 - y0) == (184, 184)


def test_the_faithful_backbone_has_the_maps_of_the_paper():
    assert count_parameters(faithful_backbone()) == 3 * 16 * 49 + 16 * 64 * 49 + 32 * 256 * 49 + 16 + 64 + 256


def test_each_map_of_its_last_layer_sees_32_of_the_64_before_as_in_the_paper():
    last = faithful_backbone().eval().layers[-3:]
    before = torch.randn(256, 64, 7, 7, requires_grad=True)
    of_each = last[:2](before)[range(256), range(256)].sum()  # of the first the first map, and so on
    (grads,) = torch.autograd.grad(of_each, before)
    seen = [tuple(np.flatnonzero(grad.abs().sum(dim=(1, 2)))) for grad in grads]
    assert {len(maps) for maps in seen} == {32}
    assert set().union(*seen) == set(range(64)), "and none of the 64 is left out"


@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("light", [True, False])
def test_the_window_of_a_residual_backbone_is_what_it_sees(separable, light):
    backbone = residual_backbone([12, 16, 16, 16], separable=separable, light=light).eval()
    size = backbone.window.height
    level = torch.randn(1, 3, size + 9, size + 9, requires_grad=True)
    backbone(level)[0, :, 1, 1].abs().sum().backward()
    rows, _ = np.nonzero(level.grad[0].abs().sum(dim=0).numpy())
    assert (rows.min(), rows.max()) == (4, 4 + size - 1)


def test_levels_are_left_out_in_training_alone():
    backbone = residual_backbone([4, 6, 6, 8])
    net = ParserNet([backbone], 2, 3, 0, blind=0.9)
    net.classifier.layers[0].p = 0.0
    levels = [torch.randn(64, 3, 60, 60)] * 2
    size = backbone(levels[0]).shape[-1]
    way = (torch.eye(size), torch.eye(size))
    bias = net.classifier.layers[-1].bias[:, None, None]
    dark = [bool(torch.allclose(one, bias)) for one in net(levels, [way])]
    assert 0.5 < np.mean(dark) < 1  # most views went without both
    assert not any(torch.allclose(one, bias) for one in net.eval()(levels, [way]))


@pytest.mark.parametrize("hidden", [0, 7])
def test_classifying_each_level_before_the_interpolation_changes_nothing(hidden):
    classifier = Classifier([5, 8, 8], 4, hidden).eval()
    sizes = zip((5, 8, 8), (12, 6, 3), strict=True)
    maps = [torch.randn(2, count, size, size + 2) for count, size in sizes]
    ways = [(torch.rand(12, size), torch.rand(14, size + 2)) for size in (6, 3)]
    stacked = [maps[0], *(resampled(one, *way) for one, way in zip(maps[1:], ways, strict=True))]
    torch.testing.assert_close(classifier.of_levels(maps, ways), classifier(torch.cat(stacked, 1)))
