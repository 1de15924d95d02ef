"""``windowpane drive``: see far and learn on the way (perception), along a recording or in the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from windowpane.cli.common.options import Json, MaxPixelsEverywhere, Net, Threads
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
            metavar="DIR", help="Folders image_0 and image_1, or left and right; EuRoC's; or a ROS bag."
        ),
    ] = None,
    calib: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="BoofCV, OpenCV, KITTI, ROS or Kalibr calibration, or the file of an OAK, ZED or RealSense;"
            " a bag may hold its own.",
        ),
    ] = None,
    unit: Annotated[
        float | None,
        typer.Option(metavar="M", help="Metres in one unit of the calibration: 0.001 for millimetres."),
    ] = None,
    cameras: Annotated[
        str | None,
        typer.Option(metavar="L,R", help="Which two cameras, where there are more: 2,3 for KITTI's colour."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Seconds that the two pictures of a frame may be apart.")
    ] = 0.02,
    offset: Annotated[
        float, typer.Option(help="Seconds to add to the right camera's times, where its clock is another.")
    ] = 0.0,
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
    max_pixels: MaxPixelsEverywhere = None,
    as_json: Json = False,
) -> None:
    """Drive: along a recording (--stereo), or to a goal in the simulator (--course).

    Ground and obstacles are seen to the horizon, learned from stereo on the way.
    """
    import cv2

    cv2.setNumThreads(threads)
    if course is not None and stereo is None:
        from windowpane.cli.drive.course import drive_course, said

        of_recordings = {
            "calib": calib,
            "unit": unit,
            "cameras": cameras,
            "width": width,
            "frames": frames,
            "bag": bag,
            "rerun": rerun,
        }
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

    numbers = _numbers(cameras)
    recording = _recording(stereo, rate, numbers, tolerance, offset)
    rig = _rig(stereo, recording, calib, unit, numbers)
    if width is not None:
        rig = rig.scaled(width / rig.left.width)
    driver = Driver(rig, net, trust=trust, threads=threads)
    failed = count = whole = 0
    with ExitStack() as stack:
        outputs = [stack.enter_context(one) for one in _outputs(out, bag, rerun, driver.window, rig, rate)]
        total = min(len(recording), frames or len(recording))
        for frame in track(islice(recording, frames), "Driving", total):
            left, right = (_in_size(one, rig.raw_size) for one in (frame.left, frame.right))
            step = driver.step(left, right, frame.time)
            record: Record = {**step.to_dict(), "frame": frame.name}
            count, whole = count + 1, whole + (left is not None and right is not None)
            if frame.reason:
                failed, record["error"] = failed + 1, frame.reason
            for output in outputs:
                record |= output.add(step, frame)
            if as_json:
                emit(record)
            else:
                typer.echo(_text(record))
    if failed:
        complain(
            f"{stereo}: {whole} of {count} frames have both pictures; the drive went on without the others"
        )
        raise typer.Exit(1)


def _numbers(cameras: str | None) -> tuple[int, int] | None:
    """Return the numbers of a left and a right camera."""
    if cameras is None:
        return None
    words = cameras.split(",")
    if len(words) != 2 or not all(word.strip().isdecimal() for word in words):
        raise typer.BadParameter(f"--cameras {cameras}: give the numbers of a left and a right one, as 2,3")
    return int(words[0]), int(words[1])


def _recording(
    stereo: Path, rate: float, cameras: tuple[int, int] | None, tolerance: float, offset: float
) -> Recording | BagRecording:
    """Return the recording, and tell what was found out about it."""
    from windowpane.drive.logs.bags import BagRecording, is_bag
    from windowpane.drive.logs.recording import Recording

    if is_bag(stereo):
        return BagRecording(stereo, tolerance=tolerance, offset=offset)
    recording = Recording(stereo, rate=rate, cameras=cameras, tolerance=tolerance, offset=offset)
    for note in recording.notes:
        complain(f"{stereo}: {note}")
    return recording


def _rig(
    stereo: Path,
    recording: Recording | BagRecording,
    calib: Path | None,
    unit: float | None,
    cameras: tuple[int, int] | None,
) -> StereoRig:
    """Return the cameras of a recording; raises DataError where they are not known."""
    from windowpane.drive.geometry.camera import load_calibration
    from windowpane.drive.logs.bags import BagRecording

    if isinstance(recording, BagRecording):
        try:
            rig = recording.rig if calib is None else None
        except DataError as error:
            raise DataError(f"{error}; give their calibration with --calib") from None
    else:
        rig, cameras = None, cameras or recording.cameras
    if calib is not None:
        return load_calibration(calib, recording.size, cameras=cameras, unit=unit)
    if rig is None:
        raise DataError(f"{stereo} does not tell its cameras: give their calibration with --calib")
    return rig


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
