"""What an install weighs, how fast commands start, what runtimes and 8 bits are worth; writes its section.

python benchmarks/small.py [--python EXECUTABLE ...] [--quick]

The wheel is built and tried by `tools/try_wheel.py` with each Python that is named, else with this one. Nets
of 8 bits are made here, by pictures of what the nets learned from, and measured on what they did not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from results import made_with, percent, publish, table

from windowpane.core.engine import Engine
from windowpane.core.netfile import NetFile, assembled, load_net
from windowpane.core.runtimes import Floats, Runtime, RuntimeName
from windowpane.data.digits import mnist, orand
from windowpane.data.faces import cmu_mit, negatives, split, ytf68
from windowpane.data.root import data_root
from windowpane.data.scenes import FOLDS, stanford_background
from windowpane.data.writing.hands import writers
from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.detect.detector import Detector
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.far import FarVision
from windowpane.evaluate.far_vision import COURSES, Errors, TrueFrame, drive, frames_of
from windowpane.evaluate.measures.detection import detection_curve, match_all
from windowpane.evaluate.parse import Scores, sets_of, table_of
from windowpane.evaluate.read import SETS, score
from windowpane.images import load
from windowpane.parse.parser import Parser
from windowpane.read.reader import Reader
from windowpane.train.drive.targets import scaled
from windowpane.train.drive.terrain import read_terrain, strips
from windowpane.train.loop.quantize import quantize, quantized

Picture = NDArray[np.uint8]
ROOT = Path(__file__).parents[1]
DEMO = ROOT / "src" / "windowpane" / "demo"
PAGE = ROOT / "src" / "windowpane" / "serve" / "page"
SEED = 2026


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", help="to try the wheel with; may be given several times")
    parser.add_argument("--quick", action="store_true", help="a quick look, on little data, printed")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", "openvino", seed=SEED),
        installs(options.python or [sys.executable]),
        starts(3 if options.quick else 11),
        runtimes(options.quick),
    ]
    title = "Install, start and small machines"
    publish("small", title, "\n\n".join(body), quick=options.quick)


# -- The install -------------------------------------------------------------------------------------------

ABOUT_INSTALLS = """\
The wheel, built and installed into a fresh environment of each Python, with the pinned versions of what it
needs; then `windowpane demo`, the built-in lines and the portrait. Megabytes are millions of bytes, bytecode
included; the time to install is mostly that of the network or of pip's cache. Goal for the report: 8 MB."""


def installs(pythons: Sequence[str]) -> str:
    """Try the wheel with each Python."""
    rows, first = [], None
    for python in pythons:
        done = subprocess.run(
            [python, str(ROOT / "tools" / "try_wheel.py")], capture_output=True, text=True, check=False
        )
        if done.returncode:
            rows.append([Path(python).name, *[""] * 6, f"failed: {done.stderr.strip().splitlines()[-1]}"])
            continue
        found = json.loads(done.stdout)
        first = first or found["answers"]
        same = "as in the first row" if found["answers"] == first else "others than in the first row"
        cells = [f"{found['wheel_mb']:.1f} MB", f"{found['build_s']:.0f} s", f"{found['install_mb']:.0f} MB"]
        cells += [found["packages"], f"{found['install_s']:.0f} s", f"{found['report_mb']:.1f} MB"]
        rows.append([found["python"], *cells, same if len(rows) else "all lines right"])
    head = ["Python", "wheel", "built in", "installed", "packages", "installed in", "report", "answers"]
    files = [path for path in PAGE.iterdir() if path.is_file()]
    weight = sum(path.stat().st_size for path in files) / 1000
    page = f"The page of `windowpane serve` is {len(files)} files of {weight:.0f} kB in all, not compressed."
    return f"{ABOUT_INSTALLS}\n\n{table(head, rows)}\n{page}"


# -- The start ---------------------------------------------------------------------------------------------

ABOUT_STARTS = """\
From the start of the process to its end, with the answer as JSON in between: medians of {repeats}, files in
the system's cache, one thread. Memory: the most that was resident. Goals: 0.3 s for the help, 1 s for an
answer."""
COMMANDS = {
    "windowpane --help": ["--help"],
    "windowpane read": ["read", "--json", str(DEMO / "ink.png")],
    "windowpane detect": ["detect", "--json", str(DEMO / "portrait.jpg")],
    "windowpane parse": ["parse", "--json", str(DEMO / "rocket.jpg"), "--out", "{out}"],
}


def starts(repeats: int) -> str:
    """Time commands from their start, turn by turn."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    memory = dict.fromkeys(COMMANDS, 0.0)
    with TemporaryDirectory() as out:
        for number in range(repeats + 1):
            for name, words in COMMANDS.items():
                seconds, resident = run([word.format(out=out) for word in words])
                if number:  # the first turn fills the caches
                    times[name].append(seconds)
                    memory[name] = max(memory[name], resident)
    rows = [
        [f"`{name}`", f"{median(times[name]):.2f} s", f"{max(times[name]):.2f} s", f"{memory[name]:.0f} MB"]
        for name in COMMANDS
    ]
    return f"{ABOUT_STARTS.format(repeats=repeats)}\n\n{table(['', 'median', 'slowest', 'memory'], rows)}"


def run(words: Sequence[str]) -> tuple[float, float]:
    """Run a command of windowpane; return its seconds and its largest resident memory in megabytes."""
    command = [sys.executable, "-S", "-c", LAUNCH, sys.executable, "-m", "windowpane", *words]
    status, seconds, kilobytes = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    if status:
        sys.exit(f"windowpane {' '.join(words)} failed")
    return seconds, kilobytes * 1024 / 1e6


LAUNCH = """
import os, sys, time
start = time.perf_counter()
quiet = [(os.POSIX_SPAWN_DUP2, os.open(os.devnull, os.O_WRONLY), 1)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
print([status, time.perf_counter() - start, used.ru_maxrss])
"""
"""Starts a command from a small process, for what was resident in that one counts as the command's too."""


# -- Runtimes and precision --------------------------------------------------------------------------------

ABOUT_RUNTIMES = """\
Milliseconds on one thread, medians, all in turn: `digits` a line of 32x160 pixels, `faces` a picture of
640x480, `scenes` one of 320x240, `ground` the bands of a frame of 1226x370. In brackets the share of these
that is the nets'. Right: strings of {composed} composed ZIP codes and of ORAND-CAR-A `test/`, any number of
digits; faces of CMU+MIT found at 10 false boxes; pixels of Stanford Background, fold 1; pixels of KITTI 06
from 12 to 50 m. The precision of OpenVINO is set explicitly. The nets of 8 bits (static, weights by channel,
activations by tensor) took their steps from the extremes on training data: ORAND-CAR-A `train/` and MNIST's
training writers, YouTube Faces and pictures without a face, Stanford Background folds 2 to 5, strips of the
outdoor scenes."""
WAYS: tuple[tuple[str, RuntimeName, bool], ...] = (
    ("ONNX Runtime f32", "onnxruntime", False),
    ("ONNX Runtime int8", "onnxruntime", True),
    ("OpenVINO f32", "openvino", False),
    ("OpenVINO bf16", "openvino-bf16", False),
    ("OpenVINO int8", "openvino", True),
)


class Ready(NamedTuple):
    """A system on one runtime: how it answers once, its engines, how to count what it gets right."""

    answer: Callable[[], object]
    engines: list[Engine]
    right: Callable[[], list[float]]


Make = Callable[[NetFile, RuntimeName], Ready]


def runtimes(quick: bool) -> str:
    """Measure each kind of net on each runtime and in each precision."""
    composed = 100 if quick else 500
    kinds: dict[str, Callable[[bool], tuple[NetFile, Make]]] = {
        "digits": lambda quick: digits(composed, quick),
        "faces": faces,
        "scenes": scenes,
        "ground": ground,
    }
    rows = []
    for name, prepare in kinds.items():
        small, make = prepare(quick)
        files = {False: load_net(name), True: small}
        ready = {way: make(files[eight], runtime) for way, runtime, eight in WAYS}
        for (way, _, eight), (ms, of_net) in zip(WAYS, times(list(ready.values()), quick), strict=True):
            exact = way == "OpenVINO f32"  # its scores are those of the first to six digits
            right = "as the first" if exact else " / ".join(percent(one, 2) for one in ready[way].right())
            kilobytes = f"{len(files[eight].data) / 1000:.0f} kB"
            rows.append([f"`{name}`", way, kilobytes, f"{ms:.2f} ({of_net:.2f})", right])
    head = ["net", "runtime", "file", "ms (of the nets)", "right"]
    return f"{ABOUT_RUNTIMES.format(composed=composed)}\n\n{table(head, rows)}"


class Clock:
    """A runtime that takes the time of another."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.ms = runtime, 0.0

    def __call__(self, batch: Floats) -> Sequence[Floats]:
        start = perf_counter()
        maps = self.runtime(batch)
        self.ms += 1000 * (perf_counter() - start)
        return maps


def times(systems: Sequence[Ready], quick: bool) -> list[tuple[float, float]]:
    """Return the milliseconds of an answer, and those of its nets, for each system; they take turns."""
    clocks = []
    for one in systems:
        clocks.append([Clock(engine.runtime) for engine in one.engines])
        for engine, clock in zip(one.engines, clocks[-1], strict=True):
            engine.runtime = clock
    found: list[list[tuple[float, float]]] = [[] for _ in systems]
    for number in range(8 if quick else 43):
        for one, own, each in zip(systems, clocks, found, strict=True):
            for clock in own:
                clock.ms = 0.0
            start = perf_counter()
            one.answer()
            if number > 2:
                each.append((1000 * (perf_counter() - start), sum(clock.ms for clock in own)))
    return [(median(all_ms for all_ms, _ in each), median(ms for _, ms in each)) for each in found]


# -- The four kinds of net: a version in 8 bits, and how each is measured ----------------------------------


def digits(composed: int, quick: bool) -> tuple[NetFile, Make]:
    examples = {
        "composed": list(islice(SETS["composed"][0](SEED), composed)),
        "orand": list(islice(SETS["orand"][0](SEED), 40 if quick else None)),
    }
    line = fitted(examples["composed"][0].pixels)

    def make(net: NetFile, runtime: RuntimeName) -> Ready:
        reader = Reader(net, runtime=runtime)

        def right() -> list[float]:
            readings = [list(reader.read(one.pixels for one in each)) for each in examples.values()]
            texts = [[one.text for one in each] for each in examples.values()]
            return [score(*pair)["right"] for pair in zip(readings, texts, strict=True)]

        return Ready(lambda: reader.read(line), [reader.engine], right)

    return eight_bits("digits", list(written_lines())), make


def written_lines() -> Iterator[Picture]:
    """Yield lines of the training parts: cheque amounts, and numbers in the digits of single writers."""
    yield from (load(line.path) for line in orand(data_root(), "train")[:100])
    rng, hands = np.random.default_rng(SEED), writers(mnist(data_root(), "train"))
    for _ in range(200):
        hand = hands[rng.integers(len(hands))]
        text = "".join(rng.choice(sorted(hand.digits), 5))
        yield photograph(rng, compose(rng, hand, text, PLAIN), "clean").pixels


def fitted(picture: Picture) -> Picture:
    """Return a line as 32 x 160 pixels."""
    return np.asarray(cv2.resize(picture, (160, 32), interpolation=cv2.INTER_AREA), np.uint8)


def faces(quick: bool) -> tuple[NetFile, Make]:
    images = [image for part in ("newtest", "test", "test-low") for image in cmu_mit(data_root(), part)]
    most = max(images, key=lambda image: len(image.frames))
    group = np.asarray(cv2.resize(load(most.path), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)
    images = images[:: 10 if quick else 1]
    pictures = [load(image.path) for image in images]

    def make(net: NetFile, runtime: RuntimeName) -> Ready:
        detector = Detector(net, runtime=runtime)
        engines = [detector.engine, *([detector.cascade.engine] if detector.cascade else [])]

        def right() -> list[float]:
            found = list(Detector(net, runtime=runtime, threshold=0.01).detect(pictures))
            boxes, scores = [one.boxes for one in found], [one.confidence for one in found]
            matches = match_all(boxes, scores, [image.frames for image in images])
            return [float(detection_curve(matches, 10)[10])]

        return Ready(lambda: detector.detect(group), engines, right)

    known = [load(image.path) for image in split(ytf68(data_root()), "train")[::60]]
    empty = [load(path) for path in split(negatives(data_root()), "train")[::40]]
    return eight_bits("faces", known[:40] + empty[:15]), make


def scenes(quick: bool) -> tuple[NetFile, Make]:
    (kept,) = sets_of("stanford-1").values()
    kept = replace(kept, scenes=kept.scenes[:: 10 if quick else 1])
    picture = np.asarray(cv2.resize(load(kept.scenes[0].picture), (320, 240)), np.uint8)

    def make(net: NetFile, runtime: RuntimeName) -> Ready:
        parser = Parser(net, runtime=runtime)
        engines = parser.engines
        return Ready(
            lambda: parser.parse(picture), engines, lambda: [Scores.of(table_of(parser, kept)).pixels]
        )

    learned = stanford_background(data_root(), range(2, FOLDS + 1)).scenes[::12]
    return eight_bits("scenes", [scene.picture for scene in learned]), make


def ground(quick: bool) -> tuple[NetFile, Make]:
    course = COURSES["kitti06"]
    rig, seen = frames_of(course, 6 if quick else None)

    def make(net: NetFile, runtime: RuntimeName) -> Ready:
        trunk = Backbone(net, runtime=runtime)
        vision = course.vision(rig, trunk)

        def right() -> list[float]:
            return [1 - Errors.of(drive(course.vision(rig, trunk), seen)[len(seen) // 2 :]).error]

        return Ready(lambda: described(vision, seen[0]), [trunk.engine], right)

    file = load_net("ground")
    known = read_terrain(["stanford-background", "camvid", "ycor"], data_root())[::12]
    batches = strips(known, size=4, height=60, width=160, grey=0.3, seed=(SEED, 0))
    data = quantized(file.data, (scaled(batch.bands).numpy() for batch in batches))
    return assembled(data, file.manifest), make


def described(vision: FarVision, sight: TrueFrame) -> object:
    """Describe the windows of all bands of a frame."""
    return vision.features(vision.bands(sight.picture, sight.ground.planes[0]))


def eight_bits(name: str, pictures: Sequence[Any]) -> NetFile:
    """Return a net that ships in 8 bits."""
    with TemporaryDirectory() as folder:
        return quantize(name, pictures, Path(folder) / f"{name}.onnx")


if __name__ == "__main__":
    main()
