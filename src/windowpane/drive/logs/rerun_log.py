"""A drive as a recording for the Rerun viewer: pictures, labels, points and the way, along one time line.

    with RerunLog("walk.rrd", rig) as log:
        log.frame(left, time)
        log.pose(T_world_camera, time)
        log.labels(labels, time)
        log.points(depth, labels, time)

Needs the extra ``[rerun]``; open the file with ``rerun walk.rrd``. World: that of the poses, x
right, y down, z forward at the start.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.perception.labels import COLOURS, NAMES, UNLABELLED
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import DataError, MissingExtraError, install

Floats = NDArray[np.float64]

EVERY = 4  # each so many pixels, both ways, there is a point
FARTHEST = 30.0  # metres; what is farther would hide in noise
NO_LABEL = len(NAMES)
LATEST = 9.0e9  # seconds that fit its nanoseconds
GREY = (130, 130, 130)


class RerunLog:
    """Writes a ``.rrd`` file; use it in a ``with``, so that all of it is written.

    Parameters
    ----------
    path
        Of the file.
    rig
        The cameras of the rectified pictures.

    Raises
    ------
    MissingExtraError
        Without the extra ``rerun``.
    DataError
        Where nothing can be written.
    """

    def __init__(self, path: str | Path, rig: StereoRig) -> None:
        try:
            import rerun
        except ImportError:
            raise MissingExtraError(f"writing {path} needs {install('rerun')}") from None
        self._rr: Any = rerun
        self._to: Any = rerun.RecordingStream("windowpane")
        self._way: list[Floats] = []
        # It gets its name when it is whole.
        self._path, self._part = Path(path), Path(path).with_name(f".{Path(path).name}.part")
        try:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._part.touch()
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}") from None
        self._to.save(str(self._part))
        camera = rig.left
        self._to.log("world", rerun.ViewCoordinates.RDF, static=True)
        pinhole = rerun.Pinhole(
            focal_length=[camera.fx, camera.fy],
            principal_point=[camera.cx, camera.cy],
            resolution=[camera.width, camera.height],
            camera_xyz=rerun.ViewCoordinates.RDF,
        )
        self._to.log("world/camera", pinhole, static=True)
        kinds = [(number, name, tuple(COLOURS[number])) for number, name in enumerate(NAMES)]
        kinds.append((NO_LABEL, "no label", (0, 0, 0, 0)))
        self._to.log("world", rerun.AnnotationContext(kinds), static=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written, and finish the file, which gets its name then."""
        self._to.flush()
        self._to.disconnect()
        if self._part.exists():
            self._part.replace(self._path)

    def frame(self, left: NDArray[np.uint8], time: float) -> None:
        """Log a rectified left picture, (H, W, 3) uint8 RGB, at a time in seconds."""
        self._at(time)
        self._to.log("world/camera/picture", self._rr.Image(left).compress(jpeg_quality=85))

    def pose(self, T_world_camera: Floats, time: float) -> None:
        """Log where the left camera is, (4, 4), and the way to there."""
        self._at(time)
        T = np.asarray(T_world_camera, np.float64)
        self._to.log("world/camera", self._rr.Transform3D(translation=T[:3, 3], mat3x3=T[:3, :3]))
        self._way.append(T[:3, 3])
        self._to.log("world/way", self._rr.LineStrips3D([np.array(self._way)], colors=[(255, 180, 40)]))

    def labels(self, labels: NDArray[np.int8], time: float) -> None:
        """Log the labels of every pixel, (H, W), -1 for none."""
        self._at(time)
        numbers = np.where(labels < 0, NO_LABEL, labels).astype(np.uint8)
        self._to.log("world/camera/labels", self._rr.SegmentationImage(numbers, opacity=0.5))

    def points(self, depth: Depth, labels: NDArray[np.int8], time: float) -> None:
        """Log what stereo sees, (H, W), as points in the colours of their labels."""
        self._at(time)
        points, kinds = depth.points[::EVERY, ::EVERY], labels[::EVERY, ::EVERY]
        near = points[..., 2] < FARTHEST  # False where not known
        colours = np.where((kinds == UNLABELLED)[..., None], GREY, COLOURS[kinds])
        self._to.log("world/camera/points", self._rr.Points3D(points[near], colors=colours[near], radii=0.02))

    def _at(self, time: float) -> None:
        if not abs(time) < LATEST:
            raise DataError(f"a time of {time:g} s cannot be logged: give seconds, below {LATEST:.0f}")
        self._to.set_time("time", duration=time)
