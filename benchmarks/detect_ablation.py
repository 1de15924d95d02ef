"""What each step of the face detector adds, and each stage of its training; writes both to RESULTS.md.

    python benchmarks/detect_ablation.py [--run runs/faces]

What each stage of the training adds needs the folder of the run that trained the nets, with a checkpoint of
every stage. All is measured on photographs that were kept out of training and tuning, never on CMU+MIT.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from results import made_with, percent, publish, table

from windowpane.core.netfile import NetFile, load_net
from windowpane.core.pyramids import Level
from windowpane.data.photographs import SETS, photographs
from windowpane.data.root import data_root
from windowpane.detect.detections import Detections
from windowpane.detect.detector import Detector
from windowpane.evaluate.photographs import Shown, judged, sets_there, show

SEED = 2026
LOW = 0.01  # of scores
FALSE = 10  # boxes for 100 pictures
PICTURES = 40  # of each set, at most
ABOUT = """\
The test folds of {sets}: {pictures} photographs with {faces} faces, at
most {most} of a set, by the protocol of the photographs of today. Found: the share of the faces that are
found with {false} false boxes for 100 pictures, the mean of the sets. Boxes a face: all boxes within reach
of a face, at that score."""
LEARNED = """\
The same photographs and measures. Mined: false positives for a million pixels that were found before the
round and learned in it: boxes of both nets of a logit above -4; before the second net's first round those of
the first net, eight times as many as it leaves to the second."""


@dataclass(frozen=True)
class Set:
    """Photographs of one set, as the protocol shows them."""

    name: str
    shown: Sequence[Shown]


class OctaveDetector(Detector):
    """Looks at every second level: a pyramid of factor 2."""

    def _pyramid(self, picture: NDArray[np.uint8]) -> Iterator[Level]:
        whole, *levels = super()._pyramid(picture)
        yield from [whole, *levels[::2]]


def every_box(found: Detections) -> NDArray[np.intp]:
    """Suppress nothing."""
    return np.argsort(-found.confidence, kind="stable")


def first_alone(net: str) -> NetFile:
    """Return the first net of a file."""
    return replace(load_net(net), second=None)


def looking_once(net: str) -> Detector:
    """Return a detector that takes the second net's first opinion, without looking again."""
    detector = Detector(net, threshold=LOW)
    stage = detector.cascade
    assert stage is not None

    def first_opinion(found: Detections, *_: object) -> Detections:
        return found

    stage._verify_again = first_opinion  # type: ignore[method-assign, assignment]
    return detector


def looking_twice(net: str) -> Detector:
    """Return a detector that is sure of all that it has looked at twice."""
    detector = Detector(net, threshold=LOW)
    assert detector.cascade is not None
    detector.cascade.tta_threshold = -math.inf
    return detector


def unsuppressed(net: str, pictures: Sequence[Set]) -> list[str]:
    """Measure a detector that keeps all boxes, those of the cascade's second stage too."""
    detector = Detector(net, threshold=LOW)
    for decoder in {detector.decoder, (detector.cascade or detector).decoder}:
        decoder.survivors = every_box  # type: ignore[method-assign]
    return measured(detector, pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="faces", help="a net's name or file")
    parser.add_argument("--run", type=Path, default=Path("runs/faces"), help="the folder of the run")
    parser.add_argument("--seed", type=int, default=SEED, help="draws the photographs")
    options = parser.parse_args()
    pictures = test_pictures(options.seed)
    rows = [
        ["the net that ships", *measured(Detector(options.net, threshold=LOW), pictures)],
        ["pyramid of factor 2", *measured(OctaveDetector(options.net, threshold=LOW), pictures)],
        ["without suppression", *unsuppressed(options.net, pictures)],
        ["without looks from nearer and farther", *measured(looking_twice(options.net), pictures)],
        ["without looking again at all", *measured(looking_once(options.net), pictures)],
        ["without the second look", *measured(Detector(first_alone(options.net), threshold=LOW), pictures)],
    ]
    about = ABOUT.format(
        sets=", ".join(one.name for one in pictures),
        pictures=sum(len(one.shown) for one in pictures),
        faces=sum(len(each.truth.boxes) for one in pictures for each in one.shown),
        most=PICTURES,
        false=FALSE,
    )
    made = made_with("numpy", "opencv-python-headless", "onnxruntime", seed=options.seed)
    body = [made, about, table(["detector", "found", "boxes a face"], rows)]
    publish("detect-ablation", "Faces: what each step adds", "\n\n".join(body), quick=False)
    if learned := rounds(options.run, options.net, pictures):
        body = [made, LEARNED, table(["detector", "mined", "found", "boxes a face"], learned)]
        publish("detect-mining", "Faces: what each stage of training adds", "\n\n".join(body), quick=False)


def test_pictures(seed: int) -> list[Set]:
    """Return the photographs of all sets that are there and in which nearly all faces are marked."""
    root, rng, sets = data_root(), np.random.default_rng(seed), []
    for name in sets_there(root):
        if SETS[name].complete:
            photos = photographs(root, name, "test")
            chosen = rng.permutation(len(photos))[:PICTURES]
            sets.append(Set(name, [show(photos[number]) for number in sorted(chosen)]))
    return sets


def measured(detector: Detector, pictures: Sequence[Set]) -> list[str]:
    """Return the share of faces found, and how many boxes stand on a face."""
    rates, near = [], []
    for one in pictures:
        found = [detector.detect(each.pixels) for each in one.shown]
        answers = [(each.boxes, each.confidence) for each in found]
        result = judged(answers, answers, [each.truth for each in one.shown])
        limit = result.at(FALSE)
        rates.append(result.found_at(FALSE).mean())
        near += [
            number
            for each, picture in zip(found, one.shown, strict=True)
            for number in on_faces(each[each.confidence >= limit], picture)
            if number
        ]
    return [percent(np.mean(rates)), f"{np.mean(near):.2f}"]


def on_faces(found: Detections, picture: Shown) -> list[int]:
    """Return how many boxes have their middle near that of each face."""
    boxes = picture.truth.boxes[~picture.truth.ignored]
    middles, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    away = np.hypot(*(middle[:, None] - middles).transpose(2, 0, 1))
    return [int(number) for number in (away <= sizes / 2).sum(axis=0)]


def rounds(run: Path, net: str, pictures: Sequence[Set]) -> list[list[str]]:
    """Measure both nets after every stage of a run, from its checkpoints; nothing without a run."""
    if not (run / "whole.pt").exists():
        return []
    import json

    import torch

    from windowpane.train.detect.cascade import StageTraining, first_stage, second_stage
    from windowpane.train.detect.config import Config
    from windowpane.train.detect.dataset import FACES_VARY, LANDMARKS, Dataset
    from windowpane.train.detect.net_file import with_second_stage, write_net
    from windowpane.train.loop.weights import with_new_names

    log = [json.loads(line) for line in (run / "mining.jsonl").read_text().splitlines()]
    mined = {row["stage"]: f"{row['false_alarms_per_megapixel']:.1f}" for row in log}
    nothing = Dataset(None, [], [], ("face",), "grey", LANDMARKS, FACES_VARY)  # type: ignore[arg-type]
    shipped = load_net(net)
    recipe = shipped.manifest.card["recipe"]
    shapes = {key: tuple(recipe[key]) for key in ("maps", "strides", "second_maps", "second_strides")}
    config = Config(second_size=recipe["second_size"], **shapes)  # type: ignore[arg-type]
    rows = []

    def measure(
        one: StageTraining, name: str, make: Callable[[StageTraining, Config, Path], NetFile]
    ) -> None:
        count = len(list(run.glob(f"{one.prefix}round-*.pt")))
        whole, windows = f"{one.prefix}whole", [f"{one.prefix}round-{number}" for number in range(count)]
        for stage in (whole, *windows) if one.prefix else (*windows, whole):  # as they were trained
            weights = torch.load(run / f"{stage}.pt", weights_only=True)["averaged"]
            one.net.load_state_dict(with_new_names(weights))
            with TemporaryDirectory() as folder:
                file = make(one, config, Path(folder) / "net.onnx")
            row = measured(Detector(file, threshold=LOW), pictures)
            rows.append([f"{name}, after {stage}", mined.get(stage, ""), *row])

    measure(first_stage(config, nothing, nothing), "first net alone", write_net)
    second = second_stage(config, nothing, nothing)
    measure(second, "both nets", lambda *given: with_second_stage(shipped, *given))
    return rows


if __name__ == "__main__":
    main()
