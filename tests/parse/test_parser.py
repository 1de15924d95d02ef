"""The parser as a user meets it, with a net set by hand that tells colours apart."""

import io
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

import windowpane.parse.parser as module
from windowpane.errors import ImageError, MissingExtraError, NetFileError
from windowpane.parse.labelmap import class_colours
from windowpane.parse.parser import Parser
from windowpane.show.draw import parsing_figure


def stripes(width=320, height=240, at=(100, 220)):
    """A red, a green and a blue stripe, side by side, and which is which."""
    truth = np.digitize(np.arange(width) + 0.5, at)[None].repeat(height, axis=0)
    picture = 40 + 170 * np.eye(3)[truth]
    return picture.astype(np.uint8), truth


def blobs(width, height, seed=0):
    """A smooth picture of many colours."""
    small = np.random.default_rng(seed).integers(
        0, 256, (height // 24 + 2, width // 24 + 2, 3), dtype=np.uint8
    )
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def parser(net):
    return Parser(net)


# -- A class for every pixel -------------------------------------------------------------------------------


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (321, 243), (333, 250), (160, 90)])
def test_edges_lie_where_they_are_in_the_picture(net, width, height, looks):
    parser = Parser(net, looks=looks)
    picture, truth = stripes(width, height, (width // 3, 2 * width // 3 + 1))
    scene = parser.parse(picture)
    assert scene.class_ids.shape == (height, width)
    for left, right in ((0, 1), (1, 2)):
        true_edge = np.argmax(truth[0] == right)
        edges = np.argmax(scene.class_ids == right, axis=1)
        assert np.abs(edges - true_edge).max() <= 1, f"the edge of {left} and {right}"


def test_a_score_is_a_probability_and_falls_at_edges(parser):
    scene = parser.parse(stripes()[0])
    assert scene.confidence.dtype == np.float32
    assert 1 / 3 <= scene.confidence.min() < 0.7
    assert 0.95 < scene.confidence.max() <= 1 + 1e-6
    assert scene.confidence[:, 98:102].mean() < scene.confidence[:, 40:60].mean()


@pytest.mark.parametrize(("linear", "looks"), [(True, 1), (False, 1), (True, 4)])
def test_every_step_can_be_seen(make_net, linear, looks):
    parser = Parser(make_net(linear=linear), looks=looks)
    picture = stripes()[0]
    explanation = parser.explain(picture)
    np.testing.assert_array_equal(explanation.scene.class_ids, parser.parse(picture).class_ids)
    assert [level.scale[0] for level in explanation.levels] == [1, 0.5, 0.25]
    assert len(explanation.maps) == 3
    assert list(explanation.ms)[-1] == "labels"
    figure = parsing_figure(explanation)
    red = class_colours(3)[0]
    assert (figure == red).all(axis=2).sum() > 1000, "each scale's own classes"


def test_a_picture_moved_by_some_pixels_has_its_labels_moved_as_much(parser):
    picture = blobs(500, 400)
    one = parser.parse(picture[:300, :400]).class_ids
    for y, x in ((16, 32), (48, 16)):  # whole cells of the coarsest level
        other = parser.parse(picture[y : y + 300, x : x + 400]).class_ids
        inner = np.s_[80:200, 80:280]
        moved = other[inner[0].start - y : inner[0].stop - y, inner[1].start - x : inner[1].stop - x]
        assert (one[inner] == moved).mean() > 0.999
    other = parser.parse(picture[3:303, 5:405]).class_ids  # and any number: within a pixel at edges
    moved = other[80 - 3 : 200 - 3, 80 - 5 : 280 - 5]
    assert (one[80:200, 80:280] == moved).mean() > 0.97


def test_twice_the_picture_has_twice_the_labels(parser):
    picture = blobs(320, 240)
    one = parser.parse(picture).class_ids
    twice = parser.parse(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)).class_ids
    assert (twice[::2, ::2] == one).mean() > 0.93


@pytest.mark.parametrize("different", [{"linear": True}, {"side": 7}, {"side": 46}, {"side": 4}])
def test_every_make_of_net_finds_the_stripes(make_net, different):
    picture, truth = stripes()
    scene = Parser(make_net(**different)).parse(picture)
    assert (scene.class_ids == truth).mean() > 0.97


def test_a_linear_classifier_may_come_before_the_interpolation(make_net, parser):
    """What is linear may be taken first: the answer is the same."""
    picture = blobs(200, 150)
    one, other = parser.parse(picture), Parser(make_net(linear=True)).parse(picture)
    np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-4)
    assert (one.class_ids == other.class_ids).mean() > 0.999


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_levels_may_have_nets_of_their_own(make_net, linear, threads):
    picture = blobs(200, 150)
    one = Parser(make_net(linear=linear, apart=True), threads=threads).parse(picture)
    other = Parser(make_net(linear=linear)).parse(picture)
    np.testing.assert_array_equal(one.confidence, other.confidence)
    np.testing.assert_array_equal(one.class_ids, other.class_ids)


def test_there_may_be_more_classes_than_opencv_takes_channels(make_net):
    many, few = (Parser(make_net(linear=True, unlikely=count)) for count in (150, 0))
    picture, _ = stripes(80, 60, (27, 53))
    np.testing.assert_array_equal(many.parse(picture).class_ids, few.parse(picture).class_ids)
    assert len(many.names) == 153


@pytest.mark.parametrize("looks", [2, 4])
def test_with_more_looks_a_mirrored_picture_has_mirrored_labels(net, parser, looks):
    picture, several = blobs(203, 150), Parser(net, looks=looks)
    one, other = several.parse(picture), several.parse(picture[:, ::-1])
    np.testing.assert_allclose(other.confidence[:, ::-1], one.confidence, atol=1e-5)
    assert (other.class_ids[:, ::-1] == one.class_ids).mean() > 0.999
    single = parser.parse(picture)
    assert 0.9 < (single.class_ids == one.class_ids).mean() < 1, (
        "nearly the answer of one look, but not the same"
    )
    assert np.abs(single.confidence - one.confidence).mean() > 1e-3


def test_more_looks_make_an_uneven_net_even(make_net):
    """A net that is wrong where something stands on the left, but not where it stands on the right."""
    picture, truth = stripes()
    edges = {
        looks: np.argmax(Parser(make_net(lean=3), looks=looks).parse(picture).class_ids == 1, axis=1)
        for looks in (1, 2)
    }
    true_edge = np.argmax(truth[0] == 1)
    assert np.abs(edges[1] - true_edge).min() >= 2
    assert np.abs(edges[2] - true_edge).max() <= 1


def test_another_number_of_looks_is_explained(net):
    with pytest.raises(ValueError, match="1, 2, 4 times, not 3"):
        Parser(net, looks=3)


def test_with_superpixels_labels_end_where_the_picture_s_patches_do(net, parser):
    truth = np.zeros((240, 320), np.uint8)
    cv2.fillPoly(truth, [np.array([(30, 20), (290, 120), (60, 220)])], 2)
    picture = 40 + 170 * np.eye(3)[truth] + np.random.default_rng(0).normal(0, 4, (240, 320, 3))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    scene = Parser(net, superpixels=True).parse(picture)
    assert (scene.class_ids != truth).sum() < 0.3 * (parser.parse(picture).class_ids != truth).sum()
    assert 1 / 3 <= scene.confidence.min() <= scene.confidence.max() <= 1 + 1e-6


def test_superpixels_without_scikit_image_are_explained(net, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(MissingExtraError, match=r"pip install windowpane\[superpixels\]"):
        Parser(net, superpixels=True).parse(stripes()[0])


# -- Pictures of all kinds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 7), (16, 2000), (2000, 16)])
@pytest.mark.parametrize("pyramid", ["gaussian", "laplacian"])
@pytest.mark.parametrize("looks", [1, 4])
def test_a_picture_of_any_size_has_a_label_for_each_pixel(make_net, size, pyramid, looks):
    picture = np.full((*size, 3), (200, 30, 30), np.uint8)
    scene = Parser(make_net(pyramid=pyramid), looks=looks).parse(picture)
    assert scene.class_ids.shape == scene.confidence.shape == size
    assert np.isfinite(scene.confidence).all()
    if pyramid == "gaussian":
        assert (scene.class_ids == 0).all()


@pytest.mark.parametrize(("pyramid", "looks"), [("gaussian", 1), ("laplacian", 1), ("gaussian", 4)])
def test_a_large_picture_is_parsed_in_tiles_without_a_seam(make_net, pyramid, looks, monkeypatch):
    parser = Parser(make_net(pyramid=pyramid), looks=looks)
    picture = blobs(701, 503)
    whole = parser.parse(picture)
    monkeypatch.setattr(module, "TILE", 128)
    tiled = parser.parse(picture)
    np.testing.assert_allclose(tiled.confidence, whole.confidence, atol=1e-5)
    assert (tiled.class_ids == whole.class_ids).mean() > 0.9999


def test_every_kind_of_picture_is_taken(parser, tmp_path):
    picture = stripes()[0]
    path = tmp_path / "stripes.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    answer = parser.parse(picture).class_ids
    data = path.read_bytes()
    for kind in (str(path), path, data, io.BytesIO(data), Image.fromarray(picture)):
        np.testing.assert_array_equal(parser.parse(kind).class_ids, answer)
    assert parser.parse(picture[..., 0]).class_ids.shape == (240, 320), "grey is taken too"


def test_several_pictures_give_an_iterator_and_threads_do_not_matter(net, parser):
    pictures = [stripes()[0], blobs(100, 80)]
    for one, other in zip(parser.parse(iter(pictures)), Parser(net, threads=2).parse(pictures), strict=True):
        np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-5)


@pytest.mark.parametrize("bad", ["missing.png", b"no picture", np.zeros((3, 4, 5), np.uint8), 7])
def test_what_is_no_picture_is_explained(parser, bad):
    with pytest.raises(ImageError):
        parser.parse(bad)


@pytest.mark.parametrize(
    ("different", "complaint"),
    [
        ({"task": "read"}, "the task 'read'.*train parse"),
        ({"pyramid": "steep"}, "'pyramid'"),
        ({"levels": 0}, "'levels'"),
        ({"levels": 2}, "one output for each level"),
        ({"levels": 2, "apart": True}, "one output for each level"),
        ({"more": 2}, "classifier of what it gives"),
    ],
)
def test_a_net_that_is_no_parser_says_what_it_lacks(make_net, different, complaint):
    with pytest.raises(NetFileError, match=complaint):
        Parser(make_net(**different))
