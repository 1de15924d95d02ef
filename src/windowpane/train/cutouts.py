"""Windows cut out of pictures: turned, scaled, mirrored, and lit, blurred and worn as the world does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pose:
    """How a window lies in a picture.

    x, y: of its middle, in pixels of the picture. scale: window pixels for one of the picture. turn: radians,
    clockwise as seen. mirror: left and right changed.
    """

    x: float
    y: float
    scale: float
    turn: float = 0.0
    mirror: bool = False

    def matrix(self, side: int) -> NDArray[np.float64]:
        """Return the (2, 3) matrix from pixels of a window (side x side) to pixels of the picture."""
        cos, sin = np.cos(self.turn) / self.scale, np.sin(self.turn) / self.scale
        flip = -1.0 if self.mirror else 1.0
        turned = np.array([[cos * flip, -sin], [sin * flip, cos]])
        return np.column_stack([turned, np.array([self.x, self.y]) - turned @ np.full(2, side / 2)])

    def to_window(self, points: NDArray[np.floating], side: int) -> NDArray[np.float64]:
        """Map points (..., 2) of the picture, x and y in pixels, to the window."""
        matrix = self.matrix(side)
        return np.asarray((points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T)


def cut(picture: Pixels, pose: Pose, side: int) -> Pixels:
    """Cut a window (side, side) or (side, side, C) out of a picture (H, W) or (H, W, C).

    Beyond its edges the picture's last pixels go on: mirrored, there would be a second face.
    """
    matrix = pose.matrix(side)
    if pose.scale < 0.5:  # a plain warp would skip pixels
        picture = _uint8(cv2.GaussianBlur(picture, (0, 0), 0.35 / pose.scale))
    # cv2's warp works on pixel centres, the pose on corners
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    window = cv2.warpAffine(picture, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return _uint8(window)


def worn(rng: Rng, window: Pixels) -> Pixels:
    """Return a window under another light, from another camera, or in print; each change now and then."""
    if rng.random() < 0.5:  # light from one side
        side = window.shape[0]
        slope = np.linspace(-1, 1, side, dtype=np.float32) * rng.uniform(0, 45)
        field = slope[:, None] if rng.random() < 0.3 else slope[None]
        field = field if window.ndim == 2 else field[..., None]
        window = np.clip(window + field, 0, 255).astype(np.uint8)
    gain, power = np.exp(rng.normal(0, 0.25)), np.exp(rng.normal(0, 0.25))
    middle = float(window.mean())
    levels = 255 * (np.arange(256) / 255) ** power
    levels = (levels - 255 * (middle / 255) ** power) * gain + middle + rng.normal(0, 20)
    window = _uint8(cv2.LUT(window, np.clip(levels, 0, 255).astype(np.uint8)))
    if rng.random() < 0.25:
        window = _uint8(cv2.GaussianBlur(window, (0, 0), float(rng.uniform(0.4, 1.3))))
    elif rng.random() < 0.2:  # sharpened, as prints are
        soft = cv2.GaussianBlur(window, (0, 0), 1.2)
        amount = float(rng.uniform(0.3, 1.5))
        window = _uint8(cv2.addWeighted(window, 1 + amount, soft, -amount, 0))
    if rng.random() < 0.08:  # few grey levels, or a printer's dots
        step = int(rng.integers(16, 64))
        dots = rng.integers(0, step, window.shape) if rng.random() < 0.5 else step // 2
        window = np.clip((window.astype(np.int32) + dots) // step * step, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        noise = rng.normal(0, rng.uniform(0, 10), window.shape[:2])
        noise = noise if window.ndim == 2 else noise[..., None]
        window = np.clip(window + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        jpeg = cv2.imencode(".jpg", window, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])[1]
        kind = cv2.IMREAD_GRAYSCALE if window.ndim == 2 else cv2.IMREAD_COLOR
        window = _uint8(cv2.imdecode(jpeg, kind))
    return window


def hidden(rng: Rng, window: Pixels) -> Pixels:
    """Return a window with a part of its edge hidden: a hand, a microphone, the next head."""
    side = window.shape[0]
    covered = window.copy()
    reach = int(side * rng.uniform(0.1, 0.35))
    start = int(rng.integers(0, side - reach))
    patch = [covered[:reach, start:], covered[-reach:, : start + reach], covered[start:, :reach]]
    patch.append(covered[: start + reach, -reach:])
    patch[int(rng.integers(4))][...] = rng.integers(0, 256)
    return covered


def _uint8(result: NDArray[Any] | None) -> Pixels:
    """Say what OpenCV's types do not: bytes in, bytes out."""
    return np.asarray(result, np.uint8)
