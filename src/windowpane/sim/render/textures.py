"""What surfaces look like (procedural textures): pictures drawn from a seed, which repeat seamlessly.

    layers(seed)      # (len(Layer), SIDE, SIDE, 4) uint8: RGB and what is not see-through
    grounds(seed)     # (3, SIDE, SIDE, 4): grass, bare earth, trodden path
    sky(seed)         # (SIDE, SIDE) uint8: clouds

All have contrast at every size from a pixel to the whole, so that stereo finds something to match at every
distance; no two places of a texture look alike.
"""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
SIDE = 256  # pixels


class Layer(IntEnum):
    """What a texture shows."""

    STONE = 0
    BOARDS = 1
    FACADE = 2
    ROOF = 3
    ROCK = 4
    BARK = 5
    CLOTH = 6
    LEAVES = 7
    SPRAY = 8
    BLADES = 9
    TUFT = 10


def layers(seed: int) -> Bytes:
    """Return the textures of things, (len(Layer), SIDE, SIDE, 4) uint8."""
    rng = np.random.default_rng([seed, 30])
    painters = (_stone, _boards, _facade, _roof, _rock, _bark, _cloth, _leaves, _spray, _blades, _tuft)
    return np.stack([painter(rng) for painter in painters])


def grounds(seed: int) -> Bytes:
    """Return grass, bare earth and path, (3, SIDE, SIDE, 4) uint8; alpha: a lookalike in grey, mean 128."""
    rng = np.random.default_rng([seed, 31])
    grass = _tinted(rng, (92, 112, 48), 0.22, 0.8)
    grass[..., 3] = _trodden(rng, grass[..., 3])
    earth = _tinted(rng, (116, 94, 68), 0.16, 0.5)
    path = _tinted(rng, (144, 127, 100), 0.13, 0.3)
    return np.stack([grass, earth, path])


def sky(seed: int) -> Bytes:
    """Return how cloudy it is, (SIDE, SIDE) uint8."""
    clouds = _noise(np.random.default_rng([seed, 32]), slope=1.6)
    return np.asarray(255 * np.clip(clouds * 0.35 + 0.15, 0, 1), np.uint8)


def _noise(rng: np.random.Generator, slope: float = 1.0, stretch: float = 1.0) -> Floats:
    """Return noise (SIDE, SIDE) of all sizes, mean 0 and deviation 1; the steeper, the smoother."""
    fy = np.fft.fftfreq(SIDE)[:, None] * stretch
    fx = np.fft.rfftfreq(SIDE)[None]
    size = np.sqrt(fx * fx + fy * fy)
    size[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) / size**slope
    spectrum[0, 0] = 0
    values = np.fft.irfft2(spectrum, (SIDE, SIDE))
    return np.asarray(values / values.std(), np.float32)


def _coloured(base: tuple[int, int, int], light: Floats) -> Bytes:
    """Return a colour made lighter and darker by a factor (side, side), opaque."""
    rgb = np.array(base, np.float32) * light[..., None]
    return np.asarray(np.clip(np.dstack([rgb, np.full(light.shape, 255)]), 0, 255), np.uint8)


def _tinted(rng: np.random.Generator, base: tuple[int, int, int], contrast: float, hue: float) -> Bytes:
    """Return a colour with noise of all sizes in light and hue."""
    light = _noise(rng, 0.75)
    shift = hue * _noise(rng, 1.1)[..., None] * np.array([0.10, 0.0, -0.08], np.float32)
    rgb = np.array(base, np.float32) * (1 + contrast * light[..., None] + shift)
    grey = 128 * (1 + 1.2 * contrast * _noise(rng, 0.6))
    return np.asarray(np.clip(np.dstack([rgb, grey]), 0, 255), np.uint8)


def _trodden(rng: np.random.Generator, grey: Bytes) -> Bytes:
    """Return grey levels with short blades of grass drawn all over, of the same mean."""
    drawn = np.zeros((3 * SIDE, 3 * SIDE), np.float32)
    for _ in range(2200):
        x, y, turn, long = rng.uniform((0, 0, 0, 5), (SIDE, SIDE, 2 * np.pi, 16))
        x1, y1, light = x + long * np.cos(turn), y + long * np.sin(turn), rng.normal(0, 60)
        first, last = (tuple(int(one) + SIDE for one in end) for end in ((x, y), (x1, y1)))
        cv2.line(drawn, first, last, float(light), 2)
    blades = drawn.reshape(3, SIDE, 3, SIDE).sum(axis=(0, 2))  # what reaches beyond the rim comes in again
    return np.asarray(np.clip(grey + blades - blades.mean(), 0, 255), np.uint8)


def _stone(rng: np.random.Generator) -> Bytes:
    """Return a wall of stones, two metres of it."""
    light = 1 + 0.16 * _noise(rng, 0.9)
    rows = 8
    high = SIDE // rows
    for row in range(rows):
        x, first = 0, int(rng.integers(SIDE))
        while x < SIDE - 10:
            wide = min(int(rng.integers(24, 60)), SIDE - x)
            columns = (first + np.arange(x, x + wide)) % SIDE
            light[row * high : (row + 1) * high, columns] *= rng.uniform(0.72, 1.2)
            light[row * high : (row + 1) * high, columns[:2]] *= 0.55
            x += wide
        light[row * high : row * high + 2] *= 0.55
    return _coloured((150, 138, 124), light)


def _boards(rng: np.random.Generator) -> Bytes:
    """Return upright boards."""
    light = 1 + 0.14 * _noise(rng, 0.9, stretch=5.0)
    light += 0.08 * _noise(rng, 0.7)
    for x in range(0, SIDE, 32):
        light[:, x : x + 32] *= rng.uniform(0.8, 1.15)
        light[:, x : x + 2] *= 0.5
    return _coloured((146, 112, 78), light)


def _facade(rng: np.random.Generator) -> Bytes:
    """Return a plastered wall with a window, three metres of it."""
    light = 1 + 0.07 * _noise(rng, 0.9)
    picture = _coloured((205, 188, 156), light)
    cv2.rectangle(picture, (84, 90), (172, 200), (235, 232, 225, 255), -1)
    cv2.rectangle(picture, (92, 98), (164, 192), (52, 62, 74, 255), -1)
    cv2.line(picture, (128, 98), (128, 192), (235, 232, 225, 255), 5)
    cv2.line(picture, (92, 150), (164, 150), (235, 232, 225, 255), 5)
    return picture


def _roof(rng: np.random.Generator) -> Bytes:
    """Return tiles."""
    light = 1 + 0.12 * _noise(rng, 0.8)
    for y in range(0, SIDE, 16):
        for x in range(0, SIDE, 16):
            light[y : y + 16, x : x + 16] *= rng.uniform(0.8, 1.2)
        light[y : y + 3] *= 0.6
    return _coloured((150, 78, 58), light)


def _rock(rng: np.random.Generator) -> Bytes:
    return _coloured((136, 130, 122), 1 + 0.2 * _noise(rng, 1.0) + 0.08 * _noise(rng, 0.3))


def _bark(rng: np.random.Generator) -> Bytes:
    return _coloured((98, 80, 62), 1 + 0.25 * _noise(rng, 0.9, stretch=4.0))


def _cloth(rng: np.random.Generator) -> Bytes:
    return _coloured((200, 200, 200), 1 + 0.12 * _noise(rng, 0.8))


def _leaves(rng: np.random.Generator) -> Bytes:
    """Return leaves upon leaves, without a gap."""
    picture = _coloured((44, 62, 26), 1 + 0.2 * _noise(rng, 1.0))
    for layer in range(900):
        _leaf(rng, picture, rng.uniform(0, SIDE, 2), 0.55 + 0.6 * layer / 900)
    return picture


def _spray(rng: np.random.Generator) -> Bytes:
    """Return a bunch of leaves with air around it."""
    picture = np.full((SIDE, SIDE, 4), (62, 84, 36, 0), np.uint8)
    for layer in range(190):
        out, turn = 84 * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        place = 128 + out * np.array([np.cos(turn), np.sin(turn)]) + rng.normal(0, 12, 2)
        _leaf(rng, picture, place, 0.6 + 0.55 * layer / 190, size=1.5)
    return picture


def _leaf(
    rng: np.random.Generator, picture: Bytes, place: NDArray[np.floating], light: float, size: float = 1.0
) -> None:
    """Draw a leaf, and again where it reaches beyond the rim."""
    shade = light * rng.uniform(0.8, 1.2)
    colour = (*(np.array([96, 126, 50]) * shade + rng.normal(0, 6, 3)).clip(0, 255).tolist(), 255)
    axes = tuple(int(one) for one in size * rng.uniform((6, 3), (12, 6)))
    turn = float(rng.uniform(0, 180))
    for dx in (-SIDE, 0, SIDE):
        for dy in (-SIDE, 0, SIDE):
            middle = (int(place[0]) + dx, int(place[1]) + dy)
            if all(-16 < one < SIDE + 16 for one in middle):
                cv2.ellipse(picture, middle, axes, turn, 0, 360, colour, -1)


def _blades(rng: np.random.Generator, count: int = 130, tall: float = 0.95) -> Bytes:
    """Return blades of grass that grow from below (the texture's row 0) up, with air between them."""
    picture = np.full((SIDE, SIDE, 4), (120, 122, 62, 0), np.uint8)
    for _ in range(count):
        aside = float(np.clip(rng.normal(0, 0.42), -0.92, 0.92))  # fewer and lower ones at the sides
        foot = SIDE / 2 * (1 + aside)
        lean, high = rng.normal(0, 26), SIDE * rng.uniform(0.45, tall) * (1 - 0.5 * aside**2)
        shade = rng.uniform(0.7, 1.25)
        colour = (*(np.array([142, 140, 70]) * shade + rng.normal(0, 8, 3)).clip(0, 255).tolist(), 255)
        t = np.linspace(0, 1, 7)
        middle = np.stack([foot + lean * t**2, high * t], axis=1)
        half = np.stack([3.6 * (1 - 0.8 * t), np.zeros_like(t)], axis=1)
        outline = np.concatenate([middle - half, (middle + half)[::-1]])
        cv2.fillPoly(picture, [outline.round().astype(np.int32)], colour)
    return picture


def _tuft(rng: np.random.Generator) -> Bytes:
    picture = _blades(rng, 60, 0.9)
    picture[..., :3] = np.clip(picture[..., :3] * np.array([0.72, 0.9, 0.72]), 0, 255)
    return picture
