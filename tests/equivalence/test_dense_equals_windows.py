"""The heart of the house: the score of a cell is the net applied to the crop of its window alone.

Over the whole image, in tiles, in stacks, with several threads and with every runtime, to 1e-4.
"""

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.runtimes import OFTEN
from windowpane.core.windows import Window

SIZES = st.tuples(st.integers(1, 90), st.integers(1, 90))
SEEDS = st.integers(0, 1000)


def reader(channels):
    """A trunk with heads of four widths, the outputs of a reader of digits."""
    layers = {"a": (8, 3, 1), "c": (12, 5, 1)}
    body = """
        a = Conv(image, ka) b = Relu(a) p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(b)
        c = Conv(p, kc) d = Relu(c) q = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(d)
        """
    trunk = Window.of_layers([(3, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0)])
    heads = {f"w{width}": (3, width) for width in (4, 3, 2, 1)}
    kernels = {
        "ka": (layers["a"][0], channels, 3, 3),
        "kc": (layers["c"][0], layers["a"][0], 5, 5),
        **{f"k{name}": (11, layers["c"][0], *size) for name, size in heads.items()},
    }
    body += "".join(f"{name} = Conv(q, k{name}) " for name in heads)
    windows = {name: trunk.then(size) for name, size in heads.items()}
    return body, kernels, windows


def uneven(channels):
    """Heads of different strides in y and x, so the tiles must keep to a stride common to all.

    The largest window moves in steps of one pixel, so a tile that is one pixel short loses a cell.
    """
    body = """
        a = Conv(image, ka) b = Relu(a)
        fine = Conv<strides = [1, 3]>(b, kfine)
        m = MaxPool<kernel_shape = [3, 2], strides = [3, 2]>(b)
        coarse = Conv(m, kcoarse)
        """
    kernels = {"ka": (6, channels, 4, 2), "kfine": (5, 6, 4, 3), "kcoarse": (4, 6, 1, 2)}
    first = Window.of_layers([((4, 2), 1, 0)])
    windows = {
        "fine": first.then((4, 3), (1, 3)),
        "coarse": first.then((3, 2), (3, 2)).then((1, 2)),
    }
    return body, kernels, windows


def net_file(path, make, channels):
    body, kernels, windows = make(channels)
    outputs = ", ".join(f"float[N, {kernels['k' + name][0]}, R{name}, C{name}] {name}" for name in windows)
    proto = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, {channels}, H, W] image) => ({outputs}) {{ {body} }}""")
    random = np.random.default_rng(0)
    for name, size in kernels.items():
        weights = random.standard_normal(size).astype(np.float32) * np.sqrt(2 / np.prod(size[1:]))
        proto.graph.initializer.append(onnx.numpy_helper.from_array(weights.astype(np.float32), name))
    manifest = Manifest(
        name="test",
        task="test",
        channels=channels,
        colour="any",
        mean=(0.4,) * channels,
        std=(0.3,) * channels,
        outputs=tuple(
            Output(name, tuple(map(str, range(kernels["k" + name][0]))), window)
            for name, window in windows.items()
        ),
    )
    return save(path, proto.SerializeToString(), manifest)


@pytest.fixture(scope="module", params=["reader-1", "reader-3", "uneven-1", "uneven-3"])
def net(request, tmp_path_factory):
    make, channels = request.param.split("-")
    return net_file(
        tmp_path_factory.mktemp("nets") / "net.onnx",
        {"reader": reader, "uneven": uneven}[make],
        int(channels),
    )


@pytest.fixture(scope="module", params=["onnxruntime", "openvino"])
def runtime(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture(scope="module")
def whole(net, runtime):
    return Engine(net, runtime)


@pytest.fixture(scope="module")
def tiled(net, runtime):
    return Engine(net, runtime, tile_pixels=900)


def pictures(net, *shape, seed):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (*shape, net.manifest.channels), dtype=np.uint8)


def arrays(maps):
    return [scores.scores for scores in maps]


def assert_same(maps, others):
    """To 1e-4 of the scores' own size: scores near 0 are differences of larger ones."""
    for one, other in zip(maps, others, strict=True):
        assert one.shape == other.shape
        if one.size:
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4 * np.abs(one).max())


QUICK = settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(SIZES, SEEDS)
def test_every_cell_is_the_net_on_its_window_alone(net, whole, size, seed):
    image = pictures(net, *size, seed=seed)
    for number, scores in enumerate(whole.run(image)):
        _, rows, cols = scores.scores.shape
        cells = list(np.ndindex(rows, cols))[:: max(1, rows * cols // 20)]
        for row, col in cells:
            x0, y0, x1, y1 = scores.window.box(row, col)
            alone = whole.run(image[y0:y1, x0:x1])[number].scores
            assert_same([scores.scores[:, row, col]], [alone[:, 0, 0]])


@QUICK
@given(SIZES, SEEDS)
def test_tiles_give_the_map_of_the_whole(net, whole, tiled, size, seed):
    image = pictures(net, *size, seed=seed)
    assert_same(arrays(tiled.run(image)), arrays(whole.run(image)))


@pytest.mark.parametrize("size", [(31, 500), (500, 31), (200, 203), (3, 1000)])
def test_tiles_give_the_map_of_a_large_or_long_image(net, whole, tiled, size):
    image = pictures(net, *size, seed=0)
    assert_same(arrays(tiled.run(image)), arrays(whole.run(image)))


@QUICK
@given(st.integers(1, 7), SIZES, SEEDS)
def test_a_stack_gives_the_maps_of_its_images(net, whole, tiled, count, size, seed):
    images = pictures(net, count, *size, seed=seed)
    for engine in (whole, tiled):
        stacks = engine.run_batch(images)
        for number, image in enumerate(images):
            assert_same([stack[number] for stack in stacks], arrays(whole.run(image)))


def test_threads_do_not_change_the_map(net, runtime, whole):
    image = pictures(net, 120, 130, seed=0)
    assert_same(arrays(Engine(net, runtime, threads=2).run(image)), arrays(whole.run(image)))


def test_sizes_that_come_again_and_again_keep_their_maps(net, runtime, whole):
    images = [pictures(net, *size, seed=0) for size in ((33, 47), (90, 131), (64, 64))]
    first = [arrays(whole.run(image)) for image in images]
    again = Engine(net, runtime)
    for _ in range(OFTEN + 1):
        maps = [arrays(again.run(image)) for image in images]
    for one, other in zip(maps, first, strict=True):
        assert_same(one, other)
    assert_same(arrays(again.run(images[1][:70, :80])), arrays(whole.run(images[1][:70, :80])))


def test_both_runtimes_give_the_same_map(net):
    pytest.importorskip("openvino")
    for size in ((33, 47), (64, 64), (90, 131)):
        image = pictures(net, *size, seed=0)
        one, other = (Engine(net, runtime).run(image) for runtime in ("onnxruntime", "openvino"))
        assert_same(arrays(one), arrays(other))


def test_sixteen_bits_give_nearly_the_same_map(net):
    pytest.importorskip("openvino")
    image = pictures(net, 90, 131, seed=0)
    exact, rough = (arrays(Engine(net, runtime).run(image)) for runtime in ("openvino", "openvino-bf16"))
    for one, other in zip(exact, rough, strict=True):
        assert np.abs(one - other).max() <= 0.05 * max(1.0, np.abs(one).max())
