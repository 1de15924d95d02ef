"""``windowpane drive``: see far and learn on the way (perception), along a recording or in the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from windowpane.cli.common.options import Json, Net, Threads
from windowpane.cli.common.output import Record, complain, emit, track
from windowpane.errors import DataError
from windowpane.systems import DRIVE_NET

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from windowpane.cli.drive.output import DriveOutput
    from windowpane.core.windows import Window
    from windowpane.drive.geometry.camera import StereoRig
    from windowpane.drive.logs.bags import BagRecording
    from windowpane.drive.logs.recording import Recording


class Vision(StrEnum):
    """How far a robot sees."""

    FAR = "far"
    NEAR = "near"


def drive(
    stereo: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folders image_0 and image_1, or left and right; or a ROS 2 bag, .mcap too."
        ),
    ] = None,
    calib: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="BoofCV, OpenCV, KITTI or ROS calibration; a bag may hold its own."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder for screens, label pictures, a video and the poses.")
    ] = None,
    net: Net = DRIVE_NET,
    rate: Annotated[float, typer.Option(min=0.01, help="Frames a second of a folder without times.")] = 10.0,
    trust: Annotated[float, typer.Option(min=0.1, help="Metres up to which stereo is learned from.")] = 12.0,
    width: Annotated[
        int | None, typer.Option(min=64, help="Make pictures so wide, in pixels; default: as they are.")
    ] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="Stop after so many frames.")] = None,
    bag: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a ROS 2 bag: an .mcap file, or a folder.")
    ] = None,
    rerun: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a recording for the Rerun viewer, .rrd.")
    ] = None,
    course: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Drive to a goal in the simulator: barrier, culdesac, path, grass, hillside or person.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the course: its layout, textures, sun, start.")] = 0,
    vision: Annotated[Vision, typer.Option(help="Of a course: without far vision it is near.")] = Vision.FAR,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Drive: along a recording (--stereo), or to a goal in the simulator (--course).

    Ground and obstacles are seen to the horizon, learned from stereo on the way.
    """
    import cv2

    cv2.setNumThreads(threads)
    if course is not None and stereo is None:
        from windowpane.cli.drive.course import drive_course, said

        of_recordings = {"calib": calib, "width": width, "frames": frames, "bag": bag, "rerun": rerun}
        if given := [f"--{name}" for name, value in of_recordings.items() if value is not None]:
            raise typer.BadParameter(f"{', '.join(given)}: of a recording (--stereo), not of a course")
        outcome = drive_course(course, seed, vision.value, net, out, threads)
        if as_json:
            emit(outcome)
        else:
            typer.echo(said(outcome))
        return
    if stereo is None or course is not None:
        raise typer.BadParameter(
            "give either a recording with --stereo, or a course of the simulator with --course"
        )
    from windowpane.drive.driver import Driver

    recording, rig = _opened(stereo, calib, rate)
    if width is not None:
        rig = rig.scaled(width / rig.left.width)
    driver = Driver(rig, net, trust=trust, threads=threads)
    failed = False
    with ExitStack() as stack:
        outputs = [stack.enter_context(one) for one in _outputs(out, bag, rerun, driver.window, rig, rate)]
        total = min(len(recording), frames or len(recording))
        for frame in track(islice(recording, frames), "Driving", total):
            left, right = (_in_size(one, rig.raw_size) for one in (frame.left, frame.right))
            step = driver.step(left, right, frame.time)
            record: Record = {**step.to_dict(), "frame": frame.name}
            if frame.reason:
                failed, record["error"] = True, frame.reason
            for output in outputs:
                record |= output.add(step, frame)
            if as_json:
                emit(record)
            else:
                typer.echo(_text(record))
    if failed:
        complain(f"{stereo}: some pictures could not be used; the drive went on without them")
        raise typer.Exit(1)


def _opened(stereo: Path, calib: Path | None, rate: float) -> tuple[Recording | BagRecording, StereoRig]:
    """Return the recording and its cameras; raises DataError where one of them is missing."""
    from windowpane.drive.geometry.camera import load_calibration
    from windowpane.drive.logs.bags import BagRecording, is_bag
    from windowpane.drive.logs.recording import Recording

    recording = BagRecording(stereo) if is_bag(stereo) else Recording(stereo, rate=rate)
    if calib is not None:
        return recording, load_calibration(calib, recording.size)
    rig = recording.rig if isinstance(recording, BagRecording) else None
    if rig is None:
        raise DataError(f"{stereo} does not tell its cameras: give their calibration with --calib")
    return recording, rig


def _outputs(
    out: Path | None,
    bag: Path | None,
    rerun: Path | None,
    window: Window,
    rig: StereoRig,
    rate: float,
) -> Iterator[DriveOutput]:
    from windowpane.cli.drive.output import Bag, FolderOutput, Rerun

    if out is not None:
        yield FolderOutput(out, rig, window, rate)
    if bag is not None:
        yield Bag(bag, rig)
    if rerun is not None:
        yield Rerun(rerun, rig)


def _in_size(picture: NDArray[np.uint8] | None, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Resize a picture to what was asked for; one of another shape is left, for the driver to complain of."""
    import cv2
    import numpy as np

    if picture is None or picture.shape[:2] == size:
        return picture
    height, width = picture.shape[:2]
    if abs(height * size[1] - width * size[0]) > max(height, width, *size):
        return picture
    return np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def _text(record: Record) -> str:
    """A line for people."""
    x, y, z = (row[3] for row in record["pose"])
    parts = [f"{record['frame']:<8} at {x:+.2f} {y:+.2f} {z:+.2f} m"]
    parts.append(f"ground {100 * record['ground_share']:3.0f} %, to {record['far_m']:3.0f} m")
    parts.append(f"{record['ms']['all']:4.0f} ms")
    reasons = list(dict.fromkeys(filter(None, (record.get("error"), *record["reasons"]))))
    return "   ".join([*parts, "; ".join(reasons)]).rstrip()
