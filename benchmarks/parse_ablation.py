"""What each idea of the multi-scale parser brings: small nets that differ in one thing, trained alike.

    python benchmarks/parse_ablation.py [--steps 500] [--out runs/parse-ablation]

All learn from folds 2 to 5 of Stanford Background at half its size, for as many steps; what is already
trained in the folder is not trained again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from results import made_with, percent, publish, table

from windowpane.data.root import data_root
from windowpane.data.scenes import stanford_background
from windowpane.evaluate.parse import Counts, Scores, confusion
from windowpane.images import load
from windowpane.parse.parser import Parser
from windowpane.train.parse.recipe import train

FOLD, SIZE = 1, (160, 120)
BASE: Mapping[str, object] = {
    "scenes": "stanford-background",
    "fold": FOLD,
    "maps": [16, 32, 64, 64],
    "halvings": 2,
    "light": False,
    "wider": 0,
    "finer": 1,
    "levels": 3,
    "hidden": 0,
    "auxiliary": 0,
    "height": SIZE[1],
    "width": SIZE[0],
    "threads": 1,
}
OTHERS: Mapping[str, Mapping[str, object]] = {
    "three scales, shared weights": {},
    "one scale": {"levels": 1},
    "four scales": {"levels": 4},
    "three scales, weights of their own": {"shared": False},
    "one for the first, one for the others": {"wider": 1},
    "the one for the others twice as wide": {"wider": 2},
    "two layers after upsampling": {"hidden": 128},
    "each scale learns to tell the classes alone, too": {"auxiliary": 0.3},
    "Laplacian bands, locally normalized": {"pyramid": "laplacian"},
}
ABOUT = """\
Trained for {steps} steps of 8 views of {width}x{height} pixels and measured on fold {fold}, {count} pictures,
in that size: a small training, to compare, not the best that each can do. The first row is the lecture's:
three scales, one net for all, a linear classifier on all features; every other row differs in one thing.
Features are upsampled before a classifier of two layers; before or after a linear one is the same."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument(
        "--out", type=Path, default=Path("runs/parse-ablation"), help="the folder of the runs"
    )
    options = parser.parse_args()
    rows = []
    for number, (what, different) in enumerate(OTHERS.items()):
        net = trained({**BASE, **different, "steps": options.steps}, options.out / str(number))
        found, reader = Scores.of(table_of(net)), Parser(net)
        shares = [percent(value) for value in (found.pixels, found.classes, found.union)]
        window = reader.window.height * 2 ** (reader.manifest.settings["levels"] - 1)
        rows.append([what, reader.manifest.card["parameters"], f"{window}x{window}", *shares])
    head = ["net", "parameters", "sees, pixels", "pixels right", "of each class", "mean IoU"]
    count = len(stanford_background(data_root(), [FOLD]).scenes)
    width, height = SIZE
    about = ABOUT.format(steps=options.steps, fold=FOLD, count=count, width=width, height=height)
    body = [made_with("torch", "onnxruntime", seed=1), about, table(head, rows)]
    publish("parse-ablation", "Scenes: what each idea brings", "\n\n".join(body), quick=False)


def trained(settings: Mapping[str, object], folder: Path) -> Path:
    """Return the net of a recipe, training it where that is still to be done."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.toml"
    # What JSON makes of texts, numbers, lists and truths is TOML too.
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    return train(path, out=folder, resume=True, progress=show)


def table_of(net: Path) -> Counts:
    """Return the confusion table of a net on the fold kept aside, in the size that it was trained for."""
    parser, scenes = Parser(net), stanford_background(data_root(), [FOLD])
    counts = np.zeros((len(scenes.names),) * 2, np.int64)
    for scene in scenes.scenes:
        picture = cv2.resize(load(scene.picture), SIZE, interpolation=cv2.INTER_AREA)
        labels = cv2.resize(scenes.labels(scene), SIZE, interpolation=cv2.INTER_NEAREST)
        found = parser.parse(np.asarray(picture)).class_ids
        counts += confusion(found, np.asarray(labels), len(scenes.names))
    return counts


def show(what: str, done: int, total: int, remark: str) -> None:
    print(f"\r{what}: {done} of {total} {remark}        ", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
