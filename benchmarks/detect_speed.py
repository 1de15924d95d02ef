"""How fast the face detector is, against itself and YuNet; writes its section of RESULTS.md.

    python benchmarks/detect_speed.py [--net FILE] [--nets FOLDER] [--goals]

All other detectors are timed by detect_peers.py. With --goals nothing but the ratios to YuNet is measured and
printed, and the exit status says whether the goals are met.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from results import made_with, publish, table

from windowpane.core.runtimes import RuntimeName
from windowpane.data.faces import cmu_mit
from windowpane.data.root import data_root
from windowpane.detect.detector import Detector
from windowpane.images import load

SIZES = ((320, 240), (640, 480), (1280, 960), (1920, 1080), (2560, 1920))
REPEATS = 15
WINDOWS = 4096  # that are run alone
YUNET = "face_detection_yunet_2023mar.onnx"
PICTURES = 12  # that are timed beside YuNet, in each of these sizes
GOALS = {(640, 480): 0.5, (1920, 1080): 0.4}  # of YuNet's time, on as many threads
SPEED_UP = 1.6  # by a second thread
REST = 0.03  # seconds between two turns, for the threads of the last one to fall asleep
Picture = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="faces", help="a net's name or file")
    parser.add_argument("--nets", type=Path, help="else $WINDOWPANE_PEERS, else peers/ beside the data sets")
    parser.add_argument("--goals", action="store_true", help="print the ratios to YuNet, and no more")
    options = parser.parse_args()
    net, root = options.net, data_root()
    yunet = (options.nets or Path(os.environ.get("WINDOWPANE_PEERS") or root.parent / "peers")) / YUNET
    if options.goals:
        text, met = beside_yunet(net, yunet)
        print(text)
        sys.exit(not met)
    largest = max(cmu_mit(root, "newtest"), key=lambda image: len(image.frames))
    picture = load(largest.path)
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", "openvino"),
        by_size(net, picture),
        beside_yunet(net, yunet)[0],
        all_scales(net, scaled(picture, 640, 480)),
        dense(net, scaled(picture, 640, 480)),
    ]
    publish("detect-speed", "Faces: speed", "\n\n".join(body), quick=False)


def by_size(net: str, picture: Picture) -> str:
    runs: list[tuple[str, RuntimeName, int]] = [
        ("ONNX Runtime, one thread", "onnxruntime", 1),
        ("ONNX Runtime, two threads", "onnxruntime", 2),
        ("OpenVINO, one thread", "openvino", 1),
        ("OpenVINO bf16, one thread", "openvino-bf16", 1),
        ("OpenVINO bf16, two threads", "openvino-bf16", 2),
    ]
    rows = []
    for name, runtime, threads in runs:
        detector = Detector(net, runtime=runtime, threads=threads)
        times = [taken(detector.detect, scaled(picture, *size)) for size in SIZES]
        pairs = zip(times, SIZES, strict=True)
        rows.append([name, *(f"{ms:.1f} ({1e6 * ms / (w * h):.1f})" for ms, (w, h) in pairs)])
    about = (
        "Milliseconds from pixels to boxes, and in brackets for a million pixels; faces from 20 pixels on,"
        f" medians of {REPEATS}:"
    )
    return f"{about}\n\n{table(['', *(f'{w}x{h}' for w, h in SIZES)], rows)}"


def beside_yunet(net: str, yunet: Path) -> tuple[str, bool]:
    """Return the times of both detectors in turn, and whether all goals are met."""
    if not yunet.exists():
        return f"Beside YuNet: not measured, for there is no {yunet.name}.", False
    race = partial(in_turn, net, str(yunet))
    head = ["", *(f"{w}x{h}: ours, YuNet, ratio (goal)" for w, h in GOALS)]
    rows, ours = [], []
    for name, threads in (("one thread", [1]), ("two threads", [2]), ("two processes of one thread", [1, 1])):
        with ProcessPoolExecutor(len(threads), get_context("spawn")) as pool:
            times, *_ = pool.map(race, threads)
        rows.append([name, *(f"{a:.1f}, {b:.1f}, {c:.2f} ({g})" for (a, b, c), g in times)])
        ours.append(times)
    gains = [one[0] / two[0] for (one, _), (two, _) in zip(*ours[:2], strict=True)]
    met = all(ratio <= goal for times in ours[:2] for (*_, ratio), goal in times) and min(gains) >= SPEED_UP
    about = (
        f"Milliseconds from pixels to boxes, medians of {PICTURES} pictures of CMU+MIT in the size, in turn"
        " with YuNet on as many threads of the same process; of the ratios too the median:"
    )
    gain = " and ".join(f"{gain:.2f}" for gain in gains)
    last = f"Two threads are {gain} times as fast as one (goal {SPEED_UP})."
    return f"{about}\n\n{table(head, rows)}\n{last}", met


def in_turn(net: str, yunet: str, threads: int) -> list[tuple[tuple[float, float, float], float]]:
    """Return for each size our median, YuNet's and that of their ratios, with the goal."""
    cv2.setNumThreads(threads)
    paths = [image.path for image in cmu_mit(data_root(), "newtest")]
    pictures = [load(path) for path in paths[:: len(paths) // PICTURES][:PICTURES]]
    detector, times = Detector(net, threads=threads), []
    for (width, height), goal in GOALS.items():
        other = cv2.FaceDetectorYN.create(yunet, "", (width, height))
        pairs = []
        for picture in pictures:
            seen = scaled(picture, width, height)
            ours = taken(detector.detect, seen)
            sleep(REST)
            pairs.append((ours, taken(other.detect, np.ascontiguousarray(seen[..., ::-1]))))
            sleep(REST)
        a, b = np.median(pairs, axis=0).tolist()
        times.append(((a, b, median(one / two for one, two in pairs)), goal))
    return times


def all_scales(net: str, picture: Picture) -> str:
    detector = Detector(net)
    levels = [level.image for level in detector.explain(picture).levels]
    run = detector.engine.run
    every = taken(lambda images: [run(image) for image in images], levels)
    pixels = [image.size for image in levels]
    return (
        f"All {len(levels)} scales of 640x480 together cost the net {sum(pixels) / pixels[0]:.2f} times the"
        f" finest by count of pixels, {every / taken(run, levels[0]):.2f} times by the clock (goal 2.1)."
    )


def dense(net: str, picture: Picture) -> str:
    """Compare the score map of one scale with the scores of its windows, cut out and run alone."""
    detector = Detector(net)
    image = next(iter(detector.explain(picture).levels)).image
    whole = detector.engine.run(image)[0]
    side = detector.decoder.window.height
    rows, cols = np.indices(whole.scores.shape[1:]).reshape(2, -1)[:, :WINDOWS]
    x0, y0 = whole.window.boxes(rows, cols)[:, :2].round().astype(int).T
    stack = np.stack([image[y : y + side, x : x + side] for y, x in zip(y0, x0, strict=True)])
    batch = detector.engine.run_batch
    alone = np.concatenate([batch(stack[i : i + 256])[0][:, 0, 0, 0] for i in range(0, len(stack), 256)])
    off = np.abs(alone - whole.scores[0, rows, cols]).max()
    each = taken(batch, stack[:256]) / 256
    one = taken(lambda windows: [batch(window[None]) for window in windows], stack[:256]) / 256
    cells, ms = whole.scores[0].size, taken(detector.engine.run, image)
    return (
        f"One scale of {image.shape[1]}x{image.shape[0]} pixels has {cells} windows of {side} pixels. In one"
        f" dense run they take {ms:.1f} ms; cut out and run in batches of 256 they take {cells * each:.0f}"
        f" ms, {cells * each / ms:.0f} times as long (goal 50), and one by one {cells * one / ms:.0f} times."
        f" The scores of the first {len(stack)} differ by at most {off:.1e}."
    )


def scaled(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def taken(run: Callable[[Any], object], given: object) -> float:
    """Return the median of the milliseconds that something takes."""
    run(given)  # once to warm up
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        run(given)
        times.append(1000 * (perf_counter() - start))
    return median(times)


if __name__ == "__main__":
    main()
