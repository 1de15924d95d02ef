"""An example for the parser (semantic segmentation): drawn country scenes, each with a PNG of class numbers.

    country.toml   README.md   train/, test/: classes.txt, images/00.jpg ..., labels/00.png ...

Sky and lake have about one colour, and so have meadow and trees: what a pixel is, its surroundings tell.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.scenes import UNKNOWN

PARTS = {"train": 80, "test": 20}
"""Scenes of each folder."""
CLASSES = ("sky", "hill", "meadow", "lake", "road", "tree")
SKY, HILL, MEADOW, LAKE, ROAD, TREE = range(len(CLASSES))
HEIGHT, WIDTH = 120, 160
NOISE = {SKY: (2, 9), HILL: (8, 3), MEADOW: (16, 1), LAKE: (6, 2), ROAD: (7, 1), TREE: (20, 2)}
"""Of each class the roughness, in grey levels, and how large its grains are, in pixels."""

Image = NDArray[np.uint8]
Rng = np.random.Generator

CONFIG = """\
name = "country"
scenes = "train"            # images/, labels/ and classes.txt, relative to this file
maps = [16, 32, 64, 64]     # channels of the backbone's layers
halvings = 2                # how many of them have stride 2
wider = 0                   # the same backbone for all sizes
levels = 3                  # sizes in which a picture is seen
height = 96                 # of a view in training, pixels
width = 128
steps = 1_000
batch = 8
patience = 3                # early stopping: ends when 300 steps were no better on the validation set
threads = 2
sets = "drawn by windowpane new parse"
terms = "as free as the code"
"""

README = """\
# Parse scenes with a net of your own (semantic segmentation)

`train/` has 80 scenes, `test/` 20 more: a picture in `images/` and in `labels/` a PNG with the number of
its class for each pixel, 255 where it is not known; `classes.txt` names the classes. All are drawn by a
program: they stand where yours will.

```sh
windowpane check train
windowpane train parse country.toml
windowpane eval parse test --net runs/country/country.onnx
windowpane parse test/images/00.jpg --net runs/country/country.onnx --out parsed
windowpane nets runs/country/country.onnx
```

Training shows the loss and the time left; Ctrl-C stops it, `--resume` goes on. `runs/country/log.jsonl`
says how it went.

**Your own.** Put your pictures and labels into `train/` and `test/` in place of these, and the names of
your classes into both `classes.txt`. A few dozen are a beginning. In `country.toml` set `sets` and `terms`,
which the net's card tells; for real pictures leave out `maps`, `halvings`, `wider`, `levels`, `height`,
`width` and `steps`: the defaults train a larger net, for half an hour or more.
"""


def write(folder: Path, seed: int) -> None:
    """Write both folders of scenes."""
    for place, (part, count) in enumerate(PARTS.items()):
        rng = np.random.default_rng((seed, place))
        for name in ("images", "labels"):
            (folder / part / name).mkdir(parents=True)
        (folder / part / "classes.txt").write_text("".join(f"{name}\n" for name in CLASSES), encoding="utf-8")
        for number in range(count):
            picture, labels = draw_scene(rng)
            cv2.imwrite(str(folder / part / "images" / f"{number:02d}.jpg"), picture[..., ::-1])
            cv2.imwrite(str(folder / part / "labels" / f"{number:02d}.png"), labels)


def draw_scene(rng: Rng) -> tuple[Image, Image]:
    """Return a picture (H, W, 3) of a scene and its labels (H, W); edges between classes are not known."""
    labels = _lay_out(rng)
    picture = np.zeros((HEIGHT, WIDTH, 3))
    for number, colour in enumerate(_colours(rng)):
        rough, grain = NOISE[number]
        noise = cv2.GaussianBlur(rng.normal(size=(HEIGHT, WIDTH)), (0, 0), grain)
        if number == LAKE:  # ripples lie flat
            noise = cv2.GaussianBlur(rng.normal(size=(HEIGHT, WIDTH)), (0, 0), 8, sigmaY=0.7)
        here = labels == number
        picture[here] = (colour + rough * (noise / noise.std())[..., None])[here]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7) + rng.normal(0, 3, picture.shape)
    edges = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    known = np.where(edges & (rng.random(labels.shape) < 0.5), UNKNOWN, labels)
    return np.clip(picture, 0, 255).astype(np.uint8), known.astype(np.uint8)


def _lay_out(rng: Rng) -> Image:
    """Draw which class is where, the farthest first."""
    labels = np.full((HEIGHT, WIDTH), SKY, np.uint8)
    horizon = int(rng.integers(40, 70))
    x = np.arange(WIDTH)
    ridge = horizon - rng.uniform(4, 22) * (1 + np.sin(x * rng.uniform(0.02, 0.07) + rng.uniform(0, 6.3))) / 2
    for column, top in enumerate(ridge.astype(int)):
        labels[top:, column] = HILL
    labels[horizon:] = MEADOW
    if rng.random() < 0.6:
        shore = (int(rng.integers(WIDTH)), int(rng.integers(horizon + 10, HEIGHT - 15)))
        axes = (int(rng.integers(20, 60)), int(rng.integers(5, 14)))
        cv2.ellipse(labels, shore, axes, 0, 0, 360, LAKE, -1)
    if rng.random() < 0.7:
        far, near, half = rng.integers([20, 0, 12], [WIDTH - 20, WIDTH, 30])
        road = [[far - 1, horizon], [far + 1, horizon], [near + half, HEIGHT], [near - half, HEIGHT]]
        cv2.fillPoly(labels, [np.array(road, np.int32)], ROAD)
    for foot in np.sort(rng.integers(horizon + 2, HEIGHT - 8, int(rng.integers(0, 6)))).tolist():
        size = 8 + (foot - horizon) // 2  # nearer trees are larger
        middle = int(rng.integers(WIDTH))
        cv2.rectangle(labels, (middle - size // 8, foot - size), (middle + size // 8, foot), TREE, -1)
        for _ in range(4):
            dx, dy = (int(value) for value in rng.integers(-size // 3, size // 3 + 1, 2))
            cv2.circle(labels, (middle + dx, foot - size + dy), size // 2, TREE, -1)
    return labels


def _colours(rng: Rng) -> NDArray[np.float64]:
    """Return the colour of each class under the light of a scene."""
    sky = rng.uniform([120, 150, 190], [200, 210, 245])
    green = rng.uniform([70, 110, 40], [120, 150, 80])
    lake = sky * rng.uniform(0.8, 1.0)
    hill = 0.5 * green + 0.4 * sky
    road = np.full(3, rng.uniform(90, 170)) + rng.normal(0, 5, 3)
    tree = green * rng.uniform(0.6, 0.95)
    return np.stack([sky, hill, green, lake, road, tree]) * rng.uniform(0.75, 1.05)
