"""Where ``windowpane drive`` puts what it sees (writers): a folder of pictures, a ROS bag, a Rerun file."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from windowpane.cli.common.output import Record, make_folder, write_picture
from windowpane.core.windows import Window
from windowpane.drive.driver import Sight
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.logs.bag_writer import BagWriter
from windowpane.drive.logs.recording import Frame
from windowpane.drive.logs.rerun_log import RerunLog
from windowpane.errors import WindowpaneError
from windowpane.images.film_writer import FilmWriter
from windowpane.show.screen import screen

POSES, VIDEO = "poses.txt", "drive.mp4"


class DriveOutput(Protocol):
    """Takes every step of a drive."""

    def add(self, step: Sight, frame: Frame) -> Record:
        """Write a step, and return what the frame's JSON object should say of it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class FolderOutput:
    """Pictures of every frame, a video, and ``poses.txt`` as KITTI has it.

    ``NAME-screen.png`` is the operator's screen, ``NAME-labels.png`` the labels in the size of the rectified
    picture, 8 bits: 0 to 4 as `windowpane.drive.perception.labels.Label` counts, 255 above the horizon.
    """

    def __init__(self, folder: Path, rig: StereoRig, window: Window, rate: float) -> None:
        self.folder, self.rig, self.window, self.rate = folder, rig, window, rate
        self.trajectory: list[NDArray[np.float64]] = []
        self._film = Film(folder, rate)
        try:
            self._poses = (folder / POSES).open("w", encoding="utf-8")
        except OSError as error:
            raise WindowpaneError(f"{folder}: cannot be written to ({error.strerror})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._poses.close()
        self._film.close()

    def add(self, step: Sight, frame: Frame) -> Record:
        """Write the pictures of a step."""
        T = step.motion.T_world_camera
        self.trajectory.append(T)
        self._poses.write(" ".join(f"{value:.9g}" for value in T[:3].ravel()) + "\n")
        drawn = screen(step, self.rig.left, self.window, self.trajectory)
        shown, labels = (self.folder / f"{frame.name}-{what}.png" for what in ("screen", "labels"))
        write_picture(shown, drawn)
        write_picture(labels, np.where(step.far.labels < 0, 255, step.far.labels).astype(np.uint8))
        self._film.add(drawn)
        return {"file": str(labels), "screen": str(shown)}


class Film(FilmWriter):
    """A video ``drive.mp4`` in a folder, which is made.

    Parameters
    ----------
    rate
        Pictures a second.

    Raises
    ------
    WindowpaneError
        Where there can be no such folder.
    """

    def __init__(self, folder: Path, rate: float) -> None:
        make_folder(folder)
        super().__init__(folder / VIDEO, rate)


class Bag(BagWriter):
    """A ROS 2 bag with the rectified pictures, where the robot was, and the labels."""

    def add(self, step: Sight, frame: Frame) -> Record:
        """Write a step."""
        right = None
        if frame.left is not None and frame.right is not None and step.picture is not None:
            right = self.rig.rectify(frame.left, frame.right)[1]
        self.frame(step.picture, right, frame.time)
        self.pose(step.motion.T_world_camera, frame.time, step.motion.covariance)
        self.labels(step.far.labels, frame.time)
        return {}


class Rerun(RerunLog):
    """A recording for the Rerun viewer."""

    def add(self, step: Sight, frame: Frame) -> Record:
        """Log a step."""
        self.pose(step.motion.T_world_camera, frame.time)
        if step.picture is not None:
            self.frame(step.picture, frame.time)
            self.labels(step.far.labels, frame.time)
            self.points(step.depth, step.far.labels, frame.time)
        return {}
