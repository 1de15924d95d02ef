"""Seven-segment displays that we draw ourselves (synthetic data): lit, or of liquid crystals.

Each display has its own slant, breadth, stroke, gaps between the segments and shape of their ends; the
segments that are off may shimmer through, as they do on a display in the sun.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import FACE_HEIGHT, FACE_SIZE, Hand

# Upper, upper right, lower right, lower, lower left, upper left, middle; as every data sheet letters them.
LIT = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
WAYS = {6: ("afgedc", "fgedc"), 7: ("abc", "fabc"), 9: ("abcdfg", "abcfg")}  # with and without a serif
COPIES = 2


def segment_hand(rng: np.random.Generator, name: str) -> Hand:
    """Return the digits of a display, with a point and a colon, drawn from a generator."""
    breadth = FACE_HEIGHT * float(rng.uniform(0.45, 0.66))
    pen = FACE_HEIGHT * float(rng.uniform(0.07, 0.17))
    gap = float(rng.uniform(0.0, 0.35)) * pen
    slant = float(rng.uniform(0, 0.2)) if rng.random() < 0.6 else 0.0
    ghost = int(rng.uniform(15, 90)) if rng.random() < 0.35 else 0
    images, characters = [], []
    for digit, usual in enumerate(LIT):
        ways = WAYS.get(digit, (usual,))
        lit = ways[int(rng.integers(len(ways)))]
        for _ in range(COPIES):
            images.append(_drawn(lit, breadth, pen, gap, slant, ghost))
            characters.append(str(digit))
    for mark, heights in ((".", (0.5,)), (":", (0.2, -0.2))):
        images.append(_dots(heights, pen, slant))
        characters.append(mark)
    advance = breadth + FACE_HEIGHT * float(rng.uniform(0.12, 0.4))
    advances = [advance if c.isdigit() else 2.2 * pen for c in characters]
    return Hand(
        name, "segments", np.array(images), np.array(characters), FACE_HEIGHT, np.array(advances, np.float32)
    )


def _drawn(lit: str, breadth: float, pen: float, gap: float, slant: float, ghost: int) -> NDArray[np.uint8]:
    """Draw a digit: a hexagon for each segment."""
    x, y = (breadth - pen) / 2, (FACE_HEIGHT - pen) / 2
    ends = {
        "a": ((-x, -y), (x, -y)),
        "b": ((x, -y), (x, 0)),
        "c": ((x, 0), (x, y)),
        "d": ((-x, y), (x, y)),
        "e": ((-x, 0), (-x, y)),
        "f": ((-x, -y), (-x, 0)),
        "g": ((-x, 0), (x, 0)),
    }
    image = np.zeros((FACE_SIZE, FACE_SIZE), np.uint8)
    for segment, (start, end) in sorted(ends.items(), key=lambda one: one[0] in lit):
        strength = 255 if segment in lit else ghost
        along = np.subtract(end, start) / np.hypot(*np.subtract(end, start))
        across = np.array([-along[1], along[0]]) * pen / 2
        first, last = start + along * gap, end - along * gap
        inner = along * pen / 2
        corners = [first, first + inner + across, last - inner + across, last, last - inner - across]
        points = np.array([*corners, first + inner - across])
        points[:, 0] -= slant * points[:, 1]
        cv2.fillPoly(
            image, [np.round((points + FACE_SIZE / 2) * 16).astype(np.int32)], strength, cv2.LINE_AA, 4
        )
    return image


def _dots(heights: tuple[float, ...], pen: float, slant: float) -> NDArray[np.uint8]:
    image = np.zeros((FACE_SIZE, FACE_SIZE), np.uint8)
    for height in heights:
        y = height * (FACE_HEIGHT - pen)
        corner = np.array([FACE_SIZE / 2 - slant * y - pen / 2, FACE_SIZE / 2 + y - pen / 2])
        start, end = np.round(corner).astype(int), np.round(corner + pen).astype(int)
        cv2.rectangle(image, start.tolist(), end.tolist(), 255, -1)
    return image
