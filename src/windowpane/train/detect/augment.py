"""Windows as the world shows them (data augmentation): lit, blurred, printed, occluded in part."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.crops import Pixels, as_bytes

Rng = np.random.Generator
Floats = NDArray[np.float64]


def photometric(rng: Rng, window: Pixels, coarsest: float = 1.0) -> Pixels:
    """Return a window under another light, from another camera, or in print; each change now and then.

    Parameters
    ----------
    coarsest
        Below 1, half of the windows are as if they had been seen as much smaller, at most, and enlarged.
    """
    side = window.shape[0]
    if coarsest < 1 and rng.random() < 0.5:
        small = round(side * float(np.exp(rng.uniform(np.log(coarsest), 0))))
        window = as_bytes(cv2.resize(window, (small, small), interpolation=cv2.INTER_AREA))
        window = photometric(rng, window)
        return as_bytes(cv2.resize(window, (side, side), interpolation=cv2.INTER_LINEAR))
    if rng.random() < 0.5:  # light from one side
        slope = np.linspace(-1, 1, side, dtype=np.float32) * rng.uniform(0, 45)
        field = slope[:, None] if rng.random() < 0.3 else slope[None]
        field = field if window.ndim == 2 else field[..., None]
        window = np.clip(window + field, 0, 255).astype(np.uint8)
    gain, power = np.exp(rng.normal(0, 0.25)), np.exp(rng.normal(0, 0.25))
    middle = float(window.mean())
    levels = 255 * (np.arange(256) / 255) ** power
    levels = (levels - 255 * (middle / 255) ** power) * gain + middle + rng.normal(0, 25)
    if rng.random() < 0.05:  # at night, or with the light behind
        levels = levels * rng.uniform(0.25, 0.7)
    window = as_bytes(cv2.LUT(window, np.clip(levels, 0, 255).astype(np.uint8)))
    if rng.random() < 0.25:
        window = as_bytes(cv2.GaussianBlur(window, (0, 0), float(rng.uniform(0.4, 1.3))))
    elif rng.random() < 0.06:  # moved while it was taken
        window = as_bytes(cv2.blur(window, [(1, 3), (3, 1), (1, 5), (5, 1)][int(rng.integers(4))]))
    elif rng.random() < 0.2:  # sharpened, as prints are
        soft = cv2.GaussianBlur(window, (0, 0), 1.2)
        amount = float(rng.uniform(0.3, 1.5))
        window = as_bytes(cv2.addWeighted(window, 1 + amount, soft, -amount, 0))
    if rng.random() < 0.08:  # few grey levels, or a printer's dots
        step = int(rng.integers(16, 64))
        dots = rng.integers(0, step, window.shape) if rng.random() < 0.5 else step // 2
        window = np.clip((window.astype(np.int32) + dots) // step * step, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        noise = rng.normal(0, rng.uniform(0, 8), window.shape[:2])
        noise = noise if window.ndim == 2 else noise[..., None]
        window = np.clip(window + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        jpeg = cv2.imencode(".jpg", window, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])[1]
        kind = cv2.IMREAD_GRAYSCALE if window.ndim == 2 else cv2.IMREAD_COLOR
        window = as_bytes(cv2.imdecode(jpeg, kind))
    return window


# What may be before a face, x and y in halves of its box from the middle: a mask or a scarf, and glasses.
MASK = ((-1.05, -0.1), (0, -0.3), (1.05, -0.1), (0.9, 0.6), (0, 1.1), (-0.9, 0.6))
GLASSES = (
    (-1.0, -0.42),
    (1.0, -0.42),
    (0.95, -0.05),
    (0.15, -0.02),
    (0, -0.22),
    (-0.15, -0.02),
    (-0.95, -0.05),
)


def covered(rng: Rng, window: Pixels, to_window: Callable[[Floats], Floats]) -> Pixels:
    """Return a window with something before the object: a mask, dark glasses, a hand, the next head.

    Parameters
    ----------
    to_window
        Maps points (n, 2), in halves of the object's box from its middle, to the window.
    """
    kind = rng.random()
    if kind < 0.35:
        shape = np.array(MASK) * rng.uniform(0.85, 1.1, 2) + rng.normal(0, 0.06, (len(MASK), 2))
    elif kind < 0.55:
        shape = np.array(GLASSES) + rng.normal(0, 0.04, (len(GLASSES), 2))
    else:  # anything round, from any side
        angle = rng.uniform(0, 2 * np.pi)
        middle = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.6, 1.3)
        around = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        shape = middle + np.column_stack([np.cos(around), np.sin(around)]) * rng.uniform(0.25, 0.75, 2)
    outline = np.round(to_window(shape)).astype(np.int32)
    stencil = cv2.fillPoly(np.zeros(window.shape[:2], np.uint8), [outline], 255)
    shade = rng.integers(0, 60) if 0.35 <= kind < 0.55 else rng.integers(0, 256)
    rough = rng.normal(shade, rng.uniform(0, 25), (6, 6, *window.shape[2:])).clip(0, 255).astype(np.uint8)
    stuff = cv2.resize(rough, window.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return as_bytes(cv2.copyTo(stuff, stencil, window.copy()))


def beyond_edge(window: Pixels, edge: int, at: float) -> Pixels:
    """Return a window that leaves the picture: beyond the edge the last pixels go on, as in detection.

    Parameters
    ----------
    edge
        Which of the picture's edges: 0 left, 1 top, 2 right, 3 bottom.
    at
        Where it is, in pixels of the window.
    """
    seen = window.swapaxes(0, 1).copy() if edge % 2 == 0 else window.copy()
    line = int(np.clip(round(at), 1, len(seen) - 1))
    if edge < 2:
        seen[:line] = seen[line]
    else:
        seen[line:] = seen[line - 1]
    return np.ascontiguousarray(seen.swapaxes(0, 1)) if edge % 2 == 0 else seen
