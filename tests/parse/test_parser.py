"""The parser as a user meets it, with a net set by hand that tells colours apart."""

import io
import threading
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.core.system import Failure, System
from windowpane.errors import ArgumentError, ImageError, WindowpaneError
from windowpane.parse.labelmap import LabelMap
from windowpane.parse.parser import Parser

# -- A class for every pixel -------------------------------------------------------------------------------


@pytest.mark.parametrize("tta", [1, 4])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (321, 243), (333, 250), (160, 90)])
def test_edges_lie_where_they_are_in_the_picture(net, width, height, tta, stripes):
    parser = Parser(net, tta=tta)
    picture, truth = stripes(width, height, (width // 3, 2 * width // 3 + 1))
    scene = parser.parse(picture)
    assert scene.class_ids.shape == (height, width)
    for left, right in ((0, 1), (1, 2)):
        true_edge = np.argmax(truth[0] == right)
        edges = np.argmax(scene.class_ids == right, axis=1)
        assert np.abs(edges - true_edge).max() <= 1, f"the edge of {left} and {right}"


def test_a_score_is_a_probability_and_falls_at_edges(parser, stripes):
    scene = parser.parse(stripes()[0])
    assert scene.confidence.dtype == np.float32
    assert 1 / 3 <= scene.confidence.min() < 0.7
    assert 0.95 < scene.confidence.max() <= 1 + 1e-6
    assert scene.confidence[:, 98:102].mean() < scene.confidence[:, 40:60].mean()


def test_a_picture_moved_by_some_pixels_has_its_labels_moved_as_much(parser, blobs):
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


def test_twice_the_picture_has_twice_the_labels(parser, blobs):
    picture = blobs(320, 240)
    one = parser.parse(picture).class_ids
    twice = parser.parse(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)).class_ids
    assert (twice[::2, ::2] == one).mean() > 0.93


@pytest.mark.parametrize("different", [{"linear": True}, {"side": 7}, {"side": 46}, {"side": 4}])
def test_every_make_of_net_finds_the_stripes(make_net, different, stripes):
    picture, truth = stripes()
    scene = Parser(make_net(**different)).parse(picture)
    assert (scene.class_ids == truth).mean() > 0.97


def test_a_linear_classifier_may_come_before_the_interpolation(make_net, parser, blobs):
    """What is linear may be taken first: the answer is the same."""
    picture = blobs(200, 150)
    one, other = parser.parse(picture), Parser(make_net(linear=True)).parse(picture)
    np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-4)
    assert (one.class_ids == other.class_ids).mean() > 0.999


def test_there_may_be_more_classes_than_opencv_takes_channels(make_net, stripes):
    many, few = (Parser(make_net(linear=True, unlikely=count)) for count in (150, 0))
    picture, _ = stripes(80, 60, (27, 53))
    np.testing.assert_array_equal(many.parse(picture).class_ids, few.parse(picture).class_ids)
    assert len(many.names) == 153


# -- Pictures of all kinds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 7), (16, 2000), (2000, 16)])
@pytest.mark.parametrize("pyramid", ["gaussian", "laplacian"])
@pytest.mark.parametrize("tta", [1, 4])
def test_a_picture_of_any_size_has_a_label_for_each_pixel(make_net, size, pyramid, tta):
    picture = np.full((*size, 3), (200, 30, 30), np.uint8)
    scene = Parser(make_net(pyramid=pyramid), tta=tta).parse(picture)
    assert scene.class_ids.shape == scene.confidence.shape == size
    assert np.isfinite(scene.confidence).all()
    if pyramid == "gaussian":
        assert (scene.class_ids == 0).all()


def test_every_kind_of_picture_is_taken(parser, tmp_path, stripes):
    picture = stripes()[0]
    path = tmp_path / "stripes.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    answer = parser.parse(picture).class_ids
    data = path.read_bytes()
    for kind in (str(path), path, data, io.BytesIO(data), Image.fromarray(picture)):
        np.testing.assert_array_equal(parser.parse(kind).class_ids, answer)
    assert parser.parse(picture[..., 0]).class_ids.shape == (240, 320), "grey is taken too"


def test_several_pictures_give_an_iterator_and_threads_do_not_matter(net, parser, stripes, blobs):
    pictures = [stripes()[0], blobs(100, 80)]
    for one, other in zip(parser.parse(iter(pictures)), Parser(net, threads=2).parse(pictures), strict=True):
        np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-5)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_pictures_gives_a_list_of_answers(parser, blobs, kind):
    pictures = kind(blobs(60, 40, seed) for seed in range(3))
    found = parser.parse(pictures)
    assert isinstance(found, list)
    for one, picture in zip(found, pictures, strict=True):
        np.testing.assert_array_equal(one.class_ids, parser.parse(picture).class_ids)


def test_of_many_pictures_a_bad_one_is_a_failure_in_its_place(parser, stripes):
    pictures = [stripes()[0], "missing.png", b"no picture", stripes(80, 60)[0]]
    found = parser.parse_many(pictures)
    assert [type(one) for one in found] == [LabelMap, Failure, Failure, LabelMap]
    assert found[1].image == "missing.png"
    assert "missing.png" in found[1].error
    assert found[3].class_ids.shape == (60, 80)


def test_many_pictures_are_answered_only_when_they_are_asked_for(parser, blobs):
    taken = []

    def pictures():
        for number in range(3):
            taken.append(number)
            yield blobs(60, 40)

    found = parser.parse_many(pictures())
    assert isinstance(found, Iterator)
    assert not taken
    assert isinstance(next(found), LabelMap)
    assert taken == [0]


@pytest.mark.parametrize("one", ["street.jpg", b"bytes", np.zeros((9, 9, 3), np.uint8), 7])
def test_a_single_picture_is_not_taken_for_many(parser, one):
    with pytest.raises(ArgumentError, match="a list or an iterator of pictures: give one to parse"):
        parser.parse_many(one)


@pytest.mark.parametrize("bad", ["missing.png", b"no picture", np.zeros((3, 4, 5), np.uint8), 7])
def test_what_is_no_picture_is_explained(parser, bad):
    with pytest.raises(ImageError):
        parser.parse(bad)


# -- The parser itself -------------------------------------------------------------------------------------


def test_it_is_a_system_as_batch_and_server_need_it(net, stripes):
    system: System = Parser(net)
    picture = stripes()[0]
    assert system.answer(picture).to_dict() == Parser(net).parse(picture).to_dict()
    system.close()


def test_it_says_what_it_is_in_a_line(net):
    assert repr(Parser(net)) == "Parser('colours', tta=1, superpixels=False)"
    assert repr(Parser(net, tta=4, superpixels=True)) == "Parser('colours', tta=4, superpixels=True)"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"tta": 3}, "1, 2, 4 times, not 3"),
        ({"threads": 0}, "threads=0 given"),
        ({"threads": 1.5}, r"threads=1\.5 given"),
        ({"runtime": "abacus"}, "runtime.*onnxruntime"),
    ],
)
def test_what_cannot_be_is_explained_at_once(net, wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        Parser(net, **wrong)


def test_after_a_with_block_its_threads_have_ended_and_it_answers_no_more(make_net, stripes):
    before = set(threading.enumerate())
    with Parser(make_net(apart=True), threads=2) as parser:
        parser.parse(stripes()[0])
        assert set(threading.enumerate()) - before
    assert not set(threading.enumerate()) - before
    with pytest.raises(WindowpaneError, match="closed"):
        parser.parse(stripes()[0])


def test_the_old_name_of_tta_is_taken_and_warns(net):
    with pytest.warns(DeprecationWarning, match="looks is now called tta"):
        assert Parser(net, looks=2).tta == 2
