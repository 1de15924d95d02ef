"""What tests of several rooms share: digits to compose lines from, the reader that ships, the public data."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.data.hands import FACE_HEIGHT, FACE_SIZE, Hand
from windowpane.data.root import data_root
from windowpane.errors import DataError
from windowpane.read.reader import Reader

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX)


def glyph(character: str, font: int, thick: int) -> np.ndarray:
    """A character as OpenCV writes it, brought to the height that typefaces have here: (72, 72), 255 = ink."""
    canvas = np.zeros((200, 200), np.uint8)
    cv2.putText(canvas, character, (40, 150), font, 3.5, 255, thick, cv2.LINE_AA)
    rows, columns = np.flatnonzero(canvas.any(1)), np.flatnonzero(canvas.any(0))
    ink = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(1, round(ink.shape[1] * FACE_HEIGHT / ink.shape[0]))
    image = np.zeros((FACE_SIZE, FACE_SIZE), np.uint8)
    top, left = (FACE_SIZE - FACE_HEIGHT) // 2, (FACE_SIZE - width) // 2
    image[top : top + FACE_HEIGHT, left : left + width] = cv2.resize(
        ink, (width, FACE_HEIGHT), interpolation=cv2.INTER_AREA
    )
    return image


@pytest.fixture(scope="session")
def hand() -> Hand:
    """A writer whose digits OpenCV draws: lines can be composed without any data."""
    images = [glyph(digit, font, thick) for digit in "0123456789" for font in FONTS for thick in (8, 14)]
    characters = np.repeat(list("0123456789"), len(FONTS) * 2)
    return Hand("OpenCV", "OpenCV", np.array(images), characters, FACE_HEIGHT)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader with the net that ships."""
    return Reader()


@pytest.fixture(scope="session")
def data() -> Path:
    """The root of the public data sets."""
    try:
        return data_root()
    except DataError as error:
        pytest.skip(str(error))
