"""An example for the reader (OCR): pictures of drawn numbers, those to learn from and those to measure with.

    numbers.toml   README.md   train/labels.csv, 000.png ...   test/labels.csv, 000.png ...

A hand that writes the numbers of the one folder writes none of the other.
"""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.data.writing.strokes import drawn_hand

PARTS = {"train": (400, 40), "test": (100, 10)}
"""Of each folder the pictures, and the hands that write them."""
PHOTOS = 0.3
"""How often a number is photographed, with shadows, stains and blur; the others are clean."""

CONFIG = """\
name = "numbers"
own = ["train"]             # folders with a labels.csv, relative to this file
windows_steps = 600         # first every window is learned, then whole numbers
strings_steps = 900
rate = 4e-3                 # learning rate
patience = 4                # early stopping: ends when 400 steps were no better on the validation set
lines = 8_192               # variations that are made of the pictures (augmentation)
tuning_lines = 300
threads = 2
sets = "drawn by windowpane new read"
terms = "as free as the code"

[shares]
own = 0.9
nothing = 0.1               # lines without a whole digit, so that the net learns to say "none"
"""

README = """\
# Read numbers with a net of your own

`train/` has 400 pictures of numbers, `test/` 100 by other hands; each has a `labels.csv` that says what the
pictures show. All are drawn by a program: they stand where yours will.

```sh
windowpane check train
windowpane train read numbers.toml
windowpane eval read test --net runs/numbers/numbers.onnx
windowpane read test/000.png --net runs/numbers/numbers.onnx
windowpane nets runs/numbers/numbers.onnx
```

Training shows the loss and the time left; Ctrl-C stops it, `--resume` goes on. `runs/numbers/log.jsonl`
says how it went.

**Your own.** Put your pictures, one number each and cropped to it, into `train/` and `test/` in place of
these, and what they show into each `labels.csv`. A hundred are a beginning. In `numbers.toml` set `sets`
and `terms`, which the net's card tells, and add `start = "digits"` with `windows_steps = 0` if the net that
ships may be built upon: see its terms with `windowpane nets digits`. A few thousand steps more make it
better.
"""


def write(folder: Path, seed: int) -> None:
    """Write both folders of pictures."""
    for place, (part, (pictures, hands)) in enumerate(PARTS.items()):
        rng = np.random.default_rng((seed, place))
        writers = [drawn_hand(rng, f"{part} {number}") for number in range(hands)]
        (folder / part).mkdir()
        rows = [("file", "label")]
        for number in range(pictures):
            text = "".join(rng.choice(list("0123456789"), int(rng.integers(3, 7))))
            ink = compose(rng, writers[rng.integers(hands)], text, PLAIN)
            pixels = photograph(rng, ink, photos=PHOTOS).pixels
            cv2.imwrite(str(folder / part / f"{number:03d}.png"), pixels[..., ::-1])
            rows.append((f"{number:03d}.png", text))
        with (folder / part / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
