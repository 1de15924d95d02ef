"""The shapes of things, as triangles in a unit box (meshes).

    mesh(Shape.BUSH, level=0)      # (N, 11) float32, three rows a triangle

A shape is 1 long, 1 wide and 1 high, with its foot's middle at the origin: the renderer stretches it to a
thing's size. What is below the ground (z < 0) is a foundation, so that nothing floats on a slope. Level 0 is
for what is near, level 2 for what is far: fewer triangles.

A row: position (3), normal (3), texture (2), axes (2), layer. Where an axis is -1 the texture's coordinate is
that value; else it is the value times the metres along that axis of the thing: so a brick has the same size
on every wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.sim.render.textures import Layer

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]
FOUNDATION = 0.4  # of a thing's height
LEVELS = 3
LIMB = ((0.0, -1.0), (0.32, -0.94), (0.42, -0.75), (0.5, -0.22), (0.38, -0.05), (0.0, 0.0))


class Shape(IntEnum):
    """What the renderer draws."""

    WALL = 0
    FENCE = 1
    BUILDING = 2
    ROCK = 3
    LIMB = 4
    BUSH = 5
    TREE = 6
    GRASS = 7
    TUFT = 8


SOLID = (Shape.WALL, Shape.FENCE, Shape.BUILDING, Shape.ROCK, Shape.LIMB)
"""Shapes without holes in their textures."""


@cache
def mesh(shape: Shape, level: int = 0) -> Rows:
    """Return the triangles (N, 11) of a shape."""
    rng = np.random.default_rng([shape, 20])
    match shape:
        case Shape.WALL:
            parts = [_box(Layer.STONE, 0.5)]
        case Shape.FENCE:
            parts = _fence(level)
        case Shape.BUILDING:
            parts = [_box(Layer.FACADE, 1 / 3, top=0.7), _roof()]
        case Shape.ROCK:
            parts = [_blob(rng, (2, 1, 0)[level], Layer.ROCK, 0.7, rough=0.12, smooth=False)]
        case Shape.LIMB:
            parts = [_lathed(Layer.CLOTH, (10, 7, 5)[level], LIMB)]
        case Shape.BUSH:
            leaves = _blob(rng, (1, 1, 0)[level], Layer.LEAVES, 0.9, rough=0.08)
            sprays = _sprays(rng, (16, 8, 5)[level], (0, 0, 0.45), 0.43)
            parts = [_placed(leaves, (0.86, 0.86, 0.9)), *sprays]
        case Shape.TREE:
            parts = _tree(rng, level)
        case Shape.GRASS:
            parts = [
                _card(rng.uniform(0, np.pi), rng.uniform(-0.32, 0.32), rng.uniform(-0.32, 0.32), Layer.BLADES)
                for _ in range((12, 8, 5)[level])
            ]
        case Shape.TUFT:
            parts = [_card(turn, 0, 0, Layer.TUFT) for turn in (0.3, 1.9)]
    return _outward(np.concatenate(parts)).astype(np.float32)


def _rows(
    corners: ArrayLike, normals: ArrayLike, texture: ArrayLike, axes: ArrayLike, layer: Layer
) -> Floats:
    """Return triangles' corners (N, 3) as rows; normals, texture and axes alike, or one for all."""
    points = np.asarray(corners, np.float64)
    columns = [
        np.broadcast_to(one, (len(points), np.shape(one)[-1])) for one in (normals, texture, axes, [layer])
    ]
    return np.concatenate([points, *columns], axis=1)


def _quad(corner: ArrayLike, along: ArrayLike, up: ArrayLike, normal: ArrayLike, *rest: object) -> Floats:
    """Return a rectangle as two triangles."""
    corner, along, up = (np.asarray(one, np.float64) for one in (corner, along, up))
    corners = [corner, corner + along, corner + along + up, corner, corner + along + up, corner + up]
    return _rows(corners, normal, *rest)  # type: ignore[arg-type]


UNIT = ((0, 0), (1, 0), (1, 1), (0, 0), (1, 1), (0, 1))


def _box(
    layer: Layer,
    scale: float,
    *,
    x: float = 0.0,
    long: float = 1.0,
    wide: float = 1.0,
    bottom: float = -FOUNDATION,
    top: float = 1.0,
) -> Floats:
    """Return a box without a floor; scale: of the texture, repeats a metre."""
    a, b, c, d = x - long / 2, x + long / 2, -wide / 2, wide / 2
    high, rest = (0, 0, top - bottom), (scale, scale)
    sides = [
        _quad((a, c, bottom), (long, 0, 0), high, (0, -1, 0), rest, (0, 2), layer),
        _quad((b, d, bottom), (-long, 0, 0), high, (0, 1, 0), rest, (0, 2), layer),
        _quad((b, c, bottom), (0, wide, 0), high, (1, 0, 0), rest, (1, 2), layer),
        _quad((a, d, bottom), (0, -wide, 0), high, (-1, 0, 0), rest, (1, 2), layer),
        _quad((a, c, top), (long, 0, 0), (0, wide, 0), (0, 0, 1), rest, (0, 1), layer),
    ]
    return np.concatenate(sides)


def _fence(level: int) -> list[Floats]:
    """Return boards close together, and posts."""
    if level:
        return [_box(Layer.BOARDS, 0.8, wide=0.6)]
    boards = [
        _box(
            Layer.BOARDS,
            0.8,
            x=(k + 0.5) / 10 - 0.5,
            long=0.094,
            wide=0.35,
            bottom=0.03,
            top=0.9 + 0.04 * (k * 7 % 3),
        )
        for k in range(10)
    ]
    posts = [_box(Layer.BOARDS, 0.5, x=x, long=0.06, top=1.0) for x in (-0.47, 0.47)]
    return [*boards, *posts, _box(Layer.BOARDS, 0.5, wide=0.2, bottom=0.0, top=0.85)]


def _roof() -> Floats:
    """Return a gable roof along x, above 0.7 of a building's height."""
    rest = ((0.5, 0.5), (0, 1), Layer.ROOF)
    slopes = [
        _quad(
            (-0.54, side * 0.58, 0.66),
            (1.08, 0, 0),
            (0, -side * 0.58, 0.34),
            (0, side * up * 0.6, up * 0.8),
            *rest,
        )
        for side in (-1, 1)
        for up in (1, -1)  # seen from below too, at the eaves
    ]
    gables = [
        _rows(
            [(x, -0.5, 0.7), (x, 0.5, 0.7), (x, 0, 0.97)],
            (np.sign(x), 0, 0),
            (1 / 3, 1 / 3),
            (1, 2),
            Layer.FACADE,
        )
        for x in (-0.5, 0.5)
    ]
    return np.concatenate([*slopes, *gables])


def _tree(rng: np.random.Generator, level: int) -> list[Floats]:
    """Return a trunk, and a crown of a few balls of leaves."""
    parts = [_lathed(Layer.BARK, (8, 5, 3)[level], [(0.08, -0.05), (0.055, 0.08), (0.045, 0.6)])]
    for turn, out, z, size in (
        (0.5, 0.2, 0.55, 0.5),
        (2.6, 0.2, 0.6, 0.52),
        (4.6, 0.22, 0.57, 0.5),
        (0, 0, 0.78, 0.6),
    ):
        middle = np.array([out * np.cos(turn), out * np.sin(turn), z])
        ball = _placed(_blob(rng, (2, 1, 0)[level], Layer.LEAVES, 0.6, rough=0.1), (size, size, 0.62 * size))
        ball[:, :3] += middle - [0, 0, 0.31 * size]
        parts += [ball, *_sprays(rng, (9, 5, 3)[level], middle, size / 2, 0.62, 0.32)]
    return parts


def _lathed(layer: Layer, sides: int, profile: Sequence[tuple[float, float]]) -> Floats:
    """Return what a profile, radius and height from the bottom up, sweeps around the axis."""
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    x, y = np.cos(turn), np.sin(turn)
    parts = []
    for (low, bottom), (high, top) in pairwise(profile):
        for k in range(sides):
            ring = ((k, low, bottom), (k + 1, low, bottom), (k + 1, high, top), (k, high, top))
            corners = np.array([(x[i] * r, y[i] * r, z) for i, r, z in ring])
            # Round ends face up and down, so that a head is a ball and not a tin.
            normals = np.array([(x[i], y[i], 4 * (0.5 - r) * np.sign(z + 0.5)) for i, r, z in ring])
            texture = np.array([(2 * i / sides, z) for i, _, z in ring])
            pick = [0, 1, 2, 0, 2, 3]
            parts.append(_rows(corners[pick], normals[pick], texture[pick], (-1, -1), layer))
    return np.concatenate(parts)


def _blob(
    rng: np.random.Generator, level: int, layer: Layer, scale: float, *, rough: float, smooth: bool = True
) -> Floats:
    """Return a ball with bumps, sunk a little into the ground; level: how often an icosahedron is refined."""
    points, faces = _sphere(level)
    waves = [np.sin(points @ rng.normal(0, 2.5, 3) + rng.uniform(0, 6)) for _ in range(4)]
    bumps = 1 + rough * np.sum(waves, axis=0) / 2
    shaped = points * bumps[:, None] / 2
    shaped[:, 2] = shaped[:, 2] * 1.1 + 0.44
    corners = shaped[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat *= np.sign(np.einsum("ij,ij->i", flat, points[faces[:, 0]]))[:, None]  # outward
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    normals = points[faces] if smooth else np.repeat(flat[:, None], 3, axis=1)
    # Each triangle is painted along the two axes that it is flattest to.
    axes = np.array([(1, 2), (0, 2), (0, 1)])[np.abs(flat).argmax(axis=1)]
    return _rows(
        corners.reshape(-1, 3), normals.reshape(-1, 3), (scale, scale), np.repeat(axes, 3, axis=0), layer
    )


def _sprays(
    rng: np.random.Generator,
    count: int,
    middle: ArrayLike,
    radius: float,
    flat: float = 1.0,
    size: float = 0.42,
) -> list[Floats]:
    """Return rectangles of leaves that stick out of a ball."""
    parts = []
    for k in range(count):
        turn, z = 2.4 * k + rng.uniform(-0.3, 0.3), rng.uniform(-0.6, 0.9)
        out = np.array([np.cos(turn) * np.sqrt(1 - z * z), np.sin(turn) * np.sqrt(1 - z * z), z])
        along = np.cross(out, rng.normal(0, 1, 3))
        along *= size / np.linalg.norm(along)
        up = np.cross(along, out) * 0.5 + out * size * 0.8
        place = np.asarray(middle) + out * radius * 0.92 * [1, 1, flat] - along / 2 - up / 2
        parts.append(_quad(place, along, up, 0.7 * out + [0, 0, 0.5], UNIT, (-1, -1), Layer.SPRAY))
    return parts


def _card(turn: float, x: float, y: float, layer: Layer) -> Floats:
    """Return an upright rectangle through a place."""
    along = np.array([np.cos(turn), np.sin(turn), 0]) * 0.62
    return _quad(np.array([x, y, -0.05]) - along / 2, along, (0, 0, 1.05), (0, 0, 1), UNIT, (-1, -1), layer)


def _outward(rows: Floats) -> Floats:
    """Return triangles whose corners go counter-clockwise as seen from where they face."""
    triangles = rows.reshape(-1, 3, rows.shape[1])
    first, second, third = (triangles[:, k, :3] for k in range(3))
    facing = np.cross(second - first, third - first)
    wrong = np.einsum("ij,ij->i", facing, triangles[:, :, 3:6].mean(axis=1)) < 0
    triangles[wrong] = triangles[wrong][:, ::-1]
    return rows


def _placed(rows: Floats, stretch: tuple[float, float, float]) -> Floats:
    """Return rows stretched about the origin."""
    return np.concatenate([rows[:, :3] * stretch, rows[:, 3:]], axis=1)


def _sphere(level: int) -> tuple[Floats, NDArray[np.intp]]:
    """Return points (N, 3) and triangles (M, 3) of an icosahedron, refined so many times."""
    golden = (1 + 5**0.5) / 2
    base = [(s, t * golden, 0.0) for s in (-1, 1) for t in (-1, 1)]
    points = [np.roll(one, k) for k in range(3) for one in base]
    array = np.array(points) / np.linalg.norm(points[0])
    faces = [
        (a, b, c)
        for a in range(12)
        for b in range(a)
        for c in range(b)
        if max(np.linalg.norm(array[i] - array[j]) for i, j in ((a, b), (b, c), (a, c))) < 1.1
    ]
    vertices = list(array)
    for _ in range(level):
        faces = _refined(vertices, faces)
    return np.array(vertices), np.array(faces)


def _refined(vertices: list[Floats], faces: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return four triangles for each; their new corners are added to the vertices."""
    middles: dict[tuple[int, int], int] = {}

    def middle(i: int, j: int) -> int:
        key = (min(i, j), max(i, j))
        if key not in middles:
            point = vertices[i] + vertices[j]
            middles[key] = len(vertices)
            vertices.append(point / np.linalg.norm(point))
        return middles[key]

    finer = []
    for a, b, c in faces:
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        finer += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return finer
