"""How far a trajectory is from the true one (ATE and RPE: absolute and relative pose error), and its end.

Poses are T_world_camera, (N, 4, 4) or (N, 3, 4) float64, one a frame, of both trajectories.

Sources: Sturm et al. 2012, "A benchmark for the evaluation of RGB-D SLAM systems", section IV (ATE, RPE);
Umeyama 1991 (alignment, equations 34 to 42).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.errors import ArgumentError, DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Errors in numbers, in the unit of these: metres or radians.

    Attributes
    ----------
    rms, mean, median, greatest
        Root mean square, mean, median and the greatest of them.
    """

    rms: float
    mean: float
    median: float
    greatest: float

    @classmethod
    def of(cls, errors: ArrayLike) -> Statistics:
        """Return those of errors (N,); raises ArgumentError where there are none."""
        values = np.asarray(errors, np.float64)
        if not values.size:
            raise ArgumentError("there are no errors: the trajectory is too short")
        rms = float(np.sqrt(np.mean(values**2)))
        return cls(rms, float(values.mean()), float(np.median(values)), float(values.max()))


def absolute(given: ArrayLike, true: ArrayLike, *, align: bool = False) -> Statistics:
    """Return the absolute trajectory error (ATE): how far each place is from the true one, metres.

    Parameters
    ----------
    given, true
        Poses of the two trajectories.
    align
        Whether the trajectory is turned and shifted as a whole onto the true one before; else both are taken
        as they are.
    """
    places, truth = _poses(given)[:, :3, 3], _poses(true)[:, :3, 3]
    _same_length(places, truth)
    if align:
        turn, shift = alignment(places, truth)
        places = places @ turn.T + shift
    return Statistics.of(np.linalg.norm(places - truth, axis=1))


def relative(given: ArrayLike, true: ArrayLike, *, frames: int = 1) -> tuple[Statistics, Statistics]:
    """Return the relative pose error (RPE) over so many frames: of shift, metres, and turn, radians."""
    if frames < 1:
        raise ArgumentError(f"frames={frames}: give how many frames apart two poses are, 1 or more")
    poses, truth = _poses(given), _poses(true)
    _same_length(poses, truth)
    motions, true_motions = (np.linalg.inv(one[:-frames]) @ one[frames:] for one in (poses, truth))
    # Sturm et al., equation 2. Poses that were written as text are not quite rigid: no transpose here.
    errors = np.linalg.inv(true_motions) @ motions
    # The sine as well as the cosine: the cosine alone cannot tell angles below 1e-8.
    axis = errors[:, (2, 0, 1), (1, 2, 0)] - errors[:, (1, 2, 0), (2, 0, 1)]
    trace = np.trace(errors[:, :3, :3], axis1=1, axis2=2)
    angles = np.arctan2(np.linalg.norm(axis, axis=1), trace - 1)
    return Statistics.of(np.linalg.norm(errors[:, :3, 3], axis=1)), Statistics.of(angles)


def end_error(given: ArrayLike, true: ArrayLike) -> float:
    """Return how far the last place is from the true one, as a share of the true way's length."""
    places, truth = _poses(given)[:, :3, 3], _poses(true)[:, :3, 3]
    _same_length(places, truth)
    way = float(np.linalg.norm(np.diff(truth, axis=0), axis=1).sum())
    if way == 0:
        raise ArgumentError("the true trajectory does not move: no share of its length")
    return float(np.linalg.norm(places[-1] - truth[-1])) / way


def alignment(places: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    """Return the turn (3, 3) and shift (3,) that bring places (N, 3) nearest to the true ones; no scale."""
    a, b = np.asarray(places, np.float64), np.asarray(truth, np.float64)
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    u, _, v = np.linalg.svd((b - middle_b).T @ (a - middle_a))
    mirror = np.diag([1, 1, np.linalg.det(u) * np.linalg.det(v)])
    turn = u @ mirror @ v
    return turn, middle_b - turn @ middle_a


def read_poses(path: str | Path) -> Floats:
    """Return the poses in a file of KITTI's, (N, 4, 4): the 12 numbers of a 3x4 matrix a line, row by row.

    Raises DataError, which names the file and the line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as poses: {error}") from None
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = [float(value) for value in line.split()]
        except ValueError:
            row = []
        if len(row) != 12 and line.strip():
            raise DataError(f"{path}, line {number}: expected 12 numbers, a 3x4 pose row by row")
        rows += [row] if row else []
    if not rows:
        raise DataError(f"{path} holds no poses: expected 12 numbers a line")
    return _poses(np.array(rows).reshape(-1, 3, 4))


def _poses(given: ArrayLike) -> Floats:
    """Return poses as (N, 4, 4)."""
    array = np.asarray(given, np.float64)
    if array.ndim != 3 or array.shape[1:] not in ((3, 4), (4, 4)):
        raise ArgumentError(f"poses have the shape {array.shape}; expected (N, 4, 4) or (N, 3, 4)")
    whole = np.tile(np.eye(4), (len(array), 1, 1))
    whole[:, :3] = array[:, :3]
    return whole


def _same_length(given: Floats, true: Floats) -> None:
    if len(given) != len(true):
        raise ArgumentError(f"{len(given)} poses and {len(true)} true ones: expected as many")
