"""Train a reader on a folder of pictures, here made up, and read with it. Needs pip install '.[train]'.

    python examples/train_own.py [FOLDER]           (default: a new temporary folder)

The pictures are pieces of the built-in lines in ever new orders, as a stand-in for your own. Few pictures and
few steps, so that it takes half a minute: it goes on from the net that ships, and shows the way, not the aim.
"""

from __future__ import annotations

import csv
import sys
from importlib import resources
from pathlib import Path
from tempfile import mkdtemp

import cv2
import numpy as np

from windowpane import Reader, load_image
from windowpane.data.check import check_lines
from windowpane.data.lines import splice, vary
from windowpane.train.read import train

CONFIG = """
name = "mine"
start = "digits"
own = ["pictures"]
lines = 512
processes = 1
threads = 1
windows_steps = 0
strings_steps = 20
rate = 2e-4
tuning_lines = 60
sets = "made up from the built-in lines"

[shares]
own = 0.9
nothing = 0.1
"""


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp(prefix="windowpane-"))
    make_pictures(folder / "pictures", count=60)
    for problem in check_lines(folder / "pictures"):  # what `windowpane check` says
        sys.exit(str(problem))
    (folder / "my.toml").write_text(CONFIG)
    net = train(folder / "my.toml", out=folder / "run", progress=show)
    print(f"\nnet: {net}")
    for name in ("000.png", "001.png", "002.png"):
        print(name, Reader(net).read(folder / "pictures" / name))


def make_pictures(folder: Path, count: int) -> None:
    """Write pictures of numbers and a labels.csv: two pieces of built-in lines each."""
    demo = resources.files("windowpane") / "demo"
    rng = np.random.default_rng(0)
    reader = Reader()
    parts = []
    for line in csv.DictReader((demo / "labels.csv").read_text(encoding="utf-8").splitlines()):
        pixels = load_image((demo / line["file"]).read_bytes())
        reading = reader.read(pixels)
        if reading.text == line["label"]:  # its boxes say where to cut
            boxes = np.array([digit.box for digit in reading.digits], np.float32)
            parts.append((pixels, line["label"], boxes))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label"])
        for number in range(count):
            picture = splice(rng, [vary(rng, *parts[rng.integers(len(parts))]) for _ in range(2)])
            cv2.imwrite(str(folder / f"{number:03d}.png"), picture.pixels[..., ::-1])
            table.writerow([f"{number:03d}.png", picture.text])


def show(what: str, done: int, total: int, remark: str) -> None:
    print(f"\r{what}: {done} of {total} {remark}", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
