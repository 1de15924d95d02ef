"""What learning while driving is worth: errors far ahead, how fast they fall, what is forgotten.

python benchmarks/drive_learning.py [--net NAME|FILE] [--seed N] [--quick]

Writes its section. Recordings are of `windowpane.evaluate.far_vision`; settings were chosen on the first half
of each and are scored on the rest.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from results import made_with, percent, publish, table

from windowpane.core.last_layer import LastLayer
from windowpane.core.netfile import NetFile, load_net
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.far import Describer, FarVision
from windowpane.drive.perception.labels import Label
from windowpane.evaluate.far_vision import (
    COURSES,
    Counts,
    Errors,
    RecordedCourse,
    TrueFrame,
    drive,
    frames_of,
)

Floats = NDArray[np.float32]
NUMBERS = (0, 1, 3, 10, 30)
ASKED = 5  # frames on which what was learned from so many is scored
BINS = 8
ABOUT = """\
Error: of the pixels below the horizon, ground taken for an obstacle or an obstacle for ground, asked before
the frame itself is learned. kitti06: learned up to 12 m, asked about what stereo shows at 12 to 50 m in the
same frame. backyard: learned up to 3 m, asked about 3 to 8 m, as later frames show it once it is nearer than
3 m. Rates, buffer, pixels of a metre and the context of a window were chosen on the first half of the frames;
all figures are of the second half. The original: 15.1 % with learning, 32.1 without, 52.2 with random weights
(Hadsell et al., RSS 2007), on other recordings."""
SPEED = f"""\
Error on {ASKED} frames in a row after learning from so many frames before them, beginning with the lab's last
layer; mean over places of the recording."""
JUMP = """\
From one recording to the other and back, with one and the same last layer that learns all the time; frames
of each stay in order, ten a column."""

Road = tuple[RecordedCourse, StereoRig, list[TrueFrame]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="ground", help="a net's name or file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="the first 20 frames only, printed")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    roads = [(course, *frames_of(course, 20 if options.quick else None)) for course in COURSES.values()]
    net = Backbone(options.net)
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", seed=options.seed),
        ABOUT,
        "\n".join(methods(road, other, net, options.seed) for road, other in (roads, roads[::-1])),
        SPEED,
        speed(roads, net, options.seed),
        JUMP,
        jump(roads, net, options.seed),
    ]
    publish("drive-learning", "Driving: learning while it drives", "\n\n".join(body), quick=options.quick)


# -- What describes windows --------------------------------------------------------------------------------


class Random(Backbone):
    """The backbone with random weights, of the same deviation in each layer; features as large as its own."""

    def __init__(self, net: Backbone, like: Floats, seed: int) -> None:
        super().__init__(randomized(net.file, seed))
        self.lab = LastLayer.blank(len(Label), self.count)
        self.gain = 1.0
        wanted = float(np.sqrt((net.describe(like) ** 2).mean()))
        self.gain = wanted / float(np.sqrt((self.describe(like) ** 2).mean()))

    def describe(self, image: Floats) -> Floats:
        return super().describe(image) * np.float32(self.gain)


def randomized(file: NetFile, seed: int) -> NetFile:
    """Return a net file whose weights are random numbers."""
    rng = np.random.default_rng(seed)
    model = onnx.load_model_from_string(file.data)
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype.kind == "f":
            drawn = rng.normal(0, values.astype(np.float32).std(), values.shape).astype(values.dtype)
            weight.CopyFrom(onnx.numpy_helper.from_array(drawn, weight.name))
    return load_net(model.SerializeToString())


class Plain:
    """What needs no net: the pixels of a window, or the histogram of each of its channels."""

    def __init__(self, net: Backbone, kind: str) -> None:
        self.window, self.kind = net.window, kind
        self.count = self.window.height * self.window.width * 3 if kind == "pixels" else 3 * BINS
        self.lab = LastLayer.blank(len(Label), self.count)

    def describe(self, image: Floats) -> Floats:
        size, (step_y, step_x) = (self.window.height, self.window.width), self.window.stride
        scaled = image / np.array([1, 0.1, 0.1], np.float32)
        if self.kind == "pixels":
            windows = np.lib.stride_tricks.sliding_window_view(scaled, size, (0, 1))[::step_y, ::step_x]
            return np.ascontiguousarray(windows.reshape(*windows.shape[:2], -1))
        bins = np.clip((scaled + 2) / 4 * BINS, 0, BINS - 1).astype(int)
        planes = [bins[..., channel] == number for channel in range(3) for number in range(BINS)]
        rows, cols = self.window.map_size(*image.shape[:2])
        shares = [cv2.blur(plane.astype(np.float32), size[::-1], anchor=(0, 0)) for plane in planes]
        return np.stack([one[::step_y, ::step_x][:rows, :cols] for one in shares], axis=-1) * np.float32(3)


# -- The tables --------------------------------------------------------------------------------------------


def methods(road: Road, other: Road, net: Backbone, seed: int) -> str:
    """Return the table of a recording's second half, one row a way to see."""
    course, rig, seen = road
    half = len(seen) // 2

    def learning(describer: Describer) -> list[Counts]:
        return drive(course.vision(rig, describer, seed=seed), seen)[half:]

    def frozen() -> list[Counts]:
        vision = course.vision(rig, net, seed=seed)
        drive(vision, seen[:half])
        return drive(vision, seen[half:], learn=False)

    def elsewhere() -> list[Counts]:
        away = other[0].vision(other[1], net, seed=seed)
        drive(away, other[2])
        return drive(course.vision(rig, net, learner=away.learner), seen[half:], learn=False)

    like = (
        FarVision(rig.left, net, trust=course.trust).bands(seen[0].picture, seen[0].ground.planes[0])[0].image
    )
    ways: dict[str, Callable[[], list[Counts]]] = {
        "online learning": lambda: learning(net),
        "last layer learned on the first half, then frozen": frozen,
        "last layer learned on the other recording, then frozen": elsewhere,
        "online learning on random features": lambda: learning(Random(net, like, seed)),
        "online learning on raw pixels": lambda: learning(Plain(net, "pixels")),
        "online learning on histograms of Y, U, V": lambda: learning(Plain(net, "histogram")),
        "no learning: the lab's last layer": lambda: drive(course.vision(rig, net), seen[half:], learn=False),
    }
    rows = []
    for name, way in ways.items():
        found = Errors.of(way())
        shares = (found.error, found.false, found.missed, found.both)
        rows.append([name, *map(percent, shares)])
        print(course.name, rows[-1], flush=True)
    head = [course.name, "error", "false obstacles", "missed obstacles", "mean of both"]
    about = f"{len(seen) - half} frames, {found.pixels} pixels, {percent(found.obstacles)} of them obstacles."
    return f"{table(head, rows)}\n{about}\n"


def speed(roads: Sequence[Road], net: Backbone, seed: int) -> str:
    """Return the table of errors after learning from so many frames."""
    rows = []
    for course, rig, seen in roads:
        row: list[str] = [course.name]
        places = range(max(NUMBERS), len(seen) - ASKED + 1, 8)
        for number in NUMBERS if places else ():
            counts = []
            for place in places:
                vision = course.vision(rig, net, seed=seed)
                drive(vision, seen[place - number : place])
                counts += drive(vision, seen[place : place + ASKED], learn=False)
            row.append(percent(Errors.of(counts).error))
        rows.append(row)
        print(row, flush=True)
    return table(["frames learned", *map(str, NUMBERS)], rows)


def jump(roads: Sequence[Road], net: Backbone, seed: int) -> str:
    """Return the table of errors while one learner goes from one recording to the other and back."""
    (first, second), rows, learner, place = roads, [], None, 0
    for course, rig, seen in (first, second, first):
        vision = course.vision(rig, net, seed=seed, learner=learner)
        counts = drive(vision, seen[:50], place=place)
        learner, place = vision.learner, place + 6
        tens = [Errors.of(counts[k : k + 10]).error for k in range(0, len(counts), 10)]
        rows.append(
            [
                course.name,
                *(percent(Errors.of(counts[k : k + 1]).error) for k in (0, 1, 3)),
                *map(percent, tens),
            ]
        )
        print(rows[-1], flush=True)
    columns = [f"{k + 1} to {k + 10}" for k in range(0, 50, 10)]
    return table(["frames", "1", "2", "4", *columns][: len(rows[0])], rows)


if __name__ == "__main__":
    main()
