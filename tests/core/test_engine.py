import os
import re
import subprocess
import sys

import numpy as np
import onnx
import pytest

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, Output, load_net, save
from windowpane.core.windows import Window
from windowpane.errors import ArgumentError, ImageError, MissingExtraError, NetFileError, install

DIGITS = tuple("0123456789")


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A net of one channel and two outputs, whose windows are 8 x 12 and 8 x 6 pixels, in steps of 2."""
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 1, H, W] image) => (float[N, 10, R, C] wide, float[N, 10, S, D] narrow) {
            a = Conv(image, k1)
            b = Relu(a)
            c = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(b)
            wide = Conv(c, k2)
            narrow = Conv(c, k3)
        }""")
    random = np.random.default_rng(0)
    for name, size in (("k1", (4, 1, 3, 3)), ("k2", (10, 4, 3, 5)), ("k3", (10, 4, 3, 2))):
        weights = random.standard_normal(size).astype(np.float32)
        proto.graph.initializer.append(onnx.numpy_helper.from_array(weights, name))
    trunk = Window.of_layers([(3, 1, 0), (2, 2, 0)])
    manifest = Manifest(
        name="two-heads",
        task="read",
        channels=1,
        colour="ink",
        mean=(0.5,),
        std=(0.25,),
        outputs=(
            Output("wide", DIGITS, trunk.then((3, 5))),
            Output("narrow", DIGITS, trunk.then((3, 2))),
        ),
    )
    return save(tmp_path_factory.mktemp("nets") / "two.onnx", proto.SerializeToString(), manifest)


@pytest.fixture(scope="module")
def engine(net):
    return Engine(net)


def picture(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def arrays(maps):
    return [scores.scores for scores in maps]


def assert_same(maps, others):
    for one, other in zip(maps, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_every_output_gives_a_map_with_its_names_and_window(engine):
    wide, narrow = engine.run(picture(20, 41))
    assert (wide.name, narrow.name) == ("wide", "narrow")
    assert wide.names == DIGITS
    assert wide.window == Window(8, 12, stride=(2, 2))
    assert narrow.window == Window(8, 6, stride=(2, 2))
    assert wide.scores.shape == (10, 7, 15)
    assert narrow.scores.shape == (10, 7, 18)
    assert wide.scores.dtype == np.float32


def test_the_old_name_of_the_names_is_still_taken(engine, net):
    for one in (engine.run(picture(20, 41))[0], net.manifest.outputs[0]):
        with pytest.warns(DeprecationWarning, match="labels is now called names") as warned:
            assert one.labels == DIGITS
        assert warned[0].filename == __file__


def test_a_net_may_be_given_as_its_file(net):
    image = picture(8, 30)
    for given in (net.source, net.data, load_net(net.data)):
        assert_same(arrays(Engine(given).run(image)), arrays(Engine(net).run(image)))
    with pytest.raises(NetFileError):
        Engine("no/such.onnx")


def test_pixels_enter_the_net_less_the_mean_over_the_deviation(tmp_path):
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 2, H, W] image) => (float[N, 2, H, W] same) { same = Identity(image) }""")
    manifest = Manifest(
        "same", "none", 2, "any", (0.1, 0.5), (0.5, 0.2), (Output("same", ("a", "b"), Window(1, 1)),)
    )
    engine = Engine(save(tmp_path / "same.onnx", proto.SerializeToString(), manifest))
    image = picture(5, 7, 2)
    (scores,) = arrays(engine.run(image))
    np.testing.assert_allclose(scores[0], (image[..., 0] / 255 - 0.1) / 0.5, atol=1e-5)
    np.testing.assert_allclose(scores[1], (image[..., 1] / 255 - 0.5) / 0.2, atol=1e-5)


def test_bytes_and_floats_from_0_to_1_are_the_same_picture(engine):
    image = picture(20, 30)
    assert_same(arrays(engine.run(image)), arrays(engine.run((image / 255).astype(np.float32))))


def test_one_channel_may_have_an_axis_or_none(engine):
    image = picture(20, 30)
    assert_same(arrays(engine.run(image)), arrays(engine.run(image[..., None])))


def test_a_view_is_run_as_its_copy(engine):
    view = picture(40, 60)[::-2, ::2]
    assert_same(arrays(engine.run(view)), arrays(engine.run(view.copy())))


def test_the_callers_picture_is_left_alone(engine):
    for image in (picture(20, 30), picture(20, 30).astype(np.float32) / 255):
        before = image.copy()
        engine.run(image)
        np.testing.assert_array_equal(image, before)


def test_the_same_picture_has_the_same_answer_to_the_bit(net, engine):
    image = picture(50, 70)
    for one, other in zip(engine.run(image), Engine(net).run(image), strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


def test_an_answer_stays_when_the_engine_goes_on(engine):
    first = engine.run(picture(20, 30))
    before = [scores.copy() for scores in arrays(first)]
    engine.run(picture(20, 30, seed=1))
    assert_same(arrays(first), before)


@pytest.mark.parametrize(
    ("size", "wide_map", "narrow_map"),
    [
        ((8, 12), (1, 1), (1, 4)),
        ((8, 11), (1, 0), (1, 3)),
        ((7, 30), (0, 10), (0, 13)),
        ((1, 1), (0, 0), (0, 0)),
        ((0, 0), (0, 0), (0, 0)),
    ],
)
def test_a_picture_smaller_than_a_window_has_an_empty_map_there(engine, size, wide_map, narrow_map):
    wide, narrow = engine.run(picture(*size))
    assert wide.scores.shape == (10, *wide_map)
    assert narrow.scores.shape == (10, *narrow_map)


def test_the_smaller_window_still_sees_where_the_larger_does_not_fit(engine):
    image = picture(8, 30)
    _, cut = engine.run(image[:, :11])
    _, whole = engine.run(image)
    assert_same([cut.scores], [whole.scores[:, :, :3]])


@pytest.mark.parametrize("size", [(3, 5), (60, 60), (61, 400), (400, 61), (333, 217), (8, 5000)])
def test_tiles_are_of_about_equal_size_and_a_small_picture_is_one(net, size):
    tiles = np.array(list(Engine(net, tile_pixels=3600).tiles(*size)))
    heights, widths = tiles[:, 1] - tiles[:, 0], tiles[:, 3] - tiles[:, 2]
    assert (heights * widths <= 3600).all()
    assert (tiles.min(axis=0)[[0, 2]] == 0).all()
    assert (tiles.max(axis=0)[[1, 3]] == size).all()
    # the last of a row or column is smaller by less than a step of 2 for each tile before it
    assert heights.max() - heights.min() < 2 * len(set(tiles[:, 0])) + 1
    assert widths.max() - widths.min() < 2 * len(set(tiles[:, 2])) + 1
    assert len(tiles) == 1 or size[0] * size[1] > 3600


def test_a_stack_has_the_answers_of_its_pictures(engine):
    images = picture(5, 12, 33)
    stacks = engine.run_batch(images)
    assert [stack.shape for stack in stacks] == [(5, 10, 3, 11), (5, 10, 3, 14)]
    for number, image in enumerate(images):
        assert_same([stack[number] for stack in stacks], arrays(engine.run(image)))


def test_an_empty_stack_has_empty_answers(engine):
    assert [stack.shape for stack in engine.run_batch(picture(0, 12, 33))] == [(0, 10, 3, 11), (0, 10, 3, 14)]


@pytest.mark.parametrize(
    ("image", "complaint"),
    [
        (picture(20, 30, 3), r"\(H, W, 1\) of ink.*\(20, 30, 3\)"),
        (picture(20), r"\(20,\)"),
        (picture(20, 30).astype(np.float64), "float64"),
        (picture(20, 30).astype(np.int32), "int32"),
    ],
)
def test_a_picture_that_does_not_fit_the_net_is_explained(engine, image, complaint):
    with pytest.raises(ImageError, match=complaint):
        engine.run(image)


def test_the_users_folder_stays_as_it_is(net, tmp_path):
    """ONNX Runtime keeps an identifier of the machine there, and reports, unless it is told not to."""
    quiet = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "PYTEST_CURRENT_TEST", "XDG_CACHE_HOME")
    env = {name: value for name, value in os.environ.items() if name not in quiet}
    code = "import sys; from windowpane.core.engine import Engine; Engine(sys.argv[1])"
    given = [sys.executable, "-B", "-c", code, str(net.source)]
    subprocess.run(given, env=env | {"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []


def test_openvino_without_its_extra_says_what_to_install(net, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("openvino"))):
        Engine(net, runtime="openvino")


def test_an_unknown_runtime_is_refused(net):
    with pytest.raises(ArgumentError, match="'tensorrt'"):
        Engine(net, runtime="tensorrt")
