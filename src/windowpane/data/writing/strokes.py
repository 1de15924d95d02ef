"""Digits written by a pen that we move ourselves (synthetic data), and hands that write with it.

Each digit is a skeleton: one or more strokes, each a few points that a smooth curve passes through, in a box
one unit high (x to the right, y downwards). Nothing comes from a data set or a typeface, so what is drawn is
as free as the code.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import FACE_HEIGHT, FACE_SIZE, Hand

Floats = NDArray[np.float64]
COPIES = 4  # of each digit of a hand: nobody writes it twice alike

# Two ways to write each digit, as two people would: strokes set off by " / ", each the points that the pen
# passes, "x,y" in hundredths of the height.
SKELETONS: dict[str, tuple[str, ...]] = {
    "0": (
        "36,2 10,20 3,58 20,97 48,86 57,45 42,7 27,6",
        "42,10 22,1 2,35 8,85 33,99 55,66 52,22 32,2",
    ),
    "1": (
        "22,0 20,48 18,100",
        "2,26 16,12 26,0 24,50 22,100",
    ),
    "2": (
        "4,24 14,5 38,1 52,22 38,56 3,96 6,97 30,93 58,96",
        "3,20 26,0 50,18 40,55 12,95 4,86 16,78 36,93 62,90",
    ),
    "3": (
        "6,12 27,0 47,17 36,40 18,47 42,52 53,76 32,99 3,88",
        "3,5 28,3 50,3 36,22 20,40 44,46 52,72 31,98 2,90",
    ),
    "4": (
        "12,3 6,35 3,55 28,56 58,53 / 44,20 41,60 39,100",
        "40,0 20,34 1,66 30,66 62,64 / 42,2 42,50 40,100",
    ),
    "5": (
        "11,4 9,24 7,43 28,38 51,60 41,91 19,99 1,90 / 11,4 32,5 54,1",
        "54,2 32,4 13,4 12,6 8,42 10,43 36,40 52,66 33,97 2,92",
    ),
    "6": (
        "44,0 18,26 3,68 18,98 44,88 48,64 28,54 6,74",
        "34,0 10,40 6,82 28,99 52,80 42,58 20,60 7,78",
    ),
    "7": (
        "2,6 26,5 54,2 52,5 34,46 20,100",
        "2,10 6,4 30,5 56,2 54,5 36,48 24,100 / 16,52 34,49 52,47",
    ),
    "8": (
        "46,14 26,0 7,18 22,42 46,64 42,93 20,99 4,80 20,52 44,28 44,10",
        "28,46 8,26 22,2 44,10 42,34 22,50 4,78 26,100 50,82 38,56 24,46",
    ),
    "9": (
        "47,14 27,1 5,22 14,46 38,42 48,16 46,50 42,100",
        "44,10 22,3 4,26 18,47 42,34 47,10 45,50 34,84 10,98",
    ),
}


def smooth(points: Floats, steps: int = 24) -> Floats:
    """Return a curve (M, 2) through points (N, 2): Catmull-Rom pieces, mirrored at the ends."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        cubic = 2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        pieces.append(0.5 * (cubic + (3 * p1 - p0 - 3 * p2 + p3) * t**3))
    return np.vstack([*pieces, points[-1:]])


def drawn_hand(rng: np.random.Generator, name: str) -> Hand:
    """Return a hand of its own slant, breadth, pen and ways to write the digits, drawn from a generator."""
    slant, breadth = rng.normal(0.08, 0.14), np.exp(rng.normal(0, 0.12))
    pen, wobble = int(rng.integers(3, 8)), rng.uniform(0.01, 0.025)
    images, characters = [], []
    for digit, ways in SKELETONS.items():
        way = ways[rng.integers(len(ways))]
        for _ in range(COPIES):
            image = np.zeros((FACE_SIZE, FACE_SIZE), np.uint8)
            for stroke in way.split(" / "):
                points = np.array([point.split(",") for point in stroke.split()], float) / 100
                points += rng.normal(0, wobble, points.shape) - [0.29, 0.5]
                points[:, 0] = points[:, 0] * breadth - points[:, 1] * slant
                curve = smooth(points) * FACE_HEIGHT + FACE_SIZE / 2
                cv2.polylines(image, [(curve * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)
            images.append(image)
            characters.append(digit)
    return Hand(name, name, np.array(images), np.array(characters), FACE_HEIGHT)
