"""A course seen from above, as it is (bird's-eye view): ground, things, and the ways that were taken.

    image = overview(scene, {"far vision": outcome.track, "near vision": other.track}, goal)

Images are RGB uint8 ``(H, W, 3)``, north is up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError
from windowpane.images.drawing import DARK, PAPER, TEXT, Colour, Image, write
from windowpane.sim.world.terrain import Class

if TYPE_CHECKING:
    from windowpane.sim.world.scene import Scene, Thing

Floats = NDArray[np.float64]

SURFACES: dict[Class, Colour] = {
    Class.GROUND: (176, 156, 122),
    Class.PATH: (205, 184, 148),
    Class.GRASS: (134, 160, 92),
}
THINGS: dict[Class, Colour] = {
    Class.TALL_GRASS: (196, 196, 96),
    Class.BUSH: (44, 92, 44),
    Class.TREE: (84, 58, 38),
    Class.ROCK: (122, 122, 126),
    Class.FENCE: (128, 78, 40),
    Class.WALL: (158, 74, 60),
    Class.BUILDING: (150, 96, 84),
}
WAYS: tuple[Colour, ...] = ((255, 255, 255), (255, 196, 40), (255, 96, 160), (90, 200, 255))
MARGIN = 7.0  # metres around the ways
HALO = 2  # pixels of dark around a line, so that it shows on any ground


def overview(
    scene: Scene, ways: Mapping[str, ArrayLike], goal: tuple[float, float], size: int = 720
) -> Image:
    """Draw the ways that were taken over a scene.

    Parameters
    ----------
    scene
        Ground and things.
    ways
        (N, 2 or more): Places in world metres, by the name of the way; the start of the first is marked.
    goal
        x, y in world metres.
    size
        The longer side, pixels.

    Returns
    -------
    ndarray of shape (H, W, 3)

    Raises
    ------
    ArgumentError
        If there is no way, or one without places.
    """
    if not ways or not all(np.size(way) for way in ways.values()):
        raise ArgumentError(f"ways {list(ways)} given: give at least one, each of at least one place x, y")
    tracks = {name: np.asarray(way, np.float64)[:, :2] for name, way in ways.items()}
    places = np.concatenate([*tracks.values(), [goal]])
    low, high = places.min(axis=0) - MARGIN, places.max(axis=0) + MARGIN
    scale = size / float((high - low).max())
    width, height = np.ceil((high - low) * scale).astype(int)

    def at(points: ArrayLike) -> NDArray[np.int32]:
        """From metres in the world to sixteenths of pixels."""
        off = (np.asarray(points, np.float64) - low) * scale
        return np.round(16 * np.stack([off[..., 0], height - off[..., 1]], axis=-1)).astype(np.int32)

    x, y = low[0] + (np.arange(width) + 0.5) / scale, high[1] - (np.arange(height) + 0.5) / scale
    drawn = _ground(scene, *np.meshgrid(x, y))
    for thing in sorted(scene.things, key=lambda one: one.size[2]):
        _thing(drawn, thing, at)
    for number, (name, track) in enumerate(tracks.items()):
        colour = WAYS[number % len(WAYS)]
        for line, thick in ((DARK, 3 + HALO), (colour, 3)):
            cv2.polylines(drawn, [at(track)], False, line, thick, cv2.LINE_AA, 4)
        write(drawn, name, 10, 20 + 18 * number, DARK, 0.5)
        write(drawn, name, 9, 19 + 18 * number, colour, 0.5)
    _marks(drawn, at(tracks[next(iter(tracks))][0]) // 16, at(goal) // 16, scale)
    return drawn


def _ground(scene: Scene, x: Floats, y: Floats) -> Image:
    """Draw the surface with the light of the sun, so that hills are seen."""
    colours = np.full((*x.shape, 3), SURFACES[Class.GRASS], np.float64)
    surface = scene.terrain.surface_at(x, y)
    for kind, colour in SURFACES.items():
        colours[surface == kind] = colour
    sun = np.asarray(scene.sun, np.float64)
    light = scene.terrain.normal(x, y) @ (sun / np.linalg.norm(sun))
    shade = np.clip(0.95 + 1.2 * (light - light.mean()), 0.55, 1.25)
    return np.asarray(np.clip(colours * shade[..., None], 0, 255), np.uint8)


def _thing(drawn: Image, thing: Thing, at: Callable[[ArrayLike], NDArray[np.int32]]) -> None:
    """Draw what stands somewhere; of a tree its crown, so that one sees through, and its trunk."""
    colour = THINGS.get(thing.kind)
    if colour is None:
        return
    if thing.kind is Class.TREE:
        middle, radius = at([thing.x, thing.y]), at([thing.size[0] / 2, 0.0]) - at([0.0, 0.0])
        crown = drawn.copy()
        cv2.circle(crown, tuple(map(int, middle)), int(radius[0]), (58, 108, 52), cv2.FILLED, cv2.LINE_AA, 4)
        drawn[:] = cv2.addWeighted(crown, 0.45, drawn, 0.55, 0)
    corners = [at(thing.footprint)]
    cv2.fillPoly(drawn, corners, colour, cv2.LINE_AA, 4)
    if thing.kind is not Class.TALL_GRASS:
        edge = tuple(int(0.6 * one) for one in colour)
        cv2.polylines(drawn, corners, True, edge, 1, cv2.LINE_AA, 4)


def _marks(drawn: Image, start: NDArray[np.int32], goal: NDArray[np.int32], scale: float) -> None:
    """Draw where it begins and where it shall end, and how long ten metres are."""
    for place, name, colour in ((start, "start", (250, 205, 60)), (goal, "goal", (255, 70, 60))):
        x, y = map(int, place)
        cv2.circle(drawn, (x, y), 9, DARK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(drawn, (x, y), 7, colour, cv2.FILLED, cv2.LINE_AA)
        write(drawn, name, x + 13, y + 6, DARK, 0.5)
        write(drawn, name, x + 12, y + 5, PAPER, 0.5)
    height, length = drawn.shape[0], round(10 * scale)
    cv2.rectangle(drawn, (10, height - 16), (10 + length, height - 11), PAPER, cv2.FILLED)
    cv2.rectangle(drawn, (10, height - 16), (10 + length, height - 11), TEXT, 1)
    write(drawn, "10 m", 14, height - 20, PAPER, 0.45)
