"""Train a detector of road signs on made-up pictures, and measure it. Needs pip install '.[train]'.

    python examples/find_signs.py [FOLDER [STEPS]]      (default: a new temporary folder, 1500 steps)

Two kinds of signs stand in landscapes among balloons, boards and trees that are none; their boxes are
written as COCO annotations. Yours may be COCO, YOLO or VOC: what follows is the same. It takes about three
minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import mkdtemp

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane import Detector
from windowpane.data.annotations import read_boxes
from windowpane.data.check import check_boxes
from windowpane.metrics.detect import average_precision
from windowpane.train.detect import train

CONFIG = """
name = "signs"
objects = "learn"
empty = ["landscapes"]
colour = "rgb"
mirror = false
maps = [16, 32, 32]
rounds = 3
first_steps = {steps}
round_steps = {half}
second_maps = [16, 32, 32, 48, 64, 64]
second_rounds = 1
second_steps = {half}
batch = 64
sets = "made up by examples/find_signs.py"
"""
NAMES = ("stop", "yield")
Image = NDArray[np.uint8]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp(prefix="windowpane-"))
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1_500
    make_pictures(folder / "learn", count=240, seed=0)
    make_pictures(folder / "test", count=60, seed=1)
    make_landscapes(folder / "landscapes", count=80, seed=2)
    for problem in check_boxes(folder / "learn"):  # what `windowpane check` says
        sys.exit(str(problem))
    (folder / "signs.toml").write_text(CONFIG.format(steps=steps, half=steps // 2))
    net = train(folder / "signs.toml", out=folder / "run", progress=show)
    print(f"\nnet: {net}")

    truth = read_boxes(folder / "test").images
    found = list(Detector(net, score=0.01).detect(image.path for image in truth))
    precision = average_precision(
        [one.boxes for one in found],
        [one.scores for one in found],
        [one.labels for one in found],
        [image.boxes for image in truth],
        [image.labels for image in truth],
    )
    for label, value in precision.items():
        print(f"{NAMES[int(str(label))]}: average precision {value:.1%} on pictures it has not seen")


def make_pictures(folder: Path, count: int, seed: int) -> None:
    """Write landscapes with up to three signs each, and their boxes as COCO."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    coco: dict[str, list[dict[str, object]]] = {"images": [], "annotations": []}
    coco["categories"] = [{"id": number, "name": name} for number, name in enumerate(NAMES)]
    for number in range(count):
        picture = landscape(rng)
        places = rng.permutation([(60, 70), (165, 80), (265, 70)])[: rng.integers(1, 4)]
        for middle in places + rng.integers(-12, 13, (len(places), 2)):
            label, size = int(rng.integers(len(NAMES))), float(np.exp(rng.uniform(np.log(20), np.log(80))))
            x0, y0, x1, y1 = draw_sign(rng, picture, label, middle, size)
            box = {"image_id": number, "category_id": label, "bbox": [x0, y0, x1 - x0, y1 - y0]}
            coco["annotations"].append({"id": len(coco["annotations"]), **box})
        write(rng, folder / "images" / f"{number:03d}.jpg", picture)
        coco["images"].append({"id": number, "file_name": f"{number:03d}.jpg", "width": 320, "height": 240})
    (folder / "annotations.json").write_text(json.dumps(coco))


def make_landscapes(folder: Path, count: int, seed: int) -> None:
    """Write landscapes without a sign."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        write(rng, folder / f"{number:03d}.jpg", landscape(rng))


def landscape(rng: np.random.Generator) -> Image:
    """Draw sky, ground, and things that are no signs: red balloons, boards, trees, poles."""
    sky, ground = rng.integers([120, 150, 170], [200, 220, 255]), rng.integers([50, 70, 30], [130, 140, 90])
    picture = np.empty((240, 320, 3), np.uint8)
    horizon = int(rng.integers(100, 180))
    picture[:horizon], picture[horizon:] = sky, ground
    for _ in range(rng.integers(4, 12)):
        x, y, size = (int(value) for value in rng.integers([0, 40, 8], [320, 200, 50]))
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
            cv2.line(picture, (x, y), (x, 239), (90, 90, 95), int(rng.integers(1, 5)))
    return picture


def draw_sign(
    rng: np.random.Generator, picture: Image, label: int, middle: NDArray[np.intp], size: float
) -> tuple[float, float, float, float]:
    """Draw a red octagon with a white bar, or a white triangle with a red edge; return its box."""
    turn = rng.normal(0, 0.08)
    angles = turn + (
        np.arange(8) / 4 * np.pi + np.pi / 8 if label == 0 else np.arange(3) / 1.5 * np.pi + np.pi / 2
    )
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners *= size / np.ptp(corners, axis=0).max()
    corners += middle - (corners.max(axis=0) + corners.min(axis=0)) / 2
    shade = float(rng.uniform(0.5, 1))
    red, white = (round(200 * shade), round(25 * shade), round(35 * shade)), (round(240 * shade),) * 3
    cv2.fillPoly(picture, [np.round(corners * 16).astype(np.int32)], red, cv2.LINE_AA, 4)
    if label == 0:
        bar = np.array([[-0.32, -0.09], [0.32, -0.09], [0.32, 0.09], [-0.32, 0.09]]) * size + middle
    else:
        bar = corners.mean(axis=0) + 0.55 * (corners - corners.mean(axis=0))
    cv2.fillPoly(picture, [np.round(bar * 16).astype(np.int32)], white, cv2.LINE_AA, 4)
    x0, y0, x1, y1 = (
        np.concatenate([corners.min(axis=0), corners.max(axis=0)]).clip(0, [320, 240] * 2).tolist()
    )
    return x0, y0, x1, y1


def write(rng: np.random.Generator, path: Path, picture: Image) -> None:
    """Write a picture as a camera would: a little blurred and noisy."""
    soft = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 1.2)))
    noisy = np.clip(soft + rng.normal(0, rng.uniform(2, 9), soft.shape), 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), noisy[..., ::-1])


def show(what: str, done: int, total: int, remark: str) -> None:
    print(f"\r{what}: {done} of {total} {remark}        ", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
