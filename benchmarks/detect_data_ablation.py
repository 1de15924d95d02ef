"""What each set of photographs and each augmentation brings the face detector; writes it to RESULTS.md.

    python benchmarks/detect_data_ablation.py --run runs/faces [--steps 1000]

The second net is trained anew, shortly, once for each row, with one set or one augmentation left out; the
first net is the one that ships, and what it mined for its own second net, in the folder of that run, is what
all rows learn not to take for a face. So the rows differ by what is left out alone, and by chance. All is
measured on photographs that were kept out of training and tuning.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from detect_ablation import FALSE, LOW, PICTURES, SEED, Set, test_pictures
from numpy.typing import NDArray
from results import made_with, percent, publish, table

from windowpane.core.netfile import NetFile, load_net
from windowpane.data.root import data_root
from windowpane.detect.detector import Detector
from windowpane.evaluate.photographs import finds, judged
from windowpane.evaluate.stress import Portrait, portraits, stressed
from windowpane.train.detect.cascade import second_stage
from windowpane.train.detect.config import Config
from windowpane.train.detect.dataset import Dataset
from windowpane.train.detect.net_file import with_second_stage
from windowpane.train.detect.objects import Objects
from windowpane.train.detect.recipe import run_rounds
from windowpane.train.loop.run import begin_run

RECIPE = Path(__file__).parents[1] / "src" / "windowpane" / "zoo" / "faces.toml"
STRESSES = (
    "cut at the side by 40 %",
    "turned by 45 degrees",
    "turned by 180 degrees",
    "dark",
    "reduced to 16 pixels",
)
OFF: dict[str, dict[str, Any]] = {
    "turns by any angle": {"any_turn": 0.0},
    "turns by up to 34 degrees": {"turn": 0.0},
    "cuts by the edge of the picture": {"cut_off": 0.0},
    "masks, glasses and hands before faces": {"covered": 0.0},
    "mirrored faces": {"mirror": False},
}
ABOUT = """\
Short trainings of the second net, {steps:,} batches each, on what is left when one set or one augmentation
is left out; the first net is the one that ships. Found: the share of the faces of the test folds of
{sets} (at most {most} photographs of each) with {false} false boxes for 100 pictures,
the mean of the sets; then that of the set that was left out; then how many of {portraits}
portraits are found that were made harder, at the score where
all photographs together have as many false boxes. Two points of the mean are within chance."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/faces"), help="the folder of the run")
    parser.add_argument("--steps", type=int, default=1000, help="batches of each training")
    options = parser.parse_args()
    config = replace(Config.load(RECIPE), second_rounds=0, second_steps=options.steps, second_whole_steps=0)
    pictures, hard = test_pictures(SEED), list(portraits(data_root()))
    bare = config.backgrounds[:1]  # that none is looked at: all is mined already
    by_set = {
        name: replace(config, faces=(name,), backgrounds=bare).dataset(RECIPE.parent, second=True)
        for name in config.faces
    }
    rows = []
    for name, left_out, dataset in variants(by_set):
        detector = Detector(trained(config, dataset, options.run), threshold=LOW)
        rows.append([name, *measured(detector, pictures, left_out, hard)])
        print(*rows[-1], sep=" | ", flush=True)
    about = ABOUT.format(
        steps=options.steps,
        sets=", ".join(one.name for one in pictures),
        most=PICTURES,
        false=FALSE,
        portraits=len(hard),
    )
    made = made_with("torch", "numpy", "opencv-python-headless", "onnxruntime", seed=SEED)
    body = [made, about, table(["left out", "found", "of that set", *STRESSES], rows)]
    publish(
        "detect-data", "Faces: what each set and each augmentation brings", "\n\n".join(body), quick=False
    )


def variants(by_set: dict[str, Dataset]) -> Iterator[tuple[str, str, Dataset]]:
    """Yield what is left out, its name if it is a set, and what is left to learn from."""
    everything = joined(list(by_set.values()))
    yield "nothing", "", everything
    for name in by_set:
        yield f"the set {name}", name, joined([one for other, one in by_set.items() if other != name])
    for name, off in OFF.items():
        yield name, "", replace(everything, variety=replace(everything.variety, **off))


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Return several sets of faces as one; those without landmarks get unknown ones."""
    best = max(parts, key=lambda part: part.points)
    landmarks = [
        part.objects.landmarks
        if part.points
        else np.full((len(part.objects), best.points, 2), np.nan, np.float32)
        for part in parts
    ]
    objects = Objects(
        np.concatenate([part.objects.crops for part in parts]),
        best.objects.size,
        np.concatenate([part.objects.class_ids for part in parts]),
        np.concatenate([part.objects.stretch for part in parts]),
        np.concatenate(landmarks),
        np.concatenate([part.objects.weights for part in parts]),
    )
    shown = [one for part in parts for one in part.shown]
    empty = [one for part in parts for one in part.empty]
    return replace(best, objects=objects, shown=shown, empty=empty)


def trained(config: Config, dataset: Dataset, run_folder: Path) -> NetFile:
    """Train a second net on a dataset; the windows that the run mined for its own are there already."""
    with TemporaryDirectory() as folder, begin_run(config, out=folder, resume=True, progress=None) as run:
        os.symlink((run_folder / "second-mined-0").resolve(), Path(folder) / "second-mined-0")
        second = second_stage(config, dataset, dataset)
        run_rounds(second, lambda _: nothing_found, config, run)
        return with_second_stage(load_net("faces"), second, config, Path(folder) / "faces.onnx")


def nothing_found(*_: object) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find nothing: for all has been mined."""
    return np.zeros((0, 4)), np.zeros(0)


def measured(
    detector: Detector, pictures: Sequence[Set], left_out: str, hard: Sequence[Portrait]
) -> list[str]:
    """Return a row: found on all sets, found on the set that was left out, and of the hard portraits."""
    answers, truths, shares = [], [], {}
    for one in pictures:
        found = [detector.detect(each.pixels) for each in one.shown]
        answers.append([(each.boxes, each.confidence) for each in found])
        truths.append([each.truth for each in one.shown])
        shares[one.name] = float(judged(answers[-1], answers[-1], truths[-1]).found_at(FALSE).mean())
    every = list(chain.from_iterable(answers))
    limit = judged(every, every, list(chain.from_iterable(truths))).at(FALSE)
    portraits_found = []
    for name in STRESSES:
        seen = [(detector.detect(one.pixels), one) for one in stressed(list(hard), name)]
        number = sum(finds(found.boxes[found.confidence >= limit], one) for found, one in seen)
        portraits_found.append(str(number))
    own = percent(shares[left_out]) if left_out in shares else ""
    return [percent(float(np.mean(list(shares.values())))), own, *portraits_found]


if __name__ == "__main__":
    main()
