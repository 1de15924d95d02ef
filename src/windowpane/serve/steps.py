"""The steps that lead to an answer (intermediate results), as JSON: score maps of every scale, vote, path.

A map is ``rows`` times ``cols`` bytes in base64, row by row. Its first cell sees ``box`` of the picture, the
next ones ``step`` pixels further on, so the page can show what a cell sees without knowing of pyramids.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.pyramids import Level
from windowpane.core.windows import Window
from windowpane.detect.steps import DetectSteps
from windowpane.images.drawing import data_url, png
from windowpane.parse.labelmap import class_colours
from windowpane.parse.scales import in_parts
from windowpane.parse.steps import ParseSteps
from windowpane.read.steps import ReadSteps
from windowpane.show.draw import DIGITS

Record = dict[str, Any]


def picture(image: NDArray[np.uint8]) -> str:
    """Return an image as the URL of a PNG that holds it, quickly packed: somebody waits for it."""
    return data_url(png(image, 1))


def of_reading(reading: ReadSteps) -> Record:
    """Return how a line was read: the line, the four maps, their vote, where the path steps up, and times."""
    maps = [
        _columns(np.exp(one.scores[:DIGITS, 0]), one.window) | {"window": one.window.width}
        for one in reading.maps
    ]
    return {
        "answer": reading.reading.to_dict(box=True),
        "width": reading.picture.shape[1],
        "height": reading.picture.shape[0],
        "line": {
            "image": picture(reading.ink),
            "width": reading.ink.shape[1],
            "height": reading.ink.shape[0],
        },
        "maps": maps,
        "vote": _columns(np.exp(reading.voted[:DIGITS]), reading.window),
        "columns": list(reading.columns),
        "ms": _rounded(reading.ms),
    }


def of_search(search: DetectSteps, threshold: float) -> Record:
    """Return how objects were found: the score map of every scale, and times.

    A byte of a map is a logit between ``low`` and ``high``; above ``limit`` a cell gave a box.

    Parameters
    ----------
    threshold
        The net's own, of scores.
    """
    scores = [one.scores.max(axis=0) for one in search.maps]
    every = np.concatenate([one.ravel() for one in scores]) if scores else np.zeros(1)
    low, high = float(np.quantile(every, 0.01)), float(every.max(initial=0))
    span = max(high - low, 1e-6)
    maps = [
        _placed(level, one.window) | _bytes(255 * np.clip((values - low) / span, 0, 1))
        for level, one, values in zip(search.levels, search.maps, scores, strict=True)
    ]
    answer = search.detections.to_dict()
    limit = float(np.clip(search.logit_threshold, low, high))
    return {
        "answer": answer,
        "maps": maps,
        "threshold": threshold,
        "limit": limit,
        "low": low,
        "high": high,
        "ms": _rounded(search.ms),
    }


def of_parsing(parsing: ParseSteps, window: Window) -> Record:
    """Return how a scene was parsed: labels, how sure they are, what each scale alone says, and times.

    ``labels`` and ``sure`` are grey PNGs of the picture's size: the class of each pixel, and its probability
    in 255ths. The bytes of a map are classes; a cell has ``parts`` times ``parts`` of them.

    Parameters
    ----------
    window
        The net's.
    """
    names = parsing.scene.names
    maps = []
    for level, scores in zip(parsing.levels, parsing.maps, strict=True):
        told = _best(scores, len(names))
        maps.append(_placed(level, window) | {"parts": len(told) // scores.shape[1]} | _bytes(told))
    return {
        "answer": parsing.scene.to_dict(),
        "names": list(names),
        "colours": class_colours(len(names)).tolist(),
        "labels": picture(parsing.scene.class_ids),
        "sure": picture(np.asarray(255 * parsing.scene.confidence, np.uint8)),
        "maps": maps,
        "ms": _rounded(parsing.ms),
    }


def _best(scores: NDArray[np.float32], classes: int) -> NDArray[np.generic]:
    """Return of a level's map (K, rows, cols) the best class of each part of a cell."""
    finer = round((len(scores) / classes) ** 0.5)
    return np.asarray(in_parts(scores, finer).argmax(axis=0))


def _placed(level: Level, window: Window) -> Record:
    """Return what the first cell of a level's map sees of the picture, and how far it is to the next ones."""
    box = level.to_image(np.array([window.box(0, 0)]))[0]
    step_y, step_x = window.stride
    step = [step_x / level.scale[1], step_y / level.scale[0]]
    return {"scale": round(level.scale[0], 4), "box": box.tolist(), "step": step}


def _columns(probabilities: NDArray[np.floating], window: Window) -> Record:
    """Return probabilities (digits, columns) of a line; its first cell's middle is ``x0`` of the line."""
    return {"x0": window.centre(0, 0)[0], "step": window.stride[1], **_bytes(255 * probabilities)}


def _bytes(values: NDArray[Any]) -> Record:
    """Return whole numbers 0 to 255, a byte each."""
    rows, cols = values.shape
    data = np.round(values).astype(np.uint8).tobytes()
    return {"rows": rows, "cols": cols, "data": b64encode(data).decode("ascii")}


def _rounded(ms: dict[str, float]) -> dict[str, float]:
    return {step: round(value, 2) for step, value in ms.items()}
