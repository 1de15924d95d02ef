"""Cross-validation on Stanford Background, fold by fold; writes a section for each recipe.

    python benchmarks/parse_folds.py [RECIPE.toml] [--folds 1 2 3 4 5] [--out runs/folds]

Each fold is kept aside once and a net learns from the other four; what is already trained in the folder is
not trained again, and a training that was broken off goes on. Five folds take hours.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import numpy as np
from parse_accuracy import WAYS, said
from results import made_with, percent, publish, table

from windowpane.data.root import data_root
from windowpane.data.scenes import FOLDS, STANFORD, stanford_background
from windowpane.evaluate.parse import Counts, Scores, table_of
from windowpane.parse.parser import Parser
from windowpane.train.parse.config import Config
from windowpane.train.parse.recipe import train

RECIPE = Path(__file__).parents[1] / "src" / "windowpane" / "zoo" / "scenes.toml"
ABOUT = """\
Recipe `{name}`, {steps} steps a fold, {parameters} parameters, no pretraining. All: the pixels of all {count}
folds counted together. Looks: at each picture; with four it is seen mirrored and enlarged too. Superpixels:
whether they vote on the labels; without them nothing is done afterwards."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path, nargs="?", default=RECIPE)
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(1, FOLDS + 1)))
    parser.add_argument("--out", type=Path, default=Path("runs/folds"), help="the folder of the runs")
    options = parser.parse_args()
    config = Config.load(options.recipe)
    rows, every = [], []
    for fold in options.folds:
        net = trained(options.recipe, fold, options.out / f"{config.name}-{fold}")
        scenes = stanford_background(data_root(), [fold])
        every.append([table_of(Parser(net, tta=looks, superpixels=vote), scenes) for looks, vote in WAYS])
        rows.append([fold, *said(*WAYS[0]), *scores(every[-1][0])])
    for way, counts in zip(WAYS, np.sum(every, axis=0), strict=True):
        rows.append(["all", *said(*way), *scores(counts)])
    about = ABOUT.format(
        name=config.name,
        steps=config.steps,
        parameters=Parser(net).manifest.card["parameters"],
        count=len(options.folds),
    )
    head = ["fold", "looks", "superpixels", "pixels", "classes", "mean IoU", *STANFORD]
    body = [made_with("torch", "onnxruntime", seed=config.seed), about, table(head, rows)]
    publish(
        f"parse-folds-{config.name}",
        f"Scenes: Stanford Background, `{config.name}`",
        "\n\n".join(body),
        quick=False,
    )


def trained(recipe: Path, fold: int, folder: Path) -> Path:
    """Return the net of a recipe that did not see a fold, training it where that is still to be done."""
    folder.mkdir(parents=True, exist_ok=True)
    text = re.sub(r"^fold *=.*\n", "", recipe.read_text(), flags=re.MULTILINE)
    path = folder / "recipe.toml"
    path.write_text(f"{text}\nfold = {fold}\n")
    return train(path, out=folder, resume=True, progress=show)


def scores(counts: Counts) -> list[str]:
    """Return the shares of right pixels, of right pixels of each class on average, and the IoUs."""
    found = Scores.of(counts)
    return [percent(value) for value in (found.pixels, found.classes, found.union, *found.each)]


def show(what: str, done: int, total: int, remark: str) -> None:
    print(f"\r{what}: {done} of {total} {remark}        ", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
