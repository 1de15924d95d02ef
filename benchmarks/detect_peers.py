"""Face detectors on the same pictures, this one among them; writes its section of RESULTS.md.

    python benchmarks/detect_peers.py [--net FILE] [--nets FOLDER] [--only NAME ...] [--tables NAME ...]

On CMU+MIT, and on photographs of today (`peers/photographs.py`); then how long they take. The peers are
installed by `make bench`, in an environment of their own; the nets of YuNet, SCRFD and UltraLight, which no
package has, are looked for in FOLDER. What is not there is said so.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep
from typing import get_args

import cv2
import numpy as np
from peers import photographs
from peers.contenders import PEERS, Answers, Contender, Found, NotMeasured, Running, contenders, find_all
from results import made_with, percent, publish, table

from windowpane.data.faces import FaceImage, Part, cmu_mit
from windowpane.data.root import data_root
from windowpane.evaluate.measures.detection import (
    EDGES,
    Matches,
    detection_curve,
    landmark_error,
    match_all,
    rate_by,
    size_group,
)

SEED = 2026
FALSE = (1, 10, 50, 100)  # false boxes in the whole set
SIZES = ((640, 480), (1920, 1080))  # of the pictures that are timed
THREADS = (1, 2)
TABLES = ("cmu", "photographs", "speed")
PICTURES, REPEATS = 8, 3  # timed of each size, how often
REST = 0.03  # seconds between two turns, for the threads of the last one to fall asleep
ON_FRONTAL_FACES = (
    "OpenCV Haar default",
    "dlib HOG, one enlargement",
    "dlib HOG",
)  # measured on CMU+MIT alone
GROUPS = [f"under {EDGES[0]}", *(f"{a}-{b - 1}" for a, b in pairwise(EDGES)), f"from {EDGES[-1]}"]
ABOUT = """\
All {faces} faces of the {pictures} pictures of CMU+MIT (newtest, test, test-low), which are taken as
they are. A true face has its centre midway between eyes and mouth and the size s, twice the distance
between these. A box finds it when its centre is within 0.5 s and its size (the root of its area) from
0.5 s to 2.5 s; one box a face, by falling score, and every other box is false. 1, 10, 50, 100 false:
the share of the faces found with at most so many false boxes in the whole set; for this every detector
gives all its boxes down to low scores. As it comes: found, and false boxes a picture, by the thresholds
that it has by itself. Landmarks off: mean distance of the five landmarks from the true ones over the
distance of the true eyes, for the faces found at 10 false."""
ABOUT_GROUPS = "Found at 10 false in all, by part of the set and by size s of the face in pixels (faces):"
ABOUT_TIMES = f"""\
Milliseconds from decoded pixels to boxes, by the detector's own thresholds, on 1 / 2 threads: medians
over {PICTURES} pictures of CMU+MIT, scaled and cut to the size, each seen {REPEATS} times. Every
detector has a process of its own, and they take turns."""


def main() -> None:
    options = arguments()
    root = data_root()
    nets = options.nets or Path(os.environ.get("WINDOWPANE_PEERS") or root.parent / "peers")
    every = contenders(options.net, nets, options.peers)
    measured = {name: one for name, one in every.items() if not options.only or name in options.only}
    parts = {part: cmu_mit(root, part)[: options.limit] for part in get_args(Part)}
    body = [made_with("numpy", "opencv-python-headless", "onnxruntime", seed=options.seed)]
    if "cmu" in options.tables:
        body += on_cmu_mit(measured, parts)
    if "photographs" in options.tables:
        newer = {name: one for name, one in measured.items() if name not in ON_FRONTAL_FACES}
        body.append(photographs.section(root, newer, options.limit, options.folder))
    if "speed" in options.tables:
        with TemporaryDirectory() as folder:
            pictures = write_pictures(Path(folder), parts, options.seed, options.limit or PICTURES)
            body.append(speed(in_turn(startable(measured), pictures, 1 if options.limit else REPEATS)))
    quick = options.limit is not None or bool(options.only) or set(options.tables) != set(TABLES)
    publish("detect-peers", "Faces: other detectors", "\n\n".join(body), quick=quick or bool(options.folder))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--net", default="faces", help="a net's name or file")
    parser.add_argument("--nets", type=Path, help="else $WINDOWPANE_PEERS, else peers/ beside the data sets")
    parser.add_argument(
        "--peers", type=Path, default=PEERS, help="the environment that they are installed in"
    )
    parser.add_argument(
        "--folder", type=Path, help="one more set: a folder with boxes of whole faces; printed"
    )
    parser.add_argument("--only", nargs="+", default=[], help="these detectors alone, printed")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES, help="these alone, printed")
    parser.add_argument("--limit", type=int, help="a quick look: so many pictures of each part, printed")
    parser.add_argument("--seed", type=int, default=SEED, help="chooses the pictures that are timed")
    return parser.parse_args()


def startable(measured: Mapping[str, Contender]) -> dict[str, Contender]:
    """Return those that can be measured."""
    able = {}
    for name, contender in measured.items():
        try:
            with Running(contender, 1, "default"):
                able[name] = contender
        except NotMeasured:
            pass  # the tables above say why
    return able


# -- What they find on CMU+MIT -----------------------------------------------------------------------------


def on_cmu_mit(measured: Mapping[str, Contender], parts: Mapping[str, list[FaceImage]]) -> list[str]:
    paths = [image.path for images in parts.values() for image in images]
    found, why_not = {}, {}
    for name, contender in measured.items():
        try:
            found[name] = find_all(contender, paths)
        except NotMeasured as reason:
            why_not[name] = f"not measured: {reason}"
    return [accuracy(found, why_not, parts), by_group(found, parts)]


def accuracy(
    found: Mapping[str, Answers], why_not: Mapping[str, str], parts: Mapping[str, list[FaceImage]]
) -> str:
    images = [image for each in parts.values() for image in each]
    rows = []
    for name, (about, low, plain) in found.items():
        matches, usual = matched(low, images), matched(plain, images)
        curve = detection_curve(matches, max(FALSE))
        as_it_comes = f"{percent(usual.found(-np.inf).mean())}, {usual.false_per_image(-np.inf):.2f}"
        rows.append(
            [name, *(percent(curve[k]) for k in FALSE), as_it_comes, off(low, images, matches), about]
        )
    rows += [[name, *[""] * (len(FALSE) + 2), reason] for name, reason in why_not.items()]
    head = ["detector", *(f"{k} false" for k in FALSE), "as it comes", "landmarks off", "what it is"]
    about = ABOUT.format(faces=sum(len(image.frames) for image in images), pictures=len(images))
    return f"{about}\n\n{table(head, rows)}"


def matched(found: Sequence[Found], images: Sequence[FaceImage]) -> Matches:
    return match_all(
        [each["boxes"] for each in found], [each["scores"] for each in found], [i.frames for i in images]
    )


def off(found: Sequence[Found], images: Sequence[FaceImage], matches: Matches) -> str:
    """Return the mean landmark error of the faces found at 10 false boxes; nothing without landmarks."""
    if "landmarks" not in found[0]:
        return ""
    true = np.concatenate([image.landmarks for image in images if image.landmarks is not None])
    given = np.concatenate([np.reshape(each["landmarks"], (-1, 5, 2)) for each in found])
    hit = matches.found(matches.threshold(10))
    return percent(landmark_error(given[matches.boxes[hit]], true[hit]).mean())


def by_group(found: Mapping[str, Answers], parts: Mapping[str, list[FaceImage]]) -> str:
    images = [image for each in parts.values() for image in each]
    part_of = [part for part, each in parts.items() for image in each for _ in image.frames]
    head: list[str] = []
    rows = []
    for name, (_, low, _) in found.items():
        matches = matched(low, images)
        threshold = matches.threshold(10)
        by_part = rate_by(matches, part_of, threshold)
        sizes = rate_by(matches, size_group(matches.sizes), threshold)
        rates = [*by_part.items(), *((GROUPS[int(str(group))], rate) for group, rate in sizes.items())]
        head = ["detector", *(f"{group} ({count})" for group, (_, count) in rates)]
        rows.append([name, *(percent(rate) for _, (rate, _) in rates)])
    return f"{ABOUT_GROUPS}\n\n{table(head, rows)}"


# -- How long they take ------------------------------------------------------------------------------------


def write_pictures(
    folder: Path, parts: Mapping[str, list[FaceImage]], seed: int, count: int
) -> dict[str, list[Path]]:
    """Write the pictures to be timed, by their size: some with faces, of the larger half."""
    images = [image for each in parts.values() for image in each if len(image.frames)]
    pixels = sorted((cv2.imread(str(image.path)) for image in images), key=lambda picture: -picture.size)
    larger = pixels[: max(count, len(pixels) // 2)]
    chosen = np.random.default_rng(seed).permutation(len(larger))[:count]
    written: dict[str, list[Path]] = {}
    for width, height in SIZES:
        paths = written[f"{width}x{height}"] = []
        for number in chosen:
            paths.append(folder / f"{width}-{number}.png")
            cv2.imwrite(str(paths[-1]), cut(larger[number], width, height))
    return written


def cut(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the middle of a picture that is scaled until it covers width x height."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    sides = (max(width, round(scale * picture.shape[1])), max(height, round(scale * picture.shape[0])))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, sides, interpolation=how)
    x, y = (sides[0] - width) // 2, (sides[1] - height) // 2
    return scaled[y : y + height, x : x + width]


def in_turn(
    contenders: Mapping[str, Contender], pictures: Mapping[str, list[Path]], repeats: int
) -> dict[str, dict[tuple[str, int], float]]:
    """Return for each detector its milliseconds by size of the picture and number of threads."""
    with ExitStack() as stack:
        running = {
            (name, threads): stack.enter_context(Running(contender, threads, "default"))
            for name, contender in contenders.items()
            for threads in THREADS
        }
        times: dict[str, dict[tuple[str, int], float]] = {name: {} for name in contenders}
        for size, paths in pictures.items():
            spent: dict[tuple[str, int], list[list[float]]] = {key: [] for key in running}
            for path in paths:
                for key, each in running.items():
                    each.find(path)  # to warm up: a new size
                    spent[key].append([])
                for _ in range(repeats):
                    for key, each in running.items():
                        sleep(REST)
                        spent[key][-1].append(each.find(path)["ms"])
            for (name, threads), each_picture in spent.items():
                times[name][size, threads] = median(map(median, each_picture))
        return times


def speed(times: Mapping[str, Mapping[tuple[str, int], float]]) -> str:
    sizes = [f"{width}x{height}" for width, height in SIZES]
    rows = [
        [name, *(" / ".join(f"{ms[size, threads]:.1f}" for threads in THREADS) for size in sizes)]
        for name, ms in times.items()
    ]
    return f"{ABOUT_TIMES}\n\n{table(['detector', *sizes], rows)}"


if __name__ == "__main__":
    main()
