"""What the tests of the detector share: a net that finds bright discs, set by hand, and pictures of discs."""

from __future__ import annotations

import cv2
import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window

SIDE, SIZE = 32, 20  # of the window and of a disc in it, pixels
NOMINAL = SIZE * 2**0.25  # so discs of the default least size are not reduced, and this net wants them exact
FACE = np.array([[-0.2, -0.1], [0.2, -0.1], [0, 0.05], [-0.15, 0.25], [0.15, 0.25]])
"""Where the net puts the landmarks, from the middle of a disc, in sizes."""


def net_file(
    path,
    *,
    labels=("disc",),
    colour="grey",
    task="detect",
    threshold=0.5,
    nominal=NOMINAL,
    second=None,
    lean=0.0,
    **settings,
):
    """Write a net that finds bright discs on black ground; its boxes are exact, by area and middle.

    Of colours it sees the red. The score compares the brightness within a disc of 20 pixels with that of a
    ring around it; each further label has a lower one. The box is that of a disc which has the mass and the
    middle of what the window sees. lean: how much more the right half of a disc counts, up to 1.
    """
    sees = np.array([1.0, 0, 0] if colour == "rgb" else [1.0])[:, None, None]
    channels = len(sees)
    proto = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, {channels}, H, W] image) => (
            float[N, {len(labels)}, R, C] score, float[N, 4, R, C] box, float[N, 10, R, C] landmarks
        ) {{
            score = Conv<strides = [4, 4]>(image, template, biases)
            mass = Conv<strides = [4, 4]>(image, ones, little)
            x_sum = Conv<strides = [4, 4]>(image, x_place)
            y_sum = Conv<strides = [4, 4]>(image, y_place)
            x = Div(x_sum, mass) y = Div(y_sum, mass)
            share = Mul(mass, per_disc) twice = Log(share) stretch = Mul(twice, half)
            box = Concat<axis = 1>(x, y, stretch, stretch)
            middles = Concat<axis = 1>(x, y, x, y, x, y, x, y, x, y)
            landmarks = Add(middles, face)
        }}""")
    away = np.arange(SIDE) + 0.5 - SIDE / 2
    x_away, y_away = np.meshgrid(away, away)
    far = np.hypot(x_away, y_away)
    inside, ring = far < SIZE / 2, (far >= SIZE / 2) & (far < 0.65 * SIZE)
    template = 20 * (inside / inside.sum() - ring / ring.sum())
    template *= 1 + lean * np.sign(x_away)
    numbers = {
        "template": np.stack(len(labels) * [sees * template]),
        "biases": -8.0 - 2 * np.arange(len(labels)),
        "ones": (sees * np.ones((SIDE, SIDE)))[None],
        "little": np.array([1e-3]),
        "x_place": (sees * x_away)[None] / nominal,
        "y_place": (sees * y_away)[None] / nominal,
        "per_disc": np.array(4 / np.pi / nominal**2),
        "half": np.array(0.5),
        "face": FACE.reshape(1, 10, 1, 1) * SIZE / nominal,
    }
    for name, values in numbers.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    window = Window(SIDE, SIDE, (4, 4))
    points = tuple(f"{axis}{number}" for number in range(5) for axis in "xy")
    outputs = (
        Output("score", labels, window),
        Output("box", ("x", "y", "width", "height"), window),
        Output("landmarks", points, window),
    )
    settings = {"object_size": nominal, "aspect": 1.0, "overlap": 0.3, **settings}
    manifest = Manifest(
        "discs", task, channels, colour, (0.0,) * channels, (1.0,) * channels, outputs, threshold, settings
    )
    return save(path, proto.SerializeToString(), manifest, second)


@pytest.fixture(scope="session")
def make_net(tmp_path_factory):
    """Write a net that finds discs, with what is to be different about it; gives the net file."""
    return lambda **different: net_file(tmp_path_factory.mktemp("nets") / "discs.onnx", **different)


@pytest.fixture(scope="session")
def net(make_net):
    return make_net()


@pytest.fixture(scope="session")
def discs():
    """Draw white discs, (x, y, diameter) each, on a black picture of a width and a height."""

    def draw(width, height, *places):
        image = np.zeros((height, width, 3), np.uint8)
        for x, y, size in places:  # cv2 counts from the middle of the first pixel, in 256ths here
            centre, radius = np.round(np.array([x - 0.5, y - 0.5]) * 256), round((size - 1) / 2 * 256)
            cv2.circle(image, centre.astype(int).tolist(), radius, (255, 255, 255), -1, cv2.LINE_AA, 8)
        return image

    return draw
