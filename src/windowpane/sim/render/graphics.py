"""The graphics library (OpenGL): its context, the programs run on it, and the shapes that all scenes share.

    ctx = context()
    give(program("THING", leafy=True), camera=matrix(T), fog=150.0)

A process has one context, which belongs to the thread that was first to draw.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError, install
from windowpane.sim.render import shaders
from windowpane.sim.render.meshes import Shape, mesh

Floats = NDArray[np.float64]
EGL = "libEGL.so.1"
UNITS = {"painted": 0, "grain": 1, "layers": 2, "shadows": 3, "heights": 4, "clouds": 5, "kinds": 6}
"""Where the programs look for their textures."""
FARTHEST = 200.0  # metres that are drawn
RINGS, SPOKES = 60, 30  # of the fan of ground


@cache
def context() -> Any:
    """Return the process's context.

    Raises
    ------
    MissingExtraError
        Where there is none to be had.
    """
    try:
        import moderngl
    except ImportError:
        raise MissingExtraError(f"drawing a world needs {install('sim')}") from None
    try:
        # It looks for libGL too, which libegl1 does not bring and which EGL stands in for.
        libraries: dict[str, Any] = {"backend": "egl", "libegl": EGL, "libgl": EGL}
        made = moderngl.create_standalone_context(**libraries)
    except Exception as error:
        raise MissingExtraError(
            f"drawing a world needs EGL: apt-get install libegl1 libgl1-mesa-dri ({error})"
        ) from error
    made.gc_mode = "auto"  # what nothing refers to any more is given back
    return made


def program(name: str, *, truth: bool = False, leafy: bool = False) -> Any:
    """Return a program of `shaders`, compiled; see `shaders.source`."""
    return _compiled(name, truth, leafy)


def give(program: Any, **values: Any) -> None:
    """Give a program those of the values that it has a use for."""
    names = _names(program)
    for name, value in values.items():
        if name in names and isinstance(value, bytes):
            program[name].write(value)
        elif name in names:
            program[name] = value


def matrix(T: Floats) -> bytes:
    """Return a matrix (4, 4) as the library stores it: column after column."""
    return T.T.astype(np.float32).tobytes()


@cache
def _compiled(name: str, truth: bool, leafy: bool) -> Any:
    vertex, fragment = shaders.source(getattr(shaders, name), truth=truth, leafy=leafy)
    made = context().program(vertex_shader=vertex, fragment_shader=fragment)
    give(made, **UNITS)
    return made


@cache
def _names(program: Any) -> frozenset[str]:
    return frozenset(program)


@cache
def corners(shape: Shape, level: int) -> tuple[Any, Any]:
    """Return a shape's corners, each once, and its triangles."""
    rows, triangles = np.unique(mesh(shape, level), axis=0, return_inverse=True)
    return _buffer(rows), _buffer(triangles.astype(np.int32))


@cache
def square() -> Any:
    """Return the corners of a triangle that covers the whole picture."""
    return _buffer(np.array([(-1, -1), (3, -1), (-1, 3)], np.float32))


@cache
def fan() -> tuple[Any, Any]:
    """Return corners and triangles of a sector of ground: rings the wider apart the farther."""
    radii = np.concatenate([[0], np.geomspace(0.5, FARTHEST, RINGS)])
    turns = np.linspace(-1, 1, SPOKES + 1)
    points = np.stack(np.meshgrid(turns, radii), axis=-1).astype(np.float32)
    a = np.arange(RINGS)[:, None] * (SPOKES + 1) + np.arange(SPOKES)
    b, c, d = a + 1, a + SPOKES + 2, a + SPOKES + 1
    return _buffer(points), _buffer(np.stack([a, b, c, a, c, d], axis=-1).astype(np.int32))


def _buffer(values: NDArray[Any]) -> Any:
    return context().buffer(values.tobytes())
