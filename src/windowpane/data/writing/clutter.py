"""What stands on pages and is no text (distractors): bars, stamps, logos, rules, scribbles, stains, hatching.

Each draws into a coverage map (H, W) uint8, 255 = full ink, in place.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Pixels = NDArray[np.uint8]


def clutter(rng: Rng, cover: Pixels) -> None:
    """Draw one thing, whatever it is, somewhere."""
    KINDS[rng.integers(len(KINDS))](rng, cover)


def _place(rng: Rng, cover: Pixels, least: float, most: float) -> tuple[int, int, int, int]:
    """Draw where a thing is, x0, y0, x1, y1, of so large a share of the map's shorter side."""
    height, width = cover.shape
    wide, high = (max(6, round(min(cover.shape) * rng.uniform(least, most))) for _ in range(2))
    x, y = int(rng.integers(-wide // 3, width)), int(rng.integers(-high // 3, height))
    return x, y, x + wide, y + high


def bars(rng: Rng, cover: Pixels) -> None:
    """Draw a bar code, upright or lying, or a square one."""
    x0, y0, x1, y1 = _place(rng, cover, 0.1, 0.5)
    unit = int(rng.integers(1, 4))
    across, down = max(4, (x1 - x0) // unit), max(4, (y1 - y0) // unit)
    kind = rng.random()
    if kind < 0.5:
        code = np.repeat(rng.integers(0, 2, (1, across)), down, axis=0)
    elif kind < 0.65:
        code = np.repeat(rng.integers(0, 2, (down, 1)), across, axis=1)
    else:
        code = rng.integers(0, 2, (down, across))
    code = np.kron(code, np.ones((unit, unit), np.int64)) * 255
    _paste(cover, code.astype(np.uint8), x0, y0)


def _paste(cover: Pixels, piece: Pixels, x: int, y: int) -> None:
    """Lay a piece into a map, as far as it is within."""
    left, top = max(0, -x), max(0, -y)
    place = cover[max(0, y) : max(0, y + piece.shape[0]), max(0, x) : max(0, x + piece.shape[1])]
    piece = piece[top : top + place.shape[0], left : left + place.shape[1]]
    np.maximum(
        place[: piece.shape[0], : piece.shape[1]], piece, out=place[: piece.shape[0], : piece.shape[1]]
    )


def ring(rng: Rng, cover: Pixels) -> None:
    """Draw the rings of a postmark or a seal, with spokes or teeth."""
    x0, y0, x1, y1 = _place(rng, cover, 0.15, 0.6)
    middle, radius = ((x0 + x1) // 2, (y0 + y1) // 2), max(5, (x1 - x0) // 2)
    for share in (1.0, 0.7)[: int(rng.integers(1, 3))]:
        cv2.circle(cover, middle, max(2, round(radius * share)), 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    for angle in np.linspace(0, 2 * np.pi, int(rng.integers(0, 24)), endpoint=False):
        way = np.array([np.cos(angle), np.sin(angle)])
        ends = [
            tuple(np.round(np.array(middle) + way * radius * share).astype(int).tolist())
            for share in (0.75, 0.95)
        ]
        cv2.line(cover, ends[0], ends[1], 255, int(rng.integers(1, 3)), cv2.LINE_AA)


def shapes(rng: Rng, cover: Pixels) -> None:
    """Draw a logo: a few filled or outlined shapes in each other."""
    for _ in range(int(rng.integers(1, 5))):
        x0, y0, x1, y1 = _place(rng, cover, 0.05, 0.3)
        corners = rng.uniform(0, 1, (int(rng.integers(3, 9)), 2)) * [x1 - x0, y1 - y0] + [x0, y0]
        shade, thick = int(rng.choice([0, 255, 160])), int(rng.choice([-1, 1, 2, 4]))
        if rng.random() < 0.5:
            size = (max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2))
            turn, end = float(rng.uniform(0, 180)), float(rng.choice([360, 360, 180, 270]))
            cv2.ellipse(
                cover, ((x0 + x1) // 2, (y0 + y1) // 2), size, turn, 0, end, shade, thick, cv2.LINE_AA
            )
        elif thick < 0:
            cv2.fillPoly(cover, [corners.astype(np.int32)], shade, cv2.LINE_AA)
        else:
            cv2.polylines(cover, [corners.astype(np.int32)], True, shade, thick, cv2.LINE_AA)


def rules(rng: Rng, cover: Pixels) -> None:
    """Draw ruled lines, a grid, or a frame."""
    x0, y0, x1, y1 = _place(rng, cover, 0.2, 1.2)
    thick, pitch = int(rng.integers(1, 4)), int(rng.integers(7, 60))
    kind = rng.integers(4)
    if kind != 1:
        for y in range(y0, y1, pitch if kind else max(1, y1 - y0)):
            cv2.line(cover, (x0, y), (x1, y), 255, thick)
    if kind in (1, 2):
        for x in range(x0, x1, pitch):
            cv2.line(cover, (x, y0), (x, y1), 255, thick)
    if kind == 3:
        cv2.rectangle(cover, (x0, y0), (x1, y1), 255, thick)


def scribble(rng: Rng, cover: Pixels) -> None:
    """Draw a signature, a tick, a cross or the waves of a pen."""
    x0, y0, x1, y1 = _place(rng, cover, 0.06, 0.5)
    count = int(rng.choice([2, 3, 5, 12, 30]))
    x = np.linspace(x0, x1, count) + rng.normal(0, (x1 - x0) / 12, count)
    y = (y0 + y1) / 2 + rng.normal(0, (y1 - y0) / 5, count)
    dense = np.linspace(0, count - 1, count * 6)
    points = np.stack([np.interp(dense, np.arange(count), axis) for axis in (x, y)], axis=1)
    points = np.asarray(cv2.blur(points, (1, 5)), np.float64) if count > 3 else points
    thick = int(rng.integers(1, 5))
    cv2.polylines(
        cover, [np.round(points).astype(np.int32).reshape(-1, 1, 2)], False, 255, thick, cv2.LINE_AA
    )


def hatching(rng: Rng, cover: Pixels) -> None:
    """Draw a patch of strokes, dots, rings or blots, such as leaves, gravel or cloth."""
    x0, y0, x1, y1 = _place(rng, cover, 0.1, 0.7)
    size = int(rng.integers(3, 22))
    turn, kind = rng.uniform(0, np.pi), rng.integers(4)
    for _ in range(int(rng.integers(8, 70))):
        x, y = int(rng.integers(x0, x1)), int(rng.integers(y0, y1))
        angle = turn + rng.normal(0, 0.4)
        away = round(size * np.cos(angle)), round(size * np.sin(angle))
        if kind == 0:
            cv2.line(cover, (x, y), (x + away[0], y + away[1]), 255, int(rng.integers(1, 4)), cv2.LINE_AA)
        elif kind == 1:
            cv2.circle(cover, (x, y), max(1, size // 3), 255, -1, cv2.LINE_AA)
        elif kind == 2:
            axes = (max(1, size // 2), max(1, round(size * rng.uniform(0.2, 0.6))))
            cv2.ellipse(
                cover,
                (x, y),
                axes,
                float(np.degrees(angle)),
                0,
                360,
                255,
                int(rng.integers(1, 3)),
                cv2.LINE_AA,
            )
        else:
            start = float(rng.uniform(0, 360))
            cv2.ellipse(
                cover,
                (x, y),
                (size // 2 + 1,) * 2,
                0,
                start,
                start + 200,
                255,
                int(rng.integers(1, 4)),
                cv2.LINE_AA,
            )


KINDS: tuple[Callable[[Rng, Pixels], None], ...] = (
    bars,
    ring,
    shapes,
    rules,
    rules,
    scribble,
    hatching,
    hatching,
)
