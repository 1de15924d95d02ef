"""Windows as the world shows them (data augmentation): lit, blurred, printed, occluded in part."""

from __future__ import annotations

import cv2
import numpy as np

from windowpane.images.crops import Pixels, as_bytes

Rng = np.random.Generator


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
    levels = (levels - 255 * (middle / 255) ** power) * gain + middle + rng.normal(0, 20)
    window = as_bytes(cv2.LUT(window, np.clip(levels, 0, 255).astype(np.uint8)))
    if rng.random() < 0.25:
        window = as_bytes(cv2.GaussianBlur(window, (0, 0), float(rng.uniform(0.4, 1.3))))
    elif rng.random() < 0.2:  # sharpened, as prints are
        soft = cv2.GaussianBlur(window, (0, 0), 1.2)
        amount = float(rng.uniform(0.3, 1.5))
        window = as_bytes(cv2.addWeighted(window, 1 + amount, soft, -amount, 0))
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
        window = as_bytes(cv2.imdecode(jpeg, kind))
    return window


def random_erasing(rng: Rng, window: Pixels) -> Pixels:
    """Return a window with a part of its edge occluded: by a hand, a microphone, the next head."""
    side = window.shape[0]
    covered = window.copy()
    reach = int(side * rng.uniform(0.1, 0.35))
    start = int(rng.integers(0, side - reach))
    patch = [covered[:reach, start:], covered[-reach:, : start + reach], covered[start:, :reach]]
    patch.append(covered[: start + reach, -reach:])
    patch[int(rng.integers(4))][...] = rng.integers(0, 256)
    return covered
