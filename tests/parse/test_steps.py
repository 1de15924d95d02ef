"""The steps that a parser keeps: those that led to its answer, in the places of the caller's picture."""

from dataclasses import replace

import numpy as np
import pytest

from windowpane.parse.labelmap import class_colours
from windowpane.parse.parser import Parser
from windowpane.show.draw import parsing_figure


@pytest.mark.parametrize(("linear", "tta"), [(True, 1), (False, 1), (True, 4)])
def test_every_step_can_be_seen(make_net, linear, tta, stripes):
    parser = Parser(make_net(linear=linear), tta=tta)
    picture = stripes()[0]
    steps = parser.explain(picture)
    np.testing.assert_array_equal(steps.scene.class_ids, parser.parse(picture).class_ids)
    assert [level.scale[0] for level in steps.levels] == [1, 0.5, 0.25]
    assert len(steps.maps) == 3
    assert list(steps.ms)[-1] == "labels"
    figure = parsing_figure(steps)
    red = class_colours(3)[0]
    assert (figure == red).all(axis=2).sum() > 1000, "each scale's own classes"


def taught(file, longest):
    """Return a net that was taught on pictures of a size, as the Teach page writes it."""
    settings = {**file.manifest.settings, "longest": longest}
    return replace(file, manifest=replace(file.manifest, settings=settings))


@pytest.mark.parametrize("longest", [None, 160])
@pytest.mark.parametrize("tile", [None, 64])
@pytest.mark.parametrize(("tta", "superpixels"), [(1, False), (4, False), (1, True)])
def test_its_answer_is_that_of_parse_bit_for_bit(net, blobs, longest, tile, tta, superpixels):
    parser = Parser(taught(net, longest) if longest else net, tta=tta, superpixels=superpixels)
    parser.net.tile = tile or parser.net.tile
    picture = blobs(311, 173)
    scene, steps = parser.parse(picture), parser.explain(picture)
    np.testing.assert_array_equal(steps.scene.class_ids, scene.class_ids)
    np.testing.assert_array_equal(steps.scene.confidence, scene.confidence)
    assert steps.scene.names == scene.names


@pytest.mark.parametrize("kind", ["gaussian", "laplacian"])
def test_of_a_picture_in_tiles_they_are_those_of_the_whole(make_net, blobs, kind):
    parser, picture = Parser(make_net(pyramid=kind)), blobs(311, 173)
    whole = parser.explain(picture)
    parser.net.tile = 64
    steps = parser.explain(picture)
    for one, other in zip(steps.levels, whole.levels, strict=True):
        assert (one.scale, one.shift) == (other.scale, other.shift)
        np.testing.assert_allclose(one.image, other.image, atol=1e-5)
    for one, other in zip(steps.maps, whole.maps, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_of_a_picture_made_smaller_its_levels_lie_in_the_caller_s(net, parser, blobs):
    """What a level shows at a place is what the picture shows there."""
    picture = blobs(640, 480)
    steps = Parser(taught(net, 320)).explain(picture)
    assert [level.scale for level in steps.levels] == [(0.5, 0.5), (0.25, 0.25), (0.125, 0.125)]
    assert steps.picture.shape == picture.shape
    level = steps.levels[0]
    (x, y, *_) = level.from_image((320, 240, 320, 240))
    seen, shown = (
        level.image[round(y) - 4 : round(y) + 4, round(x) - 4 : round(x) + 4],
        picture[232:248, 312:328],
    )
    np.testing.assert_allclose(seen.mean(axis=(0, 1)), shown.mean(axis=(0, 1)) / 255, atol=0.01)


def test_they_fit_on_a_screen(parser, stripes):
    text = repr(parser.explain(stripes()[0]))
    assert text.startswith("ParseSteps(LabelMap(320 x 240 pixels: green 38%, red 3")
    assert len(text) < 250
