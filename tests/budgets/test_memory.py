"""Memory is bounded: hundreds of sizes do not make it grow, and a huge image passes through in tiles.

Each workload runs in a process of its own, so that what pytest holds does not hide what the engine takes.
"""

import platform
import subprocess
import sys
import textwrap

import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window

pytestmark = pytest.mark.alone

RESIDENT = """
    import sys

    import numpy as np

    from windowpane.core.engine import Engine

    def resident_mb():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    engine = Engine(sys.argv[1], sys.argv[2])
    """

MANY_SIZES = """
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (1600, 1600, 3), dtype=np.uint8)
    for number in range(1, 301):
        height, width = random.integers(100, 1601, 2)
        engine.run(noise[:height, :width])
        if number in (50, 300):
            print(resident_mb())
    """

SIZES_OFTEN = """
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (600, 600, 3), dtype=np.uint8)
    for number in range(1, 61):
        height, width = random.integers(100, 601, 2)
        for _ in range(20):
            engine.run(noise[:height, :width])
        if number in (20, 60):
            print(resident_mb())
    """

SAME_SIZE = """
    import resource

    from windowpane import Parser

    parser, picture = Parser(), np.zeros((240, 320, 3), np.uint8)
    for number in range(1, 21):
        parser.parse(picture)
        if number in (10, 20):
            print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    """

HUGE_IMAGE = """
    import resource

    image = np.full((10_000, 10_000, 3), 200, np.uint8)
    for scores in engine.run(image):
        assert scores.scores.shape == (2, *scores.window.map_size(10_000, 10_000))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    """


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A net of three channels and four maps, whose windows are 22 pixels high, in steps of 4."""
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 3, H, W] image) => (
            float[N, 2, R, C] w4, float[N, 2, R, D] w3, float[N, 2, R, E] w2, float[N, 2, R, F] w1
        ) {
            a = Conv<strides = [2, 2]>(image, k1) b = Relu(a)
            c = Conv(b, k2) d = Relu(c)
            e = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(d)
            w4 = Conv(e, h4) w3 = Conv(e, h3) w2 = Conv(e, h2) w1 = Conv(e, h1)
        }""")
    random = np.random.default_rng(0)
    heads = {f"h{width}": (2, 8, 4, width) for width in (4, 3, 2, 1)}
    for name, size in {"k1": (8, 3, 4, 4), "k2": (8, 8, 3, 3), **heads}.items():
        weights = 0.1 * random.standard_normal(size)
        proto.graph.initializer.append(onnx.numpy_helper.from_array(weights.astype(np.float32), name))
    trunk = Window.of_layers([(4, 2, 0), (3, 1, 0), (2, 2, 0)])
    outputs = tuple(
        Output(f"w{width}", ("digit", "nothing"), trunk.then((4, width))) for width in (4, 3, 2, 1)
    )
    manifest = Manifest("test", "read", 3, "rgb", (0.5,) * 3, (0.25,) * 3, outputs)
    path = tmp_path_factory.mktemp("nets") / "net.onnx"
    save(path, proto.SerializeToString(), manifest)
    return path


def measured(workload, net, runtime):
    """What a workload prints in a process of its own."""
    program = textwrap.dedent(RESIDENT) + textwrap.dedent(workload)
    command = [sys.executable, "-c", program, str(net), runtime]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_300_sizes_leave_the_resident_set_as_it_was_after_50(net, runtime):
    pytest.importorskip(runtime)
    after_50, after_300 = measured(MANY_SIZES, net, runtime)
    assert after_300 <= 1.3 * after_50


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_60_sizes_that_come_often_leave_the_resident_set_as_it_was_after_20(net, runtime):
    pytest.importorskip(runtime)
    after_20, after_60 = measured(SIZES_OFTEN, net, runtime)
    assert after_60 <= 1.3 * after_20


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_an_image_of_100_megapixels_takes_less_than_a_gigabyte(net, runtime):
    pytest.importorskip(runtime)
    (peak,) = measured(HUGE_IMAGE, net, runtime)
    assert peak < 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries cannot be told to")
def test_pictures_of_one_size_take_no_new_memory_from_the_system(net):
    pages_after_10, pages_after_20 = measured(SAME_SIZE, net, "onnxruntime")
    assert pages_after_20 - pages_after_10 < 1000  # were freed memory not kept, 2,000 for each picture
