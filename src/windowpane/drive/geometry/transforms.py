"""Rigid motions (SE(3)), and the ways to write a rotation (SO(3)): one home for all of them.

    T_world_point = transformed(T_world_camera, points)
    T_camera_world = inverse(T_world_camera)

Conventions: ``T_dest_origin`` (4, 4) float64 maps points of the frame ``origin`` into ``dest``, in metres;
angles in radians. A small motion is a turn and a shift, (6,) in this order, that is applied after another
motion; so is every covariance (6, 6).

Sources: Sola, Deray & Atchuthan 2018, "A micro Lie theory for state estimation in robotics" (adjoint, and
covariances of motions); REP 103 (axes of robots and cameras, roll, pitch and yaw).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

T_BODY_OPTICAL: Floats = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
"""From a camera's axes, x right, y down, z forward, to a body's, x forward, y left, z up (REP 103)."""


# -- Motions -----------------------------------------------------------------------------------------------


def transform(rotation: ArrayLike, translation: ArrayLike) -> Floats:
    """Return the motion (4, 4) of a rotation (3, 3), followed by a shift (3,) in metres."""
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = rotation, translation
    return T


def inverse(T: Floats) -> Floats:
    """Return the inverse of a motion (4, 4), whose rotation must be one: its transpose is taken."""
    back = np.eye(4)
    back[:3, :3] = T[:3, :3].T
    back[:3, 3] = -T[:3, :3].T @ T[:3, 3]
    return back


def transformed(T: Floats, points: NDArray[np.floating[Any]]) -> Floats:
    """Return points (N, 3) after a motion (4, 4): from its frame ``origin`` in ``dest``."""
    return np.asarray(points @ T[:3, :3].T + T[:3, 3])


def orthonormal(T: Floats) -> Floats:
    """Return a motion (4, 4) whose rotation is again one: the nearest to what rounding made of it."""
    u, _, v = np.linalg.svd(T[:3, :3])
    T = T.copy()
    T[:3, :3] = u @ v
    return T


# -- Small motions and their covariance --------------------------------------------------------------------


def small_motion(turn_and_shift: Floats) -> Floats:
    """Return the (4, 4) motion of a turn (radians about x, y, z) followed by a shift in metres, (6,)."""
    return transform(rotation_from_vector(turn_and_shift[:3]), turn_and_shift[3:])


def skew(vectors: Floats) -> Floats:
    """Return the skew-symmetric matrices (N, 3, 3) whose product with a vector is the cross product."""
    matrices = np.zeros((len(vectors), 3, 3))
    x, y, z = vectors.T
    matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2] = -z, y, -x
    matrices[:, 1, 0], matrices[:, 2, 0], matrices[:, 2, 1] = z, -y, x
    return matrices


def covariance_of_inverse(covariance: Floats, T: Floats) -> Floats:
    """Return the covariance (6, 6) of the inverse of a motion T (4, 4), by the inverse's adjoint."""
    back = inverse(T)
    turn, shift = back[:3, :3], back[:3, 3]
    adjoint = np.zeros((6, 6))
    adjoint[:3, :3] = adjoint[3:, 3:] = turn
    adjoint[3:, :3] = skew(shift[None])[0] @ turn
    return np.asarray(adjoint @ covariance @ adjoint.T)


# -- Rotations ---------------------------------------------------------------------------------------------


def rotation_from_vector(vector: ArrayLike) -> Floats:
    """Return the rotation (3, 3) about a vector (3,) by its length in radians (Rodrigues' formula)."""
    return np.asarray(cv2.Rodrigues(np.asarray(vector, np.float64))[0], np.float64)


def vector_from_rotation(R: Floats) -> Floats:
    """Return the vector (3,) about which a rotation (3, 3) turns; its length is the angle, 0..pi."""
    return np.asarray(cv2.Rodrigues(np.ascontiguousarray(R, np.float64))[0], np.float64).ravel()


def rotation_from_rpy(roll: float, pitch: float, yaw: float) -> Floats:
    """Return the rotation (3, 3) of a body frame (x forward, y left, z up): yaw, then pitch, then roll."""
    (sr, sp, sy), (cr, cp, cy) = np.sin([roll, pitch, yaw]), np.cos([roll, pitch, yaw])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1.0]])
    about_y = np.array([[cp, 0, sp], [0, 1.0, 0], [-sp, 0, cp]])
    about_x = np.array([[1.0, 0, 0], [0, cr, -sr], [0, sr, cr]])
    return np.asarray(about_z @ about_y @ about_x)


def rpy_from_rotation(R: Floats) -> tuple[float, float, float]:
    """Return roll, pitch and yaw of a rotation (3, 3), as `rotation_from_rpy` takes them."""
    roll = float(np.arctan2(R[2, 1], R[2, 2]))
    pitch = float(np.arcsin(np.clip(-R[2, 0], -1, 1)))
    return roll, pitch, float(np.arctan2(R[1, 0], R[0, 0]))


def quaternion_from_rotation(R: Floats) -> tuple[float, float, float, float]:
    """Return a rotation (3, 3) as a unit quaternion x, y, z, w, with w not below 0."""
    vector = vector_from_rotation(R)
    angle = float(np.linalg.norm(vector))
    x, y, z = np.sin(angle / 2) / angle * vector if angle > 1e-12 else vector / 2
    return float(x), float(y), float(z), float(np.cos(angle / 2))


def wrapped(angle: float) -> float:
    """Return an angle as that between -pi and pi."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)
