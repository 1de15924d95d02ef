"""Portraits made harder, one thing at a time (robustness test): cut, turned, dark, blurred, small.

From frontal portraits of one large face each, of the test fold of "webfaces". Every face is brought to
`FACE` pixels and has up to 2 of its sizes around it; then one of `STRESSES` is done to the picture. The same
seed makes the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.photographs import photographs
from windowpane.evaluate.measures.looks import poses, turns
from windowpane.evaluate.measures.photographs import SIDE, SMALLEST, sizes
from windowpane.images import load

COUNT = 60
SEED = 2026
FACE = 128.0
"""Pixels of a face, by the root of its area."""
LEAST = 64.0
"""Pixels of a face in its photograph: what is smaller would show the enlargement."""
AROUND = 2.0
"""Sizes of the face that a portrait has at most on each side of its middle."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Portrait(NamedTuple):
    """A picture (H, W, 3) uint8 RGB and the whole face in it, (4,) x0, y0, x1, y1."""

    pixels: Pixels
    box: Floats


Stress = Callable[[np.random.Generator, Portrait], Portrait]


def portraits(root: Path, count: int = COUNT, seed: int = SEED) -> list[Portrait]:
    """Return so many portraits, or as many as there are, drawn by a seed."""
    able = []
    for photograph in photographs(root, "webfaces", "test"):
        alone = len(photograph.boxes) == 1 and not photograph.ignored[0]
        if alone and sizes(photograph.boxes)[0] >= LEAST:
            pose, turn = poses(photograph.landmarks)[0], turns(photograph.landmarks)[0]
            if (pose, turn) == ("frontal", "upright"):
                able.append(photograph)
    chosen = np.random.default_rng(seed).permutation(len(able))[:count]
    return [_cut_out(load(able[place].path), able[place].boxes[0]) for place in sorted(chosen.tolist())]


def stressed(given: list[Portrait], name: str, seed: int = SEED) -> Iterator[Portrait]:
    """Yield portraits with one of `STRESSES` done to each."""
    for place, portrait in enumerate(given):
        yield STRESSES[name](np.random.default_rng([seed, place]), portrait)


def _cut_out(pixels: Pixels, box: Floats) -> Portrait:
    """Return the surroundings of a face, which is `FACE` pixels large then."""
    scale = FACE / float(sizes(box)[0])
    scaled, box = _scaled(pixels, scale), box * scale
    x, y = (box[:2] + box[2:]) / 2
    left, top = max(0, round(x - AROUND * FACE)), max(0, round(y - AROUND * FACE))
    part = scaled[top : round(y + AROUND * FACE), left : round(x + AROUND * FACE)]
    return Portrait(part, _shifted(box, left, top))


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    height, width = (max(1, round(scale * side)) for side in pixels.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way), np.uint8)


def _shifted(box: Floats, left: float, top: float) -> Floats:
    return np.asarray(box - (left, top, left, top))


# -- What is done ------------------------------------------------------------------------------------------


def _as_it_is(_: np.random.Generator, portrait: Portrait) -> Portrait:
    return portrait


def _cut_side(rng: np.random.Generator, portrait: Portrait) -> Portrait:
    """Cut 40 % of the width of the face, on the left or on the right."""
    pixels, (x0, y0, x1, y1) = portrait
    hidden = 0.4 * (x1 - x0)
    if rng.random() < 0.5:
        edge = round(x0 + hidden)
        return Portrait(pixels[:, edge:], np.array([0, y0, x1 - edge, y1]))
    edge = round(x1 - hidden)
    return Portrait(pixels[:, :edge], np.array([x0, y0, edge, y1]))


def _cut_top(_: np.random.Generator, portrait: Portrait) -> Portrait:
    """Cut 30 % of the height of the face, at the top."""
    pixels, (x0, y0, x1, y1) = portrait
    edge = round(y0 + 0.3 * (y1 - y0))
    return Portrait(pixels[edge:], np.array([x0, 0, x1, y1 - edge]))


def _turned(degrees: float) -> Stress:
    def turn(rng: np.random.Generator, portrait: Portrait) -> Portrait:
        """Turn the picture to the left or to the right; what comes in has its mean colour."""
        pixels, box = portrait
        angle = degrees * rng.choice([-1, 1])
        middle = (box[:2] + box[2:]) / 2
        matrix = cv2.getRotationMatrix2D(middle.tolist(), angle, 1.0)
        height, width = pixels.shape[:2]
        corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ matrix.T
        low, high = corners.min(axis=0), corners.max(axis=0)
        matrix[:, 2] -= low
        size = np.ceil(high - low).astype(int).tolist()
        grey = pixels.reshape(-1, 3).mean(axis=0).tolist()
        turned = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderValue=grey)
        half = _turned_half((box[2:] - box[:2]) / 2, angle)
        return Portrait(
            np.asarray(turned, np.uint8), np.concatenate([middle - low - half, middle - low + half])
        )

    return turn


def _turned_half(half: Floats, degrees: float) -> Floats:
    """Return half the sides of the upright box around an ellipse that was turned."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    a, b = half
    return np.array([np.hypot(a * cos, b * sin), np.hypot(a * sin, b * cos)])


def _dark(rng: np.random.Generator, portrait: Portrait) -> Portrait:
    """Take a sixteenth of the light, with a sensor's noise."""
    light = (portrait.pixels / 255.0) ** 2.2 / 16
    noisy = 255 * light ** (1 / 2.2) + rng.normal(0, 4, light.shape)
    return Portrait(np.clip(noisy, 0, 255).astype(np.uint8), portrait.box)


def _blurred(_: np.random.Generator, portrait: Portrait) -> Portrait:
    """Blur by 5 % of the face."""
    blurred = cv2.GaussianBlur(portrait.pixels, (0, 0), 0.05 * FACE)
    return Portrait(np.asarray(blurred, np.uint8), portrait.box)


def _small(_: np.random.Generator, portrait: Portrait) -> Portrait:
    """Reduce the face to the smallest that is asked for, in the middle of an even picture."""
    scale = SMALLEST / FACE
    small = _scaled(portrait.pixels, scale)
    whole = np.empty((3 * SIDE // 4, SIDE, 3), np.uint8)
    whole[:] = small.reshape(-1, 3).mean(axis=0)
    left, top = (SIDE - small.shape[1]) // 2, (len(whole) - len(small)) // 2
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return Portrait(whole, _shifted(portrait.box * scale, -left, -top))


STRESSES: dict[str, Stress] = {
    "as they are": _as_it_is,
    "cut at the side by 40 %": _cut_side,
    "cut at the top by 30 %": _cut_top,
    "turned by 20 degrees": _turned(20),
    "turned by 45 degrees": _turned(45),
    "turned by 90 degrees": _turned(90),
    "turned by 180 degrees": _turned(180),
    "dark": _dark,
    "blurred": _blurred,
    "reduced to 16 pixels": _small,
}
"""What is done to a portrait, by name."""
