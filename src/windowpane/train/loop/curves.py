"""The curves of a run as a picture: the losses of every stage, one after the other."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images.drawing import ACCENT, BLUE, VIOLET, blank, write

WIDTH, HEIGHT, EDGE = 900, 420, 56
COLOURS = (ACCENT, BLUE, (22, 163, 74), VIOLET)
GREY, FAINT = (110, 110, 110), (230, 230, 230)
ROWS = 3  # in which the stages' names take turns, so that they do not run into each other


def draw_curves(log: Path, picture: Path) -> None:
    """Draw the losses in ``log.jsonl`` (one object a line: stage, step, loss, aside) on a logarithmic scale.

    The loss is a line; the loss on what is kept aside, where there is one, a line of dots.
    """
    records = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    records = [record for record in records if record["loss"] > 0]
    if len(records) < 2:
        return
    image = blank(HEIGHT, WIDTH)
    losses = np.array([record["loss"] for record in records])
    aside = np.array([record.get("aside") or np.nan for record in records])
    low = np.floor(np.log10(np.nanmin([losses, aside])) * 5) / 5
    high = max(np.ceil(np.log10(np.nanmax([losses, aside])) * 5) / 5, low + 0.2)

    def rows(values: NDArray[np.floating]) -> NDArray[np.intp]:
        share = (np.log10(values) - low) / (high - low)
        return np.asarray(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), np.intp)

    for value in 10 ** np.arange(low, high + 0.01, 0.2):
        row = int(rows(value))
        cv2.line(image, (EDGE, row), (WIDTH - 20, row), FAINT, 1)
        write(image, f"{value:.3g}", 8, row + 4, GREY, 0.4)
    x = np.linspace(EDGE, WIDTH - 20, len(records)).astype(np.intp)
    for number, stage in enumerate(dict.fromkeys(record["stage"] for record in records)):
        mine = np.array([place for place, record in enumerate(records) if record["stage"] == stage])
        colour = COLOURS[number % len(COLOURS)]
        points = np.stack([x[mine], rows(losses[mine])], axis=1).reshape(-1, 1, 2)
        cv2.polylines(image, [points.astype(np.int32)], False, colour, 2, cv2.LINE_AA)
        looked = mine[np.isfinite(aside[mine])]
        for point in zip(x[looked].tolist(), rows(aside[looked]).tolist(), strict=True):
            cv2.circle(image, point, 3, colour, -1, cv2.LINE_AA)
        text = f"{stage}: {losses[mine[-1]]:.3g}" + (f" / {aside[looked[-1]]:.3g}" if len(looked) else "")
        place = min(int(x[mine[0]]), WIDTH - 8 * len(text))
        write(image, text, place, 16 + 15 * (number % ROWS), colour, 0.4)
    dots = "; dots: the loss on what is kept aside" if np.isfinite(aside).any() else ""
    write(image, f"steps, every 100; loss, logarithmic{dots}", EDGE, HEIGHT - 20, GREY, 0.4)
    cv2.imwrite(str(picture), image[..., ::-1])
