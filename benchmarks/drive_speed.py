"""How fast a robot sees: a frame by its steps, and the odometry alone; writes its section of RESULTS.md.

python benchmarks/drive_speed.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from itertools import islice
from os import getloadavg
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
from results import made_with, publish, table

from windowpane.data.root import data_root
from windowpane.drive.driver import Driver
from windowpane.drive.geometry.camera import StereoRig, load_calibration
from windowpane.drive.localization.odometry import Odometry
from windowpane.drive.logs.recording import Frame, Recording
from windowpane.errors import DataError

FRAMES = 40
THREADS = (1, 2)
GROUPS = {
    "stereo, ground plane and labels": (
        "rectify",
        "stereo",
        "ground",
        "far: stereo labels",
        "far: stereo windows",
    ),
    "the bands of distance": ("far: bands",),
    "the trunk over all bands": ("far: net",),
    "labels of every pixel to the horizon": ("far: labels", "far: picture"),
    "learning: the last layer": ("far: learning",),
    "odometry": ("odometry",),
}
"""What a frame takes, and of which of a step's times it is made."""
ABOUT = f"""\
Milliseconds, medians of {FRAMES} frames in order, from two pictures to labels, motion and a last layer that
has learned the frame. The built-in walk is 512x384, its four frames gone through to and fro. The original
took half a second to a second for a frame of that size, without the odometry."""
WAYS = (
    ("320x240", "backyard, as it is: raw pictures, rectified", "backyard", "stereo_params.xml"),
    ("1226x370", "kitti06, as it is", "kitti06", "calib.txt"),
)


def main() -> None:
    busy = f"; {getloadavg()[0]:.1f} other processes at work before"  # two threads suffer most from these
    rows = [[name] for name in (*GROUPS, "everything", "frames a second")]
    for threads in THREADS:
        for row, value in zip(rows, per_step(threads), strict=True):
            row.append(value)
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", more=busy),
        ABOUT,
        table(["512x384", *(f"{n} thread{'s' * (n > 1)}, ms" for n in THREADS)], rows),
        "Odometry alone, one thread, of every frame after the first.",
        table(["size", "recording", "frames", "ms", "frames a second"], [alone(*way) for way in WAYS]),
    ]
    publish("drive-speed", "Driving: speed", "\n\n".join(body), quick=False)


def per_step(threads: int) -> list[str]:
    """Return the milliseconds of each group, of everything, and the frames a second."""
    cv2.setNumThreads(threads)
    folder = Path(str(resources.files("windowpane") / "demo" / "drive"))
    recording, times = Recording(folder), defaultdict(list)
    rig = load_calibration(folder / "calib.txt", recording.size)
    driver, frames = Driver(rig, threads=threads), list(recording)
    there_and_back = [*frames, *frames[-2:0:-1]]
    for number in range(FRAMES + 2):
        frame = there_and_back[number % len(there_and_back)]
        start = perf_counter()
        step = driver.step(frame.left, frame.right, 0.1 * number)
        whole = 1000 * (perf_counter() - start)
        assert not step.reasons, step.reasons
        if number >= 2:  # the first ones make room for all that follow
            for name, parts in GROUPS.items():
                times[name].append(sum(step.ms.get(part, 0.0) for part in parts))
            times["everything"].append(whole)
    found = [median(times[name]) for name in (*GROUPS, "everything")]
    return [*(f"{ms:.1f}" for ms in found), f"{1000 / found[-1]:.1f}"]


def alone(size: str, what: str, name: str, calibration: str) -> list[object]:
    """Return the row of a recording, of the public data; a dash where they are not."""
    cv2.setNumThreads(1)
    try:
        folder = data_root() / "robot" / name
        recording = Recording(folder)
    except DataError:
        return [size, what, "-", "-", "-"]
    rig = load_calibration(folder / calibration, recording.size)
    times = followed(rig, list(islice(recording, FRAMES)))
    ms = median(times)
    return [size, what, len(times), f"{ms:.1f}", f"{1000 / ms:.0f}"]


def followed(rig: StereoRig, frames: Sequence[Frame]) -> list[float]:
    """Return the milliseconds of every frame but the first."""
    odometry, times = Odometry(rig), []
    for frame in frames:
        assert frame.left is not None
        assert frame.right is not None
        left, right = rig.rectify(frame.left, frame.right)
        start = perf_counter()
        motion = odometry.update(left, right, frame.time)
        times.append(1000 * (perf_counter() - start))
        assert motion.ok, motion.reason
    return times[1:]


if __name__ == "__main__":
    main()
