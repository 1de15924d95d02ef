"""Let one reader read a folder of pictures on one thread, in a process of its own.

    python benchmarks/peers/run.py READER FOLDER [WEIGHTS]

Prints one JSON object a line: first what the reader is, then for every ``FOLDER/SET/*.png`` its text and the
milliseconds that it took. All readers may answer digits only, so all are held to digits as well as they can
be: those with a CTC output by its best path over digits and blank, which does them more good than dropping
other characters afterwards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter

import cv2
import numpy as np

Answers = Iterator[tuple[str, float]]


def main() -> None:
    reader, folder = sys.argv[1], Path(sys.argv[2])
    weights = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    cv2.setNumThreads(1)
    paths = sorted(folder.glob("*/*.png"))
    about, answers = READERS[reader](paths, weights)
    print(json.dumps({"about": about}))
    for path, (text, ms) in zip(paths, answers, strict=True):
        print(json.dumps({"file": str(path.relative_to(folder)), "text": text, "ms": ms}))


def timed(read: Callable[[np.ndarray], str], paths: Sequence[Path]) -> Answers:
    """Read decoded pictures (H, W, 3) BGR one by one, the first one twice to warm up."""
    read(cv2.imread(str(paths[0])))
    for path in paths:
        picture = cv2.imread(str(path))
        started = perf_counter()
        text = read(picture)
        yield text, 1000 * (perf_counter() - started)


# -- The readers: from paths and weights to (what it is, its answers) --------------------------------------


def windowpane(paths: Sequence[Path], weights: Path | None) -> tuple[str, Answers]:
    from windowpane.read.reader import Reader

    reader = Reader(str(weights))
    about = "any number of digits, no lexicon; ONNX Runtime " + version("onnxruntime")
    return about, timed(lambda picture: reader.read(picture[..., ::-1]).text, paths)


def crnn(paths: Sequence[Path], weights: Path | None) -> tuple[str, Answers]:
    """The CRNN of this folder, on lines that windowpane's own normaliser made: it trained on the same."""
    import torch
    from crnn import Crnn, read

    from windowpane.read.line import normalize

    torch.set_num_threads(1)
    state = torch.load(str(weights), weights_only=True)
    net = Crnn()
    net.load_state_dict(state["averaged"])
    net.eval()

    def line(picture: np.ndarray) -> str:
        ink = normalize(np.ascontiguousarray(picture[..., ::-1])).ink
        return read(net, torch.from_numpy(ink)[None, None].float() / 255, [ink.shape[1]])[0]

    size = sum(p.numel() for p in net.parameters())
    return (
        f"{size:,} parameters, {state['step']:,} steps in the last round; PyTorch {version('torch')}",
        timed(line, paths),
    )


def tesseract(paths: Sequence[Path], _: Path | None) -> tuple[str, Answers]:
    """All pictures in one run of the program, so that its start does not count for each."""
    words = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    return f"{words.split()[1]}, one line of digits", _tesseract(paths)


def _tesseract(paths: Sequence[Path]) -> Answers:
    with NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("".join(f"{path}\n" for path in paths))
        names.flush()
        command = [
            "tesseract",
            names.name,
            "stdout",
            "--psm",
            "7",
            "-c",
            "tessedit_char_whitelist=0123456789",
        ]
        started = perf_counter()
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
        )
        ms = 1000 * (perf_counter() - started) / len(paths)
    for page in done.stdout.removesuffix("\f").split("\f"):
        yield "".join(page.split()), ms


def rapidocr(paths: Sequence[Path], _: Path | None) -> tuple[str, Answers]:
    """Recognition alone: the picture is one line already."""
    from pages import rapidocr_engine, rapidocr_line

    about, engine = rapidocr_engine()
    read = rapidocr_line(engine)
    return about, timed(lambda picture: read(picture)[0], paths)


def ddddocr(paths: Sequence[Path], _: Path | None) -> tuple[str, Answers]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    onnxruntime.InferenceSession = partial(onnxruntime.InferenceSession, sess_options=options)
    from ddddocr import DdddOcr

    return version("ddddocr"), _ddddocr(DdddOcr(show_ad=False), paths)


def _ddddocr(net, paths: Sequence[Path]) -> Answers:  # type: ignore[no-untyped-def]
    """Its own limit to digits drops other characters afterwards, so the digits are found from its scores.

    The scores of 8,210 characters come as lists, which takes long: the time is that of its plain answer.
    """
    net.classification(paths[0].read_bytes())
    for path in paths:
        data = path.read_bytes()
        started = perf_counter()
        net.classification(data)
        ms = 1000 * (perf_counter() - started)
        answer = net.classification(data, probability=True)
        places = [0, *(answer["charset"].index(digit) for digit in "0123456789")]  # 0 is CTC's blank
        best = np.array(answer["probabilities"])[:, 0, places].argmax(axis=1)
        kept = [
            label for label, before in zip(best, [0, *best[:-1]], strict=True) if label not in (0, before)
        ]
        yield "".join(str(label - 1) for label in kept), ms


READERS = {reader.__name__: reader for reader in (windowpane, crnn, tesseract, rapidocr, ddddocr)}

if __name__ == "__main__":
    main()
