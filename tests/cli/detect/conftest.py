"""What the tests of ``windowpane detect`` share: a net that finds bright squares of 16, 32, 64 pixels.

It is no clever net: the squares lie on its windows.
"""

import json

import cv2
import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window


@pytest.fixture(scope="session")
def net(tmp_path_factory):
    """A net whose windows of 24 pixels, in steps of 4, look for a bright middle of 16 pixels."""
    return write_net(tmp_path_factory.mktemp("nets") / "squares.onnx", ("face",))


def write_net(path, labels):
    proto = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 1, H, W] image) => (float[N, {len(labels)}, R, C] score, float[N, 4, R, C] box) {{
            score = Conv<strides = [4, 4]>(image, bright, biases)
            box = Conv<strides = [4, 4]>(image, nothing, smaller)
        }}""")
    middle = np.zeros((24, 24), bool)
    middle[4:-4, 4:-4] = True
    bright = 20 * np.where(middle, 1 / middle.sum(), -1 / (~middle).sum())
    numbers = {
        "bright": np.stack(len(labels) * [bright[None]]),
        "biases": np.full(len(labels), -15.0),
        "nothing": np.zeros((4, 1, 24, 24)),
        "smaller": np.log([1, 1, 2**-0.25, 2**-0.25]),  # than the nominal size, half a step
    }
    for name, values in numbers.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    window = Window(24, 24, (4, 4))
    outputs = (Output("score", labels, window), Output("box", ("x", "y", "width", "height"), window))
    settings = {"object_size": 16 * 2**0.25, "aspect": 1, "overlap": 0.3}
    manifest = Manifest("squares", "detect", 1, "grey", (0.0,), (1.0,), outputs, 0.5, settings)
    return save(path, proto.SerializeToString(), manifest).source


@pytest.fixture
def detect(run, net):
    """Run ``windowpane detect ARGS`` with that net, from 16 pixels on."""
    return lambda *args, **given: run("detect", "--net", net, "--min-size", 16, *args, **given)


@pytest.fixture
def squares(tmp_path):
    """Write a black picture of 160 x 120 with white squares, (x, y, size) each; gives its path."""

    def write(name, *places):
        image = np.zeros((120, 160, 3), np.uint8)
        for x, y, size in places:
            image[y : y + size, x : x + size] = 255
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), image)
        return path

    return write


@pytest.fixture(scope="session")
def make_net():
    """Write a net for a file and labels; gives its path."""
    return write_net


@pytest.fixture
def records():
    """The objects that were printed."""
    return lambda answer: [json.loads(line) for line in answer.out.splitlines()]


@pytest.fixture
def film(tmp_path):
    """Write a film of black frames, 160 x 120, 25 a second, each with its white squares; gives its path."""

    def write(name, frames):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (160, 120))
        if not writer.isOpened():
            pytest.skip("this OpenCV writes no MPEG-4")
        for places in frames:
            image = np.zeros((120, 160, 3), np.uint8)
            for x, y, size in places:
                image[y : y + size, x : x + size] = 255
            writer.write(image)
        writer.release()
        return path

    return write
