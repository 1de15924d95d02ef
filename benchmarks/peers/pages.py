"""Let one reader find and read the numbers of pictures on one thread, in a process of its own.

    python benchmarks/peers/pages.py READER FOLDER USE [NET]

Prints one JSON object a line: first what the reader is, then for every ``FOLDER/*.png`` its file, the numbers
found, as the fields of `windowpane.evaluate.measures.numbers.Number`, and the seconds from decoded pixels to
numbers. USE is "page", or "digit" where a picture is one digit, cut out.

A peer reads words too; its numbers are what is left of each of its words when letters are taken away: of
"RM31.00" 31.00. So it is never blamed for a letter that it read as one. It is sure of what it gives at all.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np

NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
Found = list[dict[str, Any]]
Find = Callable[[np.ndarray], Found]  # in a picture (H, W, 3) uint8 BGR


def main() -> None:
    reader, folder, use = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    cv2.setNumThreads(1)
    about, find = READERS[reader](use, *sys.argv[4:])
    print(json.dumps({"about": about}), flush=True)
    paths = sorted(folder.glob("*.png"))
    find(cv2.imread(str(paths[0])))  # warm
    for path in paths:
        picture = cv2.imread(str(path))
        started = perf_counter()
        numbers = find(picture)
        seconds = perf_counter() - started
        print(json.dumps({"file": path.name, "numbers": numbers, "seconds": seconds}), flush=True)


def numbers_in(text: str, boxes: Sequence[Sequence[float]], confidence: float) -> Iterator[dict[str, Any]]:
    """Yield the numbers of a text, given the box of each of its characters."""
    for match in NUMBER.finditer(text):
        here = np.array(boxes[match.start() : match.end()], float)
        around = [*here[:, :2].min(axis=0).tolist(), *here[:, 2:].max(axis=0).tolist()]
        digits = [box for box, one in zip(here.tolist(), match[0], strict=True) if one.isdigit()]
        yield number(match[0], confidence, around, digits)


def number(
    text: str, confidence: float, box: Sequence[float], digits: Sequence[Sequence[float]] = ()
) -> dict[str, Any]:
    return {"text": text, "confidence": confidence, "accepted": True, "box": box, "digits": digits}


def shared(box: Sequence[float], count: int) -> list[list[float]]:
    """Return as many boxes side by side as share a box evenly."""
    x0, y0, x1, y1 = box
    edges = np.linspace(x0, x1, count + 1)
    return [
        [left, y0, right, y1] for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


# -- The readers: from a use to (what it is, how it finds numbers) -----------------------------------------


def windowpane(use: str, net: str) -> tuple[str, Find]:
    from dataclasses import asdict

    from windowpane.evaluate.numbers import reader_of

    reads = reader_of(net, use)
    about = "ONNX Runtime " + version("onnxruntime")
    return about, lambda picture: [asdict(one) for one in reads(np.ascontiguousarray(picture[..., ::-1]))]


def rapidocr(use: str) -> tuple[str, Find]:
    """Finding and reading as it comes; a single digit is read without finding, held to digits."""
    about, engine = rapidocr_engine()
    if use == "digit":
        return about, _one_digit(rapidocr_line(engine))

    def find(picture: np.ndarray) -> Found:
        answer = engine(picture, return_word_box=True, return_single_char_box=True)
        texts = answer.txts or ()
        places = answer.word_results if len(answer.word_results or ()) == len(texts) else [()] * len(texts)
        found: Found = []
        for quad, text, score, characters in zip(
            () if answer.boxes is None else answer.boxes, texts, answer.scores or (), places, strict=True
        ):
            if all(len(one) == 3 and one[2] for one in characters) and characters:
                whole = "".join(character for character, _, _ in characters)
                boxes = [_around(corners) for _, _, corners in characters]
                found += numbers_in(*_spaced(text, whole, boxes), float(score))
            else:  # it tells the places of no line if one line has none
                found += numbers_in(text, shared(_around(quad), len(text)), float(score))
        return found

    return about, find


def rapidocr_engine() -> tuple[str, Any]:
    """Return what it is, and the whole of it, on one thread."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params={**threads, "Global.log_level": "error"})
    return f"{version('rapidocr')}, PP-OCRv6", engine


def rapidocr_line(engine: Any) -> Callable[[np.ndarray], tuple[str, float]]:
    """Return how its recognition reads a line, by the best path over digits and blank."""
    from rapidocr.ch_ppocr_rec import TextRecInput

    recognise = engine._load_rec_model()
    decode = recognise.postprocess_op
    digits = np.array([index == 0 or one in set("0123456789") for index, one in enumerate(decode.character)])
    recognise.postprocess_op = lambda scores, *rest, **options: decode(scores * digits, *rest, **options)

    def read(picture: np.ndarray) -> tuple[str, float]:
        answer = recognise(TextRecInput(img=picture))
        return answer.txts[0], float(answer.scores[0])

    return read


def _around(corners: Any) -> list[float]:
    points = np.array(corners, float)
    return [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]


def _spaced(text: str, whole: str, boxes: list[list[float]]) -> tuple[str, list[list[float]]]:
    """Put the spaces of a text back among its characters: they divide numbers."""
    if text.replace(" ", "") != whole.replace(" ", ""):
        return whole, boxes
    known = iter(box for character, box in zip(whole, boxes, strict=True) if character != " ")
    return text, [[np.nan] * 4 if character == " " else next(known) for character in text]


def tesseract(use: str) -> tuple[str, Find]:
    """Text wherever it is, in no order; a single digit held to digits. Its start counts for each picture."""
    words = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    options = (
        ["--psm", "10", "-c", "tessedit_char_whitelist=0123456789"] if use == "digit" else ["--psm", "11"]
    )
    command = ["tesseract", "stdin", "stdout", *options, "tsv"]
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def find(picture: np.ndarray) -> Found:
        data = cv2.imencode(".bmp", picture)[1].tobytes()
        done = subprocess.run(command, input=data, capture_output=True, check=True, env=one_thread)
        found: Found = []
        for line in done.stdout.decode().splitlines()[1:]:
            *_, left, top, width, height, sure, text = line.split("\t")
            if float(sure) >= 0 and text.strip():
                box = [float(left), float(top), float(left) + float(width), float(top) + float(height)]
                found += numbers_in(text, shared(box, len(text)), float(sure) / 100)
        return found

    return f"{words.split()[1]}, sparse text", find


def ddddocr(use: str) -> tuple[str, Find]:
    """Finding by its own net for captchas, then reading; a single digit is read without finding."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    onnxruntime.InferenceSession = partial(onnxruntime.InferenceSession, sess_options=options)
    from ddddocr import DdddOcr

    net = DdddOcr(show_ad=False)

    def read(picture: np.ndarray) -> tuple[str, float]:
        return net.classification(cv2.imencode(".png", picture)[1].tobytes()), 1.0

    if use == "digit":
        return version("ddddocr"), _one_digit(read)
    finder = DdddOcr(det=True, ocr=False, show_ad=False)

    def find(picture: np.ndarray) -> Found:
        found: Found = []
        for box in finder.detection(cv2.imencode(".png", picture)[1].tobytes()):
            x0, y0, x1, y1 = (max(0, int(side)) for side in box)
            if x1 > x0 and y1 > y0:
                text, sure = read(picture[y0:y1, x0:x1])
                found += numbers_in(text, shared([x0, y0, x1, y1], len(text)), sure)
        return found

    return version("ddddocr"), find


def _one_digit(read: Callable[[np.ndarray], tuple[str, float]]) -> Find:
    def find(picture: np.ndarray) -> Found:
        text, sure = read(picture)
        height, width = picture.shape[:2]
        return [number(text, sure, [0, 0, width, height])] if text else []

    return find


READERS: dict[str, Callable[..., tuple[str, Find]]] = {
    reader.__name__: reader for reader in (windowpane, rapidocr, tesseract, ddddocr)
}

if __name__ == "__main__":
    main()
