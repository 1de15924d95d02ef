"""Things of one shape, drawn all at once (instanced rendering, level of detail).

batch = InstanceBatch(Shape.BUSH, rows)     # as `instances` gives them
batch.gather(planes, eye, focal)    # those that may be seen, the nearest in detail
batch.draw("THING")
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.sim.render.graphics import FARTHEST, Floats, context, corners, program
from windowpane.sim.render.instances import COLUMNS
from windowpane.sim.render.meshes import LEVELS, SOLID, Shape

SEEN = {Shape.TUFT: 9.0, Shape.GRASS: 70.0}  # metres within which a shape is drawn, if not always
DETAILED = (0.022, 0.044)  # metres a pixel of focal length, within which a shape has all or many triangles
Fields = tuple[tuple[str, int], ...]
FIELDS: Fields = (("corner", 3), ("normal", 3), ("texel", 2), ("axes", 2), ("layer", 1))
OWN: Fields = (("at", 4), ("sized", 4), ("tint", 4), ("bent", 2))


class InstanceBatch:
    """All things of one shape, those of them that may be seen, and how they are drawn."""

    def __init__(self, shape: Shape, rows: NDArray[np.float32]) -> None:
        self.shape, self.rows = shape, rows[np.argsort(rows[:, 0], kind="stable")]  # from west to east
        self.reach = np.linalg.norm(self.rows[:, 4:7], axis=1) * 0.75 + 0.1  # metres from middle to rim
        self.middle = self.rows[:, :3] + [0, 0, 0.5] * self.rows[:, 4:7]
        self.counts = [0] * LEVELS
        size = 4 * COLUMNS * max(1, len(rows))
        self._buffers = [context().buffer(reserve=size) for _ in range(LEVELS)]
        self._arrays: dict[tuple[str, bool, int], Any] = {}

    def gather(self, planes: Floats, eye: Floats, focal: float) -> None:
        """Put what may be seen from a place into the buffers, the nearest first.

        Parameters
        ----------
        focal
            Length in pixels.
        """
        far = SEEN.get(self.shape, FARTHEST)
        first, last = np.searchsorted(self.rows[:, 0], [eye[0] - far, eye[0] + far])
        middle, reach = self.middle[first:last], self.reach[first:last]
        away = np.linalg.norm(middle - eye, axis=1)
        seen = (middle @ planes[:, :3].T + planes[:, 3] > -reach[:, None]).all(axis=1) & (away < far)
        order = np.flatnonzero(seen)
        order = order[np.argsort(away[order], kind="stable")]
        cuts = np.searchsorted(away[order], np.multiply(focal, DETAILED))
        self.fill(*np.split(self.rows[first:last][order], cuts))

    def fill(self, *levels: NDArray[np.float32]) -> None:
        """Put rows into the buffers of the levels."""
        self.counts = [0] * LEVELS
        for level, rows in enumerate(levels):
            self.counts[level] = len(rows)
            if len(rows):
                self._buffers[level].write(rows.tobytes())

    def draw(self, name: str, *, truth: bool = False) -> None:
        """Draw what was gathered."""
        for level, count in enumerate(self.counts):
            if count:
                self._array(name, truth, level).render(instances=count)

    def _array(self, name: str, truth: bool, level: int) -> Any:
        key = (name, truth, level)
        if key not in self._arrays:
            used = program(name, truth=truth, leafy=name == "THING" and self.shape not in SOLID)
            points, triangles = corners(self.shape, level)
            content = [
                _attributes(used, points, FIELDS, ""),
                _attributes(used, self._buffers[level], OWN, "/i"),
            ]
            self._arrays[key] = context().vertex_array(used, content, triangles)
        return self._arrays[key]


def _attributes(program: Any, buffer: Any, fields: Fields, each: str) -> tuple[Any, ...]:
    """Return a buffer with those of its fields that a program has a use for."""
    used = [(f"{count}f" if name in program else f"{4 * count}x", name) for name, count in fields]
    names = [name for _, name in used if name in program]
    return (buffer, " ".join(kind for kind, _ in used) + each, *names)
