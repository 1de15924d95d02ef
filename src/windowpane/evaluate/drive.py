"""The table of ``windowpane eval drive`` (evaluation): how well a robot sees far, and knows where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from windowpane.data.root import data_root
from windowpane.drive.geometry.camera import load_calibration
from windowpane.drive.localization.odometry import Odometry
from windowpane.drive.logs.recording import Recording
from windowpane.errors import DataError
from windowpane.evaluate import far_vision as drive
from windowpane.evaluate.measures.trajectory import absolute, end_error, read_poses, relative
from windowpane.systems import DRIVE_NET

CALIBRATION, POSES = "calib.txt", "poses.txt"


def evaluate(sets: Sequence[str], *, net: str | Path = DRIVE_NET, seed: int = 0) -> list[dict[str, Any]]:
    """Return the rows of each set.

    Parameters
    ----------
    sets
        Names of `windowpane.evaluate.far_vision.COURSES`, of which labels are scored and, where the true
        poses are known, the way; or folders of recordings with ``calib.txt`` and ``poses.txt``, of which the
        way is.
    net
        Of far vision: a name or a file.
    seed
        Of what far vision learns.

    Raises
    ------
    DataError
        For a set that is neither, and for data that is not there.
    """
    rows = []
    for name in sets:
        if name in drive.COURSES:
            rows += drive.evaluate([name], net=net, seed=seed)
            folder = data_root() / "robot" / name
        elif (folder := Path(name)).is_dir():
            if not (folder / POSES).is_file():
                raise DataError(
                    f"{folder} has no {POSES}: expected the true pose of each frame, as KITTI has it"
                )
        else:
            known = ", ".join(drive.COURSES)
            raise DataError(f"there is no set {name!r}: choose from {known}, or give a recording's folder")
        if (folder / POSES).is_file():
            rows.append(followed(folder))
    return rows


def followed(folder: Path) -> dict[str, Any]:
    """Return how far odometry is from the true poses of a recording, as a row.

    Shares 0..1, metres and degrees; the absolute error without, the relative one over one frame.
    """
    recording = Recording(folder)
    rig = load_calibration(folder / CALIBRATION, recording.size, cameras=recording.cameras)
    true = read_poses(folder / POSES)
    if len(true) != len(recording):
        raise DataError(f"{folder / POSES} has {len(true)} poses for {len(recording)} frames")
    odometry, given = Odometry(rig), []
    for frame in recording:
        left, right = frame.left, frame.right
        if left is not None and right is not None:
            left, right = rig.rectify(left, right)
        given.append(odometry.update(left, right, frame.time).T_world_camera)
    true = np.linalg.inv(true[0]) @ true  # the world is the first camera's frame
    shift, turn = relative(given, true)
    return {
        "set": f"{folder.name}, the way",
        "frames": len(true),
        "end_error": end_error(given, true),
        "ate_m": absolute(given, true).rms,
        "rpe_m": shift.rms,
        "rpe_deg": float(np.degrees(turn.rms)),
    }
