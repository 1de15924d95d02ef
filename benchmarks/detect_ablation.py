"""What each step of the face detector adds, and each round of mining; writes their sections of RESULTS.md.

    python benchmarks/detect_ablation.py [--run runs/faces]

The rounds of mining need the folder of the run that trained the nets, with a checkpoint of every round. All
is measured on people and pictures that were kept out of training and tuning, never on CMU+MIT.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from results import made_with, percent, publish, table

from windowpane.core.netfile import NetFile, load_net
from windowpane.core.pyramids import Level
from windowpane.data.faces import CALTECH_FRAME, caltech_crops, negatives, split, ytf68
from windowpane.data.root import data_root
from windowpane.detect.detections import Detections
from windowpane.detect.detector import Detector
from windowpane.evaluate.measures.detection import match_all
from windowpane.images import load

SEED = 2026
LOW = 0.0005  # of scores
FALSE = 1.0  # boxes for a million pixels
ABOUT = """\
{crops} crops of Caltech WebFaces, {people} pictures of people of YouTube Faces, {empty} pictures
without a face ({megapixels:.1f} megapixels). The faces are brought to sizes of 20 to 60 pixels, made
fainter and noisy. Found: the share of the faces that are found, by the protocol of CMU+MIT, at the
score that lets {false:g} false box pass for a million pixels of the pictures without a face. Boxes a
face: all boxes within reach of a face, at that score."""
MINED = """\
The same pictures and measures. Mined: false alarms for a million pixels that were found before the round
and learned in it: windows of the first net of a logit above -1, or boxes of both of one above -4; the second
net's first ones are boxes of the first net, eight times as many as it leaves to the second."""


@dataclass(frozen=True)
class Pictures:
    """faces: pictures of one face each. frames: cx, cy, s of it. empty: pictures without a face."""

    faces: Sequence[NDArray[np.uint8]]
    frames: Sequence[NDArray[np.float64]]
    empty: Sequence[NDArray[np.uint8]]
    crops: int  # of the faces; the others are of people

    @property
    def megapixels(self) -> float:
        return sum(picture.shape[0] * picture.shape[1] for picture in self.empty) / 1e6


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


def unsuppressed(net: str, pictures: Pictures) -> list[str]:
    """Measure a detector that keeps all boxes, those of the cascade's second stage too."""
    detector = Detector(net, threshold=LOW)
    for decoder in {detector.decoder, (detector.cascade or detector).decoder}:
        decoder.survivors = every_box  # type: ignore[method-assign]
    return measured(detector, pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="faces", help="a net's name or file")
    parser.add_argument("--run", type=Path, default=Path("runs/faces"), help="the folder of the run")
    parser.add_argument("--seed", type=int, default=SEED, help="of sizes, contrast and noise")
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
        crops=pictures.crops,
        people=len(pictures.faces) - pictures.crops,
        empty=len(pictures.empty),
        megapixels=pictures.megapixels,
        false=FALSE,
    )
    made = made_with("numpy", "opencv-python-headless", "onnxruntime", seed=options.seed)
    body = [made, about, table(["detector", "found", "boxes a face"], rows)]
    publish("detect-ablation", "Faces: what each step adds", "\n\n".join(body), quick=False)
    if mined := rounds(options.run, options.net, pictures):
        body = [made, MINED, table(["detector", "mined", "found", "boxes a face"], mined)]
        publish("detect-mining", "Faces: what each round of mining adds", "\n\n".join(body), quick=False)


def test_pictures(seed: int) -> Pictures:
    root, rng = data_root(), np.random.default_rng(seed)
    crops = [np.repeat(crop[..., None], 3, axis=2) for crop in caltech_crops(root, "test")]
    people = split(ytf68(root), "test")
    given = [(crop, np.array([CALTECH_FRAME]), (0.9, 1.8)) for crop in crops]
    given += [(load(person.path), person.frames, (0.35, 1.0)) for person in people]
    faces, frames = zip(*(worn(rng, *one) for one in given), strict=True)
    empty = [load(path) for path in split(negatives(root), "test")]
    return Pictures(faces, frames, empty, len(crops))


def worn(
    rng: np.random.Generator,
    picture: NDArray[np.uint8],
    frames: NDArray[np.float64],
    zooms: tuple[float, float],
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return a picture and its face in another size, fainter and with noise."""
    zoom = float(np.exp(rng.uniform(*np.log(zooms))))
    way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=way).astype(np.float64)
    faint = (scaled - scaled.mean()) * rng.uniform(0.25, 1) + rng.uniform(70, 180)
    noisy = faint + rng.normal(0, rng.uniform(0, 16), scaled.shape[:2])[..., None]
    return np.clip(noisy, 0, 255).astype(np.uint8), frames * zoom


def measured(detector: Detector, pictures: Pictures) -> list[str]:
    """Return the share of faces found, and how many boxes stand on a face."""
    false = np.concatenate([detector.detect(picture).confidence for picture in pictures.empty])
    allowed = int(FALSE * pictures.megapixels)
    limit = np.sort(false)[::-1][allowed] if len(false) > allowed else 0.0
    found = [detector.detect(picture) for picture in pictures.faces]
    matches = match_all([one.boxes for one in found], [one.confidence for one in found], pictures.frames)
    hit = matches.found(np.nextafter(limit, 1))
    pairs = zip(found, pictures.frames, strict=True)
    near = [on_face(one[one.confidence > limit], frame) for one, frame in pairs]
    return [percent(hit.mean()), f"{sum(near) / max(1, np.count_nonzero(near)):.2f}"]


def on_face(found: Detections, frames: NDArray[np.float64]) -> int:
    (x, y, size) = frames[0]
    middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    return int((np.hypot(*(middle - (x, y)).T) <= size / 2).sum())


def rounds(run: Path, net: str, pictures: Pictures) -> list[list[str]]:
    """Measure both nets after every round of a run, from its checkpoints; nothing without a run."""
    if not (run / "round-0.pt").exists():
        return []
    import json

    import torch

    from windowpane.train.detect.cascade import StageTraining, first_stage, second_stage
    from windowpane.train.detect.config import Config
    from windowpane.train.detect.dataset import LANDMARKS, Dataset, Variety
    from windowpane.train.detect.net_file import with_second_stage, write_net
    from windowpane.train.loop.weights import with_new_names

    log = [json.loads(line) for line in (run / "mining.jsonl").read_text().splitlines()]
    mined = {row["stage"]: f"{row['false_alarms_per_megapixel']:.1f}" for row in log}
    nothing = Dataset(None, [], [], ("face",), "grey", LANDMARKS, Variety())  # type: ignore[arg-type]
    shipped = load_net(net)
    recipe = shipped.manifest.card["recipe"]
    config = Config(maps=tuple(recipe["maps"]), second_maps=tuple(recipe["second_maps"]))
    rows = []

    def measure(
        one: StageTraining, name: str, make: Callable[[StageTraining, Config, Path], NetFile]
    ) -> None:
        for number in range(len(list(run.glob(f"{one.prefix}round-*.pt")))):
            stage = f"{one.prefix}round-{number}"
            weights = torch.load(run / f"{stage}.pt", weights_only=True)["averaged"]
            one.net.load_state_dict(with_new_names(weights))
            with TemporaryDirectory() as folder:
                file = make(one, config, Path(folder) / "net.onnx")
            after = f"{name}, after round {number}" if number else f"{name}, no mining"
            rows.append([after, mined.get(stage, ""), *measured(Detector(file, threshold=LOW), pictures)])

    measure(first_stage(config, nothing, nothing), "first net alone", write_net)
    second = second_stage(config, nothing, nothing)
    measure(second, "both nets", lambda *given: with_second_stage(shipped, *given))
    return rows


if __name__ == "__main__":
    main()
