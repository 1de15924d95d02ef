"""Other readers on the same pictures as this one; writes its section of RESULTS.md.

    python benchmarks/read_peers.py [--net FILE] [--crnn CHECKPOINT]

The peers are installed by `make bench`, in an environment of their own; one that is not there is said so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import cv2
from results import made_with, percent, publish, table

from windowpane.evaluate.read import SETS

SEED = 2026
SETS_READ = ("composed", "orand", "printed", "photographed")
LINES = 500  # of each set; orand has 128
HERE = Path(__file__).parent
PEERS_PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
ABOUT = f"""\
Strings right; the length is given to no one, all are held to digits, every reader has one thread in
a process of its own and gets the same pictures: the first {LINES} of a set of the table of
accuracy, all 128 of orand. Milliseconds a line are medians over all pictures, from decoded pixels
to the string (Tesseract: mean of one run over all of them, reading the files included). Held to
digits: RapidOCR and ddddocr by the best path over digits and blank, Tesseract by its white list.
The CRNN was trained on the reader's own training lines for about the same time: 11,000 steps, and
4,000 more in a last round like the reader's. It reads what the same normaliser makes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="digits", help="a net's name or file")
    parser.add_argument(
        "--crnn", type=Path, default=Path("runs/crnn/polish.pt"), help="the CRNN's checkpoint"
    )
    parser.add_argument("--limit", type=int, help="a quick look: so many lines of each set, printed")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    readers: dict[str, tuple[str, list[str | Path]]] = {
        "windowpane": (sys.executable, ["windowpane", options.net]),
        "CRNN with CTC": (sys.executable, ["crnn", options.crnn]),
        "RapidOCR": (str(PEERS_PYTHON), ["rapidocr"]),
        "ddddocr": (str(PEERS_PYTHON), ["ddddocr"]),
        "Tesseract": (sys.executable, ["tesseract"]),
    }
    with TemporaryDirectory() as folder:
        texts = write_pictures(Path(folder), options.seed, options.limit or LINES)
        rows = [
            row(name, python, [first, folder, *weights], texts)
            for name, (python, (first, *weights)) in readers.items()
        ]
    head = ["reader", *(f"{name} ({sum(f.startswith(name + '/') for f in texts)})" for name in SETS_READ)]
    made = made_with("numpy", "opencv-python-headless", seed=options.seed)
    body = "\n".join([made, "", ABOUT, "", table([*head, "ms a line", "what it is"], rows)])
    title = "Reading: other readers on the same lines"
    publish("read-peers", title, body, quick=options.limit is not None)


def write_pictures(folder: Path, seed: int, limit: int) -> dict[str, str]:
    """Write the pictures of every set; return what each file says."""
    texts = {}
    for name in SETS_READ:
        (folder / name).mkdir()
        for number, example in enumerate(islice(SETS[name][0](seed), limit)):
            file = f"{name}/{number:04d}.png"
            cv2.imwrite(str(folder / file), example.pixels[..., ::-1])
            texts[file] = example.text
    return texts


def row(name: str, python: str, arguments: Sequence[str | Path], texts: dict[str, str]) -> list[str]:
    """Return a reader's row of the table: measured in a process of its own, or why it was not."""
    try:
        command = [python, str(HERE / "peers" / "run.py"), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        return [name, *[""] * len(SETS_READ), "", "not measured: not installed"]
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
        kind = error.stderr.strip().splitlines()[-1].split(":")[0]
        return [name, *[""] * len(SETS_READ), "", f"not measured: not installed or broken ({kind})"]
    about, *answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    cells = []
    for set_name in SETS_READ:
        right = [a["text"] == texts[a["file"]] for a in answers if a["file"].startswith(f"{set_name}/")]
        cells.append(percent(sum(right) / len(right)))
    return [name, *cells, f"{median(a['ms'] for a in answers):.1f}", about["about"]]


if __name__ == "__main__":
    main()
