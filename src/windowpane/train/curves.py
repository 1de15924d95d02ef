"""The curves of a run as a picture: the loss of every stage, one after the other."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, EDGE = 900, 420, 56
COLOURS = ((234, 88, 12), (37, 99, 235), (22, 163, 74), (147, 51, 234))


def draw_curves(log: Path, picture: Path) -> None:
    """Draw the losses in ``log.jsonl`` (one object a line: stage, step, loss) on a logarithmic scale."""
    records = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    records = [record for record in records if record["loss"] > 0]
    if len(records) < 2:
        return
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    heights = np.log10([record["loss"] for record in records])
    low, high = np.floor(heights.min() * 5) / 5, np.ceil(heights.max() * 5) / 5
    high = max(high, low + 0.2)
    x = np.linspace(EDGE, WIDTH - 20, len(records)).astype(int)
    y = (HEIGHT - EDGE - (heights - low) / (high - low) * (HEIGHT - 2 * EDGE)).astype(int)
    for level in np.arange(low, high + 0.01, 0.2):
        row = int(HEIGHT - EDGE - (level - low) / (high - low) * (HEIGHT - 2 * EDGE))
        cv2.line(image, (EDGE, row), (WIDTH - 20, row), (230, 230, 230), 1)
        _write(image, f"{10**level:.3g}", (8, row + 4), (110, 110, 110))
    stages = list(dict.fromkeys(record["stage"] for record in records))
    for number, stage in enumerate(stages):
        mine = [i for i, record in enumerate(records) if record["stage"] == stage]
        colour = COLOURS[number % len(COLOURS)]
        points = np.stack([x[mine], y[mine]], axis=1).reshape(-1, 1, 2)
        cv2.polylines(image, [points], False, colour, 2, cv2.LINE_AA)
        last = records[mine[-1]]
        _write(
            image, f"{stage}: {last['loss']:.4g} at step {last['step']}", (EDGE + 260 * number, 30), colour
        )
    _write(image, "steps, every 100; loss, logarithmic", (EDGE, HEIGHT - 20), (110, 110, 110))
    cv2.imwrite(str(picture), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def _write(
    image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    text: str,
    place: tuple[int, int],
    colour: tuple[int, int, int],
) -> None:
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
