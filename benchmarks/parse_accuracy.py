"""How well the parsers that ship do on pictures they did not learn from; writes its section.

python benchmarks/parse_accuracy.py [--nets scenes faithful streets terrain]
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from results import made_with, percent, publish, table

from windowpane.evaluate.parse import Counts, Scores, sets_of, table_of
from windowpane.parse.parser import Parser

SETS = {
    "scenes": "stanford-1",
    "faithful": "stanford-1",
    "streets": "camvid",
    "terrain": "ycor",
}
WAYS = ((1, False), (1, True), (4, False), (4, True))  # looks at each picture, and whether superpixels vote
ABOUT = """\
Each net on what was kept aside of its own set: fold 1 of Stanford Background, the test frames of CamVid and
those of its drive Seq05VD alone, the last fifth of YCOR's frames by their ids. No pretraining on other data.
Looks: at each picture; with four it is seen mirrored and enlarged too. Superpixels: whether they vote on the
labels; without them nothing is done afterwards."""
CONFUSION = """\
Of the pixels of each true class (row), the share that `{net}` gives to each class (column), on {name}: per
cent."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", choices=SETS, default=list(SETS))
    nets = parser.parse_args().nets
    rows, confused = [], []
    for net in nets:
        for (looks, vote), (name, scenes) in product(WAYS, sets_of(SETS[net]).items()):
            one = Parser(net, threads=2, tta=looks, superpixels=vote)
            counts = table_of(one, scenes)
            scores = Scores.of(counts)
            shares = [percent(value) for value in (scores.pixels, scores.classes, scores.union)]
            about = [net, one.manifest.card["parameters"], name, len(scenes.scenes), *said(looks, vote)]
            rows.append([*about, *shares])
            if name == SETS[net] and (looks, vote) == WAYS[0]:
                confused += [CONFUSION.format(net=net, name=name), confusion_table(counts, one.names)]
    head = ["net", "parameters", "set", "pictures", "looks", "superpixels"]
    head += ["pixels right", "of each class", "mean IoU"]
    body = [made_with("numpy", "onnxruntime"), ABOUT, table(head, rows), *confused]
    publish("parse-accuracy", "Scenes: accuracy", "\n\n".join(body), quick=len(nets) < len(SETS))


def said(looks: int, vote: bool) -> list[object]:
    """Return the cells of a table that say how pictures were parsed."""
    return [looks, "yes" if vote else "no"]


def confusion_table(counts: Counts, names: tuple[str, ...]) -> str:
    """Return a confusion table as Markdown, in per cent of each true class, with each class's IoU."""
    union = Scores.of(counts).each
    shares = 100 * counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    whole = counts.sum(axis=1) / counts.sum()
    rows = [
        [name, percent(share), *(f"{value:.1f}" for value in row), percent(iou)]
        for name, share, row, iou in zip(names, whole, shares, union, strict=True)
    ]
    return table(["true class", "of all", *names, "IoU"], rows)


if __name__ == "__main__":
    main()
