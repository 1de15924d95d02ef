"""Things as the renderer draws them (instances): what shape, where, how large, in what colour.

    groups = standing(scene)                    # what stands still, {Shape: (N, 14) float32}
    parts = walking(scene, time)                # the limbs of the people, (N, 14)

A row: x, y, z, yaw; length, width, height, lean; red, green, blue, class; slope, and metres aside.
"""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray

from windowpane.sim.render.meshes import Shape
from windowpane.sim.world.scene import Scene, Thing
from windowpane.sim.world.terrain import Class, Terrain

Rows = NDArray[np.float32]
COLUMNS = 14
TUFTS = 1.6  # of short grass, a square metre
SHAPES = {
    Class.TALL_GRASS: Shape.GRASS,
    Class.BUSH: Shape.BUSH,
    Class.TREE: Shape.TREE,
    Class.ROCK: Shape.ROCK,
    Class.FENCE: Shape.FENCE,
    Class.WALL: Shape.WALL,
    Class.BUILDING: Shape.BUILDING,
}
FOLLOWS = (Class.WALL, Class.FENCE)
"""What leans as the ground does, instead of standing level."""
CLOTHES = ((0.75, 0.25, 0.2), (0.2, 0.35, 0.7), (0.85, 0.65, 0.2), (0.3, 0.5, 0.35), (0.55, 0.3, 0.55))


def standing(scene: Scene) -> dict[Shape, Rows]:
    """Return the things of a scene that stand still, and short grass, by their shapes."""
    groups: dict[Shape, list[Rows]] = {shape: [] for shape in Shape}
    for thing in scene.things:
        if thing.kind in SHAPES:
            groups[SHAPES[thing.kind]].append(_row(thing, scene.terrain))
    found = {shape: np.array(rows, np.float32).reshape(-1, COLUMNS) for shape, rows in groups.items()}
    for thing in scene.things:
        if thing.kind is Class.PERSON:
            found[Shape.LIMB] = np.concatenate([found[Shape.LIMB], _person(thing, scene.terrain, 0.0)])
    found[Shape.TUFT] = _tufts(scene)
    return found


def walking(scene: Scene, time: float) -> Rows:
    """Return the limbs of the people who walk, at a time in seconds."""
    limbs = [np.zeros((0, COLUMNS), np.float32)]
    for thing, walk in zip(scene.at(time), scene.persons, strict=True):
        (x, y), (x1, y1) = walk.at(0.0), walk.at(time)
        stride = 0.6 * sin(hypot(x1 - x, y1 - y) * 2 * pi / 1.4)
        limbs.append(_person(thing, scene.terrain, stride))
    return np.concatenate(limbs)


def _row(thing: Thing, terrain: Terrain) -> Rows:
    rng = np.random.default_rng([thing.seed, 40])
    colour = rng.uniform(0.85, 1.12) * (1 + rng.normal(0, 0.05, 3))
    length = thing.size[0]
    ends = terrain.height(
        thing.x + np.array([-0.5, 0.5]) * length * cos(thing.yaw),
        thing.y + np.array([-0.5, 0.5]) * length * sin(thing.yaw),
    )
    slope = float(ends[1] - ends[0]) / length if thing.kind in FOLLOWS else 0.0
    z = float(ends.mean() if thing.kind in FOLLOWS else terrain.height(thing.x, thing.y))
    return np.array(
        [thing.x, thing.y, z, thing.yaw, *thing.size, 0, *colour, thing.kind, slope, 0], np.float32
    )


def _person(thing: Thing, terrain: Terrain, stride: float) -> Rows:
    """Return limbs that hang from hip, shoulders and neck; stride: radians of the legs to front and back."""
    rng = np.random.default_rng([thing.seed, 41])
    coat, trousers = (np.array(CLOTHES[int(k)]) for k in rng.choice(len(CLOTHES), 2, replace=False))
    skin, hair = np.array([0.95, 0.72, 0.58]), np.array([0.25, 0.18, 0.12])
    tall, wide = thing.size[2], thing.size[1]
    ground = float(terrain.height(thing.x, thing.y))
    parts = [
        # top of it, length of it, thickness, aside, lean, colour: all but the lean in shares of the height
        (0.50, 0.50, 0.10, 0.055, stride, trousers * 0.6),
        (0.50, 0.50, 0.10, -0.055, -stride, trousers * 0.6),
        (0.83, 0.36, 0.20, 0.0, 0.0, coat),
        (0.81, 0.36, 0.065, 0.4 * wide / tall, -0.8 * stride, coat),
        (0.81, 0.36, 0.065, -0.4 * wide / tall, 0.8 * stride, coat),
        (0.98, 0.16, 0.10, 0.0, 0.0, skin),
        (1.00, 0.07, 0.11, 0.0, 0.0, hair),
    ]
    rows = [
        [
            thing.x,
            thing.y,
            ground + top * tall,
            thing.yaw,
            thick * tall * (0.65 if thick == 0.20 else 1),
            thick * tall,
            long * tall,
            lean,
            *colour,
            thing.kind,
            0,
            aside * tall,
        ]
        for top, long, thick, aside, lean, colour in parts
    ]
    return np.array(rows, np.float32)


def _tufts(scene: Scene) -> Rows:
    """Return short grass all over, where grass grows."""
    rng = np.random.default_rng([scene.seed, 42])
    size = scene.terrain.size
    count = int(TUFTS * size * size)
    x, y = rng.uniform(-size / 2, size / 2, (2, count))
    grows = scene.terrain.surface_at(x, y) == Class.GRASS
    x, y = x[grows], y[grows]
    rows = np.zeros((len(x), COLUMNS), np.float32)
    rows[:, 0], rows[:, 1], rows[:, 2] = x, y, scene.terrain.height(x, y)
    rows[:, 3] = rng.uniform(-pi, pi, len(x))
    rows[:, 4:6] = rng.uniform(0.25, 0.5, (len(x), 1))
    rows[:, 6] = rng.uniform(0.05, 0.14, len(x))
    rows[:, 8:11] = rng.uniform(0.5, 0.85, (len(x), 1))
    rows[:, 11] = Class.GRASS
    return rows
