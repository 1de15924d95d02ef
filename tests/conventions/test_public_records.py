"""Systems and answers show themselves in a few lines, and bad arguments are refused when a system is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import windowpane
from windowpane import ArgumentError
from windowpane.core.last_layer import Hyperparameters, SoftmaxLearner
from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.mapping.cell_report import explained
from windowpane.drive.perception.stereo import Matcher

DEMO = Path(windowpane.__file__).parent / "demo"
RIG = StereoRig(Pinhole(200, 200, 160, 120, 320, 240), 0.1, np.eye(4))


def of_pictures() -> Iterator[Any]:
    reader, detector, parser = windowpane.Reader(), windowpane.Detector(), windowpane.Parser()
    reading, found = reader.read(DEMO / "chalk.png"), detector.detect(DEMO / "portrait.jpg")
    yield from (reader, reading, reading.digits[0], reader.explain(DEMO / "chalk.png"))
    mail = windowpane.MailReader(country="US")
    yield from (mail, mail.chosen(np.full((50, 90, 3), 250, np.uint8), [reading]))
    yield from (windowpane.Tracker(), windowpane.Tracker(hits=1).update(found)[0])
    yield from (detector, found, found[0], detector.explain(DEMO / "portrait.jpg"))
    yield from (parser, parser.parse(DEMO / "portrait.jpg"), parser.explain(DEMO / "portrait.jpg"))
    yield from (windowpane.Lexicon.us_zip(), windowpane.PatchLearner(), windowpane.Failure("a.png", "broken"))


def of_nets() -> Iterator[Any]:
    for name in ("digits", "faces", "scenes", "ground"):
        net = windowpane.load_net(name)
        engine = windowpane.Engine(net)
        image = np.zeros((96, 96, net.manifest.channels), np.uint8)
        yield from (net, net.manifest, engine, *engine.run(image), net.manifest.outputs[0].window)


def of_the_robot() -> Iterator[Any]:
    recording = windowpane.Recording(DEMO / "drive")
    frame = recording[0]
    rig = windowpane.load_calibration(DEMO / "drive" / "calib.txt", recording.size)
    driver = windowpane.Driver(rig)
    sight = driver.step(frame.left, frame.right, frame.time)
    yield from (recording, frame, rig, rig.left, driver, driver.learner, driver.matcher, driver.odometry)
    yield from (sight, sight.depth, sight.ground, sight.motion, sight.far)
    pair = [(frame.left, frame.right)]
    images, wheels, imu = windowpane.Images(pair, pair), windowpane.Wheels(0, 0), windowpane.Imu(0, 0, 0, 0)
    rig = replace(
        rig, T_robot_camera=np.array([[0, 0, 1, 0.2], [-1, 0, 0, 0], [0, -1, 0, 1], [0, 0, 0, 1.0]])
    )
    navigator = windowpane.Navigator((10.0, 0.0), [rig], [rig], far_latency=0.0)
    for time in (0.0, 1.0):
        step = navigator.step(images, time, wheels=wheels, imu=imu)
    yield from (images, wheels, imu, navigator, step, step.near, step.command, step.route, *step.sights)
    yield from (step.map, navigator.map.vehicle, explained(step.map, 1.0, 0.0))


@pytest.mark.parametrize("some", [of_pictures, of_nets, of_the_robot])
def test_each_is_shown_in_a_few_lines(some: Callable[[], Iterator[Any]]) -> None:
    for one in some():
        shown, name = repr(one), type(one).__name__
        assert shown.lstrip("<").startswith(name), shown[:200]
        assert len(shown) < 400, f"{name}: {shown[:200]}"
        assert shown.count("\n") < 6, f"{name}: {shown[:200]}"
        assert "array(" not in shown, f"{name}: {shown[:200]}"
        assert " object at " not in shown, f"{name}: {shown[:200]}"


@pytest.mark.parametrize(
    "made",
    [
        lambda: windowpane.Reader(threshold=9),
        lambda: windowpane.Reader(vote="x"),
        lambda: windowpane.Reader(format="zip", length=7),
        lambda: windowpane.Reader(runtime="x"),
        lambda: windowpane.Detector(min_size=0),
        lambda: windowpane.Detector(threshold=2),
        lambda: windowpane.Detector(threads=0),
        lambda: windowpane.Tracker(threshold=2),
        lambda: windowpane.Parser(tta=3),
        lambda: windowpane.Parser(threads=0),
        lambda: windowpane.Lexicon.from_strings([]),
        lambda: windowpane.Lexicon.from_pattern("ab"),
        lambda: windowpane.Lexicon.from_range("9", "1"),
        lambda: windowpane.Window(0, 3),
        lambda: windowpane.Window(3, 3, (0, 1)),
        lambda: windowpane.Engine("digits", threads=0),
        lambda: windowpane.Engine("digits", tile_pixels=0),
        lambda: windowpane.Engine("digits", "x"),
        lambda: windowpane.PatchLearner(threads=0),
        lambda: windowpane.PatchLearner(runtime="x"),
        lambda: SoftmaxLearner(0, 4),
        lambda: SoftmaxLearner(2, 0),
        lambda: Hyperparameters(batch=0),
        lambda: Hyperparameters(fresh=2.0),
        lambda: Pinhole(0, 200, 160, 120, 320, 240),
        lambda: StereoRig(RIG.left, 0.0),
        lambda: StereoRig(RIG.left, 0.1, np.eye(3)),
        lambda: Matcher(RIG, disparities=0),
        lambda: Matcher(RIG, block=4),
        lambda: Matcher(RIG, farthest=0.0),
        lambda: windowpane.Odometry(RIG, start=np.eye(3)),
        lambda: windowpane.Driver(RIG, trust=0.0),
        lambda: windowpane.Driver(RIG, threads=0),
        lambda: windowpane.Driver(RIG, start=np.eye(3)),
        lambda: windowpane.Recording(DEMO / "drive", rate=0),
        lambda: windowpane.load_calibration(DEMO / "drive" / "calib.txt", (384, 512), cameras=(1, 1)),
        lambda: windowpane.Vehicle(width=0),
        lambda: windowpane.Navigator((1.0, np.nan), [RIG]),
        lambda: windowpane.Navigator((1.0, 0.0), []),
        lambda: windowpane.Navigator((1.0, 0.0), [replace(RIG, T_robot_camera=None)]),
        lambda: windowpane.Navigator((1.0, 0.0), [RIG], [RIG], far_latency=-1.0),
        lambda: windowpane.Navigator((1.0, 0.0), [RIG], vision="x"),
    ],
)
def test_bad_arguments_are_refused_at_once(made: Callable[[], Any]) -> None:
    with pytest.raises(ArgumentError, match=r"\w"):
        made()
