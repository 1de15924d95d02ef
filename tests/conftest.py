"""What tests of several rooms share: digits to compose lines from, a field to teach with, the public data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.data.root import data_root
from windowpane.data.writing.hands import FACE_HEIGHT, FACE_SIZE, Hand
from windowpane.data.writing.strokes import SKELETONS, smooth
from windowpane.errors import DataError, MissingExtraError
from windowpane.read.reader import Reader
from windowpane.sim.render.graphics import context
from windowpane.teach.strokes import Stroke, Teacher


@pytest.fixture(scope="session")
def graphics() -> None:
    """For tests that draw a world: skips them where nothing can be drawn, and says what to install."""
    try:
        context()
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def hand() -> Hand:
    """A writer whose digits are drawn from the strokes of the built-in lines: no data set is needed."""
    images, characters = [], []
    for digit, ways in SKELETONS.items():
        for way in ways:
            for thick in (4, 6):
                image = np.zeros((FACE_SIZE, FACE_SIZE), np.uint8)
                for stroke in way.split(" / "):
                    points = np.array([point.split(",") for point in stroke.split()], float) / 100
                    middle = np.array([0.29, 0.5]) * FACE_HEIGHT
                    curve = smooth(points) * FACE_HEIGHT + FACE_SIZE / 2 - middle
                    cv2.polylines(image, [np.int32(curve * 16)], False, 255, thick, cv2.LINE_AA, 4)
                images.append(image)
                characters.append(digit)
    return Hand("strokes", "strokes", np.array(images), np.array(characters), FACE_HEIGHT)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader with the net that ships."""
    return Reader()


@pytest.fixture(scope="session")
def teacher() -> Teacher:
    """One who learns on the backbone of the parser's net that ships."""
    return Teacher(load_net("scenes"))


@pytest.fixture(scope="session")
def field() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Draw three textures side by side; gives the picture, and the number of each pixel's texture."""

    def drawn(seed: int = 0, height: int = 240, width: int = 360) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        truth = np.repeat(np.arange(3), width // 3)[None].repeat(height, axis=0)
        colours = np.array([(70, 130, 50), (60, 110, 170), (150, 80, 60)])
        noise = rng.normal(0, 1, (height, width, 1))
        smooth = cv2.GaussianBlur(noise, (0, 0), 4)[..., None] * 6
        bricks = ((np.arange(height)[:, None] % 16 < 2) | (np.arange(width) % 32 < 2))[..., None] * -2.0
        texture = np.choose(truth[..., None], [noise, smooth, bricks])
        return (colours[truth] + 20 * texture).clip(0, 255).astype(np.uint8), truth

    return drawn


@pytest.fixture(scope="session")
def dabs() -> Callable[..., list[Stroke]]:
    """Brush a little of each texture of the field."""

    def brushed(radius: float = 10) -> list[Stroke]:
        return [
            Stroke(label, [(60 + 120 * label - 20, 120), (60 + 120 * label + 20, 125)], radius)
            for label in range(3)
        ]

    return brushed


SETS = ("digits", "faces", "robot", "scenes")


@pytest.fixture(scope="session")
def data() -> Path:
    """The root of the public data sets; skips a test where there is none, or not all of it."""
    try:
        root = data_root()
    except DataError as error:
        pytest.skip(str(error))
    if missing := [name for name in SETS if not (root / name).is_dir()]:
        pytest.skip(f"no {', '.join(missing)} at {root}")
    return root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test on real data that does not get it from the fixture, which skips where there is none."""
    for item in items:
        if item.get_closest_marker("realdata") and "data" not in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid} is marked realdata: let it take the fixture `data`")
