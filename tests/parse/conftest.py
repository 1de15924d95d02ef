"""What the tests of the parser share: a net set by hand that tells red, green and blue apart."""

from __future__ import annotations

import cv2
import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window
from windowpane.parse.parser import Parser

NAMES = ("red", "green", "blue")
LEVELS = 3


def model(text: str, numbers: dict[str, np.ndarray]) -> bytes:
    proto = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {text}')
    for name, values in numbers.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    return proto.SerializeToString()


def net_file(
    folder,
    *,
    pyramid="gaussian",
    task="parse",
    linear=False,
    levels=LEVELS,
    side=8,
    unlikely=0,
    lean=0,
    more=0,
    apart=False,
):
    """Write a net that sees the mean colour of a window, every 4 pixels, and classifies that of all levels.

    linear: without a second net. unlikely: classes that nothing belongs to. lean: columns of the window, on
    the left, that it is blind for. more: features that the second net takes beside those that there are.
    apart: with a net for the first level and another one for all others.
    """
    window = Window(side, side, (4, 4))
    mean = np.zeros((3, 3, side, side))
    mean[np.arange(3), np.arange(3), :, lean:] = 1 / (side * (side - lean))
    shares = np.array([0.6, 0.3, 0.1])
    settings = {"pyramid": pyramid, "levels": levels}
    colours = (0.0,) * 3, (1.0,) * 3
    count = 3 + unlikely
    names = *NAMES, *(f"no {number}" for number in range(unlikely))
    features = names if linear else tuple(f"feature {number}" for number in range(count))
    kernels = np.concatenate([mean, np.zeros((unlikely, 3, side, side))])
    scale = 20 if linear else 1
    carried = None
    if not linear:
        taken = count + more
        classes = model(
            f"net (float[N, {taken}, H, W] image) => (float[N, {count}, H, W] classes)"
            " { classes = Conv(image, w) }",
            {"w": 20 * np.eye(count, taken)[:, :, None, None]},
        )
        given = (Output("classes", names, Window(1, 1)),)
        plain = Manifest("colours", task, taken, "features", (0.0,) * taken, (1.0,) * taken, given)
        carried = save(folder / "classes.onnx", classes, plain)
    every = list(range(LEVELS))
    for part in [every[1:], every[:1]] if apart else [every]:
        outputs = tuple(Output(f"level_{n}", features, window) for n in part)
        maps = ", ".join(f"float[N, {count}, R, C] level_{n}" for n in part)
        lines = "\n".join(f"level_{n} = Conv<strides = [4, 4]>(image, w{n})" for n in part)
        numbers = {f"w{n}": scale * shares[n] * kernels for n in part}
        data = model(f"net (float[N, 3, H, W] image) => ({maps}) {{ {lines} }}", numbers)
        manifest = Manifest("colours", task, 3, "rgb", *colours, outputs, settings=settings)
        carried = save(folder / "net.onnx", data, manifest, carried)
    return carried


@pytest.fixture(scope="session")
def make_net(tmp_path_factory):
    """Write a net that tells colours apart, with what is to be different about it; gives the net file."""
    return lambda **different: net_file(tmp_path_factory.mktemp("parse"), **different)


@pytest.fixture(scope="session")
def net(make_net):
    return make_net()


@pytest.fixture(scope="session")
def parser(net):
    return Parser(net)


@pytest.fixture(scope="session")
def stripes():
    """Draw a red, a green and a blue stripe, side by side; gives the picture and which is which."""

    def drawn(width=320, height=240, at=(100, 220)):
        truth = np.digitize(np.arange(width) + 0.5, at)[None].repeat(height, axis=0)
        return (40 + 170 * np.eye(3)[truth]).astype(np.uint8), truth

    return drawn


@pytest.fixture(scope="session")
def blobs():
    """Draw a smooth picture of many colours."""

    def drawn(width, height, seed=0):
        rng = np.random.default_rng(seed)
        small = rng.integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), dtype=np.uint8)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)

    return drawn
