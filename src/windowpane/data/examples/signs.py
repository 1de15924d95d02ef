"""An example for the detector (object detection): drawn road signs in landscapes, boxes as COCO has them.

    signs.toml   README.md   train/, test/: annotations.json, images/000.jpg ...   landscapes/000.jpg ...

Two kinds of signs stand among balloons, boards and trees that are none; the landscapes hold no sign at all.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PARTS = {"train": 240, "test": 60}
"""Pictures of each folder."""
LANDSCAPES = 80
NAMES = ("stop", "yield")
HEIGHT, WIDTH = 240, 320
PLACES = ((60, 70), (165, 80), (265, 70))  # where signs stand, about, pixels

Image = NDArray[np.uint8]
Rng = np.random.Generator

CONFIG = """\
name = "signs"
objects = "train"           # the folder with the boxes, relative to this file
empty = ["landscapes"]      # pictures that hold none of the objects: the more, the fewer false positives
colour = "rgb"
mirror = false              # signs have a left and a right
maps = [16, 32, 32]         # channels of the first net's layers
rounds = 3                  # hard-negative mining: the net learns from its false positives
first_steps = 1_000
round_steps = 500
second_maps = [16, 32, 32, 48, 64, 64]      # the second stage of the cascade
second_rounds = 1
second_steps = 500
batch = 64
patience = 4                # early stopping: a round ends when 400 steps were no better on validation
threads = 2
sets = "drawn by windowpane new detect"
terms = "as free as the code"
"""

README = """\
# Find things with a net of your own (object detection)

`train/` has 240 pictures of road signs with their boxes, `test/` 60 more, and `landscapes/` 80 without a
sign. All are drawn by a program: they stand where yours will.

```sh
windowpane check train
windowpane train detect signs.toml
windowpane eval detect test --net runs/signs/signs.onnx
windowpane detect test/images/000.jpg --net runs/signs/signs.onnx --out found
windowpane nets runs/signs/signs.onnx
```

Training shows the loss and the time left; Ctrl-C stops it, `--resume` goes on. `runs/signs/log.jsonl`
says how it went.

**Your own.** Put your pictures into `train/images/` and `test/images/` in place of these, and the
`annotations.json` of your labelling tool, in COCO's layout, beside; a folder in YOLO's or VOC's layout does
as well. A hundred objects are a beginning. Into `landscapes/` put pictures of the same places without the
objects. In `signs.toml` set `sets` and `terms`, which the net's card tells; for real pictures leave out
`maps`, `second_maps`, `batch` and all steps and rounds: the defaults train a larger net, for hours.
"""


def write(folder: Path, seed: int) -> None:
    """Write the pictures, and the boxes of those that have some."""
    for place, (part, count) in enumerate(PARTS.items()):
        _write_signs(folder / part, count, np.random.default_rng((seed, place)))
    rng = np.random.default_rng((seed, len(PARTS)))
    (folder / "landscapes").mkdir()
    for number in range(LANDSCAPES):
        _save(rng, folder / "landscapes" / f"{number:03d}.jpg", _landscape(rng))


def _write_signs(folder: Path, count: int, rng: Rng) -> None:
    """Write landscapes with up to three signs each, and their boxes as COCO."""
    (folder / "images").mkdir(parents=True)
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number in range(count):
        picture, name = _landscape(rng), f"{number:03d}.jpg"
        places = rng.permutation(PLACES)[: rng.integers(1, 4)]
        for middle in places + rng.integers(-12, 13, (len(places), 2)):
            label, size = int(rng.integers(len(NAMES))), float(np.exp(rng.uniform(np.log(20), np.log(80))))
            x0, y0, x1, y1 = _draw_sign(rng, picture, label, middle, size)
            box = {"image_id": number, "category_id": label, "bbox": [x0, y0, x1 - x0, y1 - y0]}
            annotations.append({"id": len(annotations), **box})
        _save(rng, folder / "images" / name, picture)
        images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
    categories = [{"id": number, "name": name} for number, name in enumerate(NAMES)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(content), encoding="utf-8")


def _landscape(rng: Rng) -> Image:
    """Draw sky, ground, and things that are no signs: red balloons, boards, trees, poles."""
    sky, ground = rng.integers([120, 150, 170], [200, 220, 255]), rng.integers([50, 70, 30], [130, 140, 90])
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    horizon = int(rng.integers(100, 180))
    picture[:horizon], picture[horizon:] = sky, ground
    for _ in range(rng.integers(4, 12)):
        x, y, size = (int(value) for value in rng.integers([0, 40, 8], [WIDTH, 200, 50]))
        colour = rng.integers(0, 256, 3).tolist()
        kind = rng.integers(4)
        if kind == 0:  # a balloon, often red
            red = (int(rng.integers(150, 256)), 40, 40)
            cv2.ellipse(picture, (x, y), (size // 2, size // 2 + 3), 0, 0, 360, red, -1, cv2.LINE_AA)
        elif kind == 1:  # a board
            cv2.rectangle(picture, (x, y), (x + size, y + size // 2), colour, -1)
        elif kind == 2:  # a tree
            cv2.line(picture, (x, y), (x, y + size), (70, 50, 30), 3)
            cv2.circle(picture, (x, y), size // 2, (30, int(rng.integers(60, 130)), 30), -1)
        else:  # a pole
            cv2.line(picture, (x, y), (x, HEIGHT - 1), (90, 90, 95), int(rng.integers(1, 5)))
    return picture


def _draw_sign(
    rng: Rng, picture: Image, label: int, middle: NDArray[np.intp], size: float
) -> tuple[float, float, float, float]:
    """Draw a red octagon with a white bar, or a white triangle with a red edge; return its box."""
    start, corners_of = (np.pi / 8, 8) if label == 0 else (np.pi / 2, 3)
    angles = rng.normal(0, 0.08) + start + np.arange(corners_of) * (2 * np.pi / corners_of)
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners *= size / np.ptp(corners, axis=0).max()
    corners += middle - (corners.max(axis=0) + corners.min(axis=0)) / 2
    shade = float(rng.uniform(0.5, 1))
    red, white = (round(200 * shade), round(25 * shade), round(35 * shade)), (round(240 * shade),) * 3
    if label == 0:
        inner = np.array([[-0.32, -0.09], [0.32, -0.09], [0.32, 0.09], [-0.32, 0.09]]) * size + middle
    else:
        inner = corners.mean(axis=0) + 0.55 * (corners - corners.mean(axis=0))
    for polygon, colour in ((corners, red), (inner, white)):
        cv2.fillPoly(picture, [np.round(polygon * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)]).clip(0, [WIDTH, HEIGHT] * 2)
    x0, y0, x1, y1 = box.tolist()
    return x0, y0, x1, y1


def _save(rng: Rng, path: Path, picture: Image) -> None:
    """Write a picture as a camera would: a little blurred and noisy."""
    soft = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 1.2)))
    noisy = np.clip(soft + rng.normal(0, rng.uniform(2, 9), soft.shape), 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), noisy[..., ::-1])
