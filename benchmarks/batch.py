"""How fast a batch is beside a plain loop, and whether its memory stays level: a section of RESULTS.md.

    python benchmarks/batch.py [--quick]

The pictures are generated: numbers in four type faces, and scenes that are parts of the built-in portrait.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from results import made_with, publish, table

from windowpane.detect.detector import Detector
from windowpane.images import load
from windowpane.read.reader import Reader

SEED = 7
TYPES = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
EACH = {"read": 20_000, "detect": 2_000}
MANY = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the pictures; nothing is written"
    )
    quick = parser.parse_args().quick
    with TemporaryDirectory() as folder:
        body = [
            made_with("numpy", "opencv-python-headless", "onnxruntime", "pyarrow", "ray", seed=SEED),
            throughput(Path(folder), 20 if quick else 1),
            memory(Path(folder), MANY // (20 if quick else 1)),
        ]
    publish("batch", "Batch", "\n\n".join(body), quick=quick)


# -- Throughput --------------------------------------------------------------------------------------------


def throughput(folder: Path, less: int) -> str:
    rows = []
    for system, count in EACH.items():
        pictures = folder / f"{system}.parquet"
        write(pictures, system, count // less)
        loop = plain_loop(system, pictures)
        runs = [watched(system, pictures, folder / f"{system}-{n}", "--workers", str(n)) for n in (1, 2)]
        one, two = (run.rate for run in runs)
        start = " and ".join(f"{run.start:.0f}" for run in runs)
        rows.append(
            [system, count // less, *(f"{rate:.0f}" for rate in (loop, one, two)), f"{two / one:.2f}", start]
        )
    head = ["", "pictures", "plain loop", "1 worker", "2 workers", "2 : 1", "start, seconds"]
    about = (
        "Pictures a second, from Parquet to Parquet, once the first part is there (goal: 1.8 times from one"
        " worker to two). The plain loop calls the system picture by picture and writes nothing. One worker"
        " runs in the process of the command, two on Ray; the start is the time to the first part:"
    )
    return f"{about}\n\n{table(head, rows)}"


def plain_loop(system: str, pictures: Path) -> float:
    """Return how many pictures a second the library answers one after the other."""
    some = pq.read_table(pictures)["picture"].slice(0, EACH[system] // 10).to_pylist()
    answer: Any = Reader().read if system == "read" else Detector().detect
    start = perf_counter()
    for data in some:
        answer(load(data)).to_dict()
    return len(some) / (perf_counter() - start)


# -- Memory ------------------------------------------------------------------------------------------------


def memory(folder: Path, count: int) -> str:
    write(folder / "many.parquet", "read", count)
    run = watched("read", folder / "many.parquet", folder / "many", "--workers", "2")
    rows = []
    for share in (0.05, 0.25, 0.5, 0.75, 0.99):
        at = min(run.samples, key=lambda sample: abs(sample["pictures"] - share * count))
        rows.append([at["pictures"], *(f"{at[kind]:.0f}" for kind in ("command", "worker", "all"))])
    about = (
        f"Memory, MB, while two workers read {count:,} generated pictures ({run.rate:.0f} a second): of the"
        " command, of the larger worker, and of all processes with Ray's own; what several share is counted"
        " once:"
    )
    return f"{about}\n\n{table(['answered', 'command', 'worker', 'all'], rows)}"


class Run:
    """What was seen of a batch: how many pictures were answered when, and the memory then."""

    def __init__(self) -> None:
        self.samples: list[dict[str, float]] = []

    @property
    def start(self) -> float:
        return next(sample["seconds"] for sample in self.samples if sample["pictures"])

    @property
    def rate(self) -> float:
        first = next(sample for sample in self.samples if sample["pictures"])
        last = next(sample for sample in self.samples if sample["pictures"] == self.samples[-1]["pictures"])
        seconds = last["seconds"] - first["seconds"]
        return (last["pictures"] - first["pictures"]) / max(seconds, 1e-9)


def watched(system: str, pictures: Path, out: Path, *options: str) -> Run:
    """Run a batch and look at it four times a second."""
    command = [
        sys.executable,
        "-m",
        "windowpane",
        "batch",
        system,
        str(pictures),
        "--out",
        str(out),
        *options,
    ]
    run, sizes, start = Run(), dict[str, int](), perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while True:
        running = process.poll() is None
        for part in out.glob("part-*.parquet"):
            if part.name not in sizes:
                sizes[part.name] = pq.read_metadata(part).num_rows
        sample = {"seconds": perf_counter() - start, "pictures": sum(sizes.values())}
        run.samples.append({**sample, **megabytes(process.pid)})
        if not running:
            break
        sleep(0.25)
    assert process.returncode == 0, command
    return run


def megabytes(command: int) -> dict[str, float]:
    """Return the memory of a command, of its largest worker, and of all that it started."""
    parents: dict[int, int] = {}
    workers: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            number = int(folder.name)
            parents[number] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if (folder / "cmdline").read_bytes().startswith(b"ray::MapWorker"):
                workers.add(number)
        except OSError:
            continue

    def below(number: int) -> bool:
        return number == command or (number in parents and below(parents[number]))

    mine = {number: proportional(number) for number in list(parents) if below(number)}
    return {
        "command": mine.get(command, 0.0),
        "worker": max((mine[number] for number in workers & set(mine)), default=0.0),
        "all": sum(mine.values()),
    }


def proportional(process: int) -> float:
    """Return the memory of a process, its share of what it shares with others included."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:"))


# -- Pictures ----------------------------------------------------------------------------------------------


def write(path: Path, system: str, count: int) -> None:
    """Write generated pictures to a Parquet file, in row groups of 500."""
    random = np.random.default_rng(SEED)
    portrait = load((resources.files("windowpane") / "demo" / "portrait.jpg").read_bytes())
    with pq.ParquetWriter(path, pa.schema([("picture", pa.binary())])) as writer:
        for first in range(0, count, 500):
            size = min(500, count - first)
            made = [line(random) if system == "read" else scene(random, portrait) for _ in range(size)]
            writer.write_table(pa.table({"picture": pa.array(made, pa.binary())}))


def line(random: np.random.Generator) -> bytes:
    """Return a PNG of a printed number of 3 to 8 digits on uneven paper."""
    text = "".join(map(str, random.integers(0, 10, random.integers(3, 9))))
    face, scale = TYPES[random.integers(len(TYPES))], random.uniform(0.8, 1.6)
    (width, height), _ = cv2.getTextSize(text, face, scale, 2)
    paper = random.normal(225, 4, (height + 24, width + 32)).clip(0, 255).astype(np.uint8)
    cv2.putText(paper, text, (16, height + 12), face, scale, (40,), 2, cv2.LINE_AA)
    return encoded(".png", paper)


def scene(random: np.random.Generator, portrait: NDArray[np.uint8]) -> bytes:
    """Return a JPEG of 320 x 240 pixels: a part of the portrait, as large as chance has it."""
    height, width = portrait.shape[:2]
    side = int(random.uniform(0.6, 1) * min(height, width * 3 // 4))
    y, x = random.integers(0, height - side + 1), random.integers(0, width - side * 4 // 3 + 1)
    part = portrait[y : y + side, x : x + side * 4 // 3]
    return encoded(".jpg", cv2.resize(part, (320, 240), interpolation=cv2.INTER_AREA)[..., ::-1])


def encoded(suffix: str, pixels: Any) -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


if __name__ == "__main__":
    main()
