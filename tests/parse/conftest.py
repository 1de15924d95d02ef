"""What the tests of the parser share: a net set by hand that tells red, green and blue apart."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from windowpane.netfile import Manifest, Output, save
from windowpane.windows import Window

NAMES = ("red", "green", "blue")
LEVELS = 3


def model(text: str, numbers: dict[str, np.ndarray]) -> bytes:
    proto = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {text}')
    for name, values in numbers.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    return proto.SerializeToString()


def net_file(
    folder, *, pyramid="gaussian", task="parse", linear=False, levels=LEVELS, side=8, unlikely=0, lean=0
):
    """Write a net that sees the mean colour of a window, every 4 pixels, and classifies that of all
    levels; unlikely: classes of a linear one that nothing belongs to; lean: columns of the window, on the
    left, that it is blind for."""
    window = Window(side, side, (4, 4))
    mean = np.zeros((3, 3, side, side))
    mean[np.arange(3), np.arange(3), :, lean:] = 1 / (side * (side - lean))
    shares = np.array([0.6, 0.3, 0.1])
    settings = {"pyramid": pyramid, "levels": levels}
    colours = (0.0,) * 3, (1.0,) * 3
    if linear:
        count = 3 + unlikely
        names = *NAMES, *(f"no {number}" for number in range(unlikely))
        outputs = tuple(Output(f"level_{number}", names, window) for number in range(LEVELS))
        maps = ", ".join(f"float[N, {count}, R, C] level_{number}" for number in range(LEVELS))
        lines = "\n".join(f"level_{n} = Conv<strides = [4, 4]>(image, w{n})" for n in range(LEVELS))
        kernels = np.concatenate([mean, np.zeros((unlikely, 3, side, side))])
        numbers = {f"w{n}": 20 * share * kernels for n, share in enumerate(shares)}
        data = model(f"net (float[N, 3, H, W] image) => ({maps}) {{ {lines} }}", numbers)
        return save(
            folder / "net.onnx",
            data,
            Manifest("colours", task, 3, "rgb", *colours, outputs, settings=settings),
        )
    count = 3 * LEVELS
    weights = 20 * np.concatenate([share * np.eye(3) for share in shares], axis=1)[:, :, None, None]
    data = model(
        f"net (float[N, {count}, H, W] image) => (float[N, 3, H, W] classes) {{ classes = Conv(image, w) }}",
        {"w": weights},
    )
    outputs = (Output("classes", NAMES, Window(1, 1)),)
    plain = Manifest("colours", task, count, "features", (0.0,) * count, (1.0,) * count, outputs)
    second = save(folder / "second.onnx", data, plain)
    data = model(
        "net (float[N, 3, H, W] image) => (float[N, 3, R, C] features)"
        " { features = Conv<strides = [4, 4]>(image, w) }",
        {"w": mean},
    )
    outputs = (Output("features", ("r", "g", "b"), window),)
    manifest = Manifest("colours", task, 3, "rgb", *colours, outputs, settings=settings)
    return save(folder / "net.onnx", data, manifest, second)


@pytest.fixture(scope="session")
def make_net(tmp_path_factory):
    """Write a net that tells colours apart, with what is to be different about it; gives the net file."""
    return lambda **different: net_file(tmp_path_factory.mktemp("parse"), **different)


@pytest.fixture(scope="session")
def net(make_net):
    return make_net()
