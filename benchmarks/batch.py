"""How fast a batch is beside a plain loop, and whether its memory stays level: two sections of RESULTS.md.

    python benchmarks/batch.py [speed] [memory] [--quick]

The pictures are generated: numbers in four type faces, and scenes that are parts of the built-in portrait.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from os import sysconf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
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
EACH = {"read": 10_000, "detect": 2_000}
MANY = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["speed", "memory"], choices=["speed", "memory"])
    parser.add_argument("--quick", action="store_true", help="a tenth of the pictures; nothing is written")
    given = parser.parse_args()
    about = made_with("numpy", "opencv-python-headless", "onnxruntime", "pyarrow", "ray", seed=SEED)
    less = 10 if given.quick else 1
    with TemporaryDirectory() as folder:
        if "speed" in given.what:
            body = f"{about}\n\n{speed(Path(folder), less)}"
            publish("batch-speed", "Batch: speed", body, quick=given.quick)
        if "memory" in given.what:
            body = f"{about}\n\n{memory(Path(folder), MANY // less)}"
            publish("batch-memory", "Batch: memory", body, quick=given.quick)


# -- Speed -------------------------------------------------------------------------------------------------


def speed(folder: Path, less: int) -> str:
    rows = []
    for system, count in EACH.items():
        pictures = folder / f"{system}.parquet"
        write(pictures, system, count // less)
        loop = plain_loop(system, pictures)
        one, two = (watched(system, pictures, folder / f"{system}-{n}", "--workers", str(n)) for n in (1, 2))
        free = (2 - two.besides) * one.cost / two.cost
        rates = (
            f"{rate:.0f} ({cost:.1f})" for rate, cost in (loop, (one.rate, one.cost), (two.rate, two.cost))
        )
        ratios = f"{two.rate / one.rate:.2f}", f"{free:.2f}", f"{two.besides:.2f}"
        rows.append([system, count // less, *rates, *ratios, f"{one.start:.0f} and {two.start:.0f}"])
    head = [
        "",
        "pictures",
        "plain loop",
        "1 worker",
        "2 workers",
        "2 : 1",
        "on free cores",
        "Ray",
        "start, s",
    ]
    about = (
        "Pictures a second from Parquet to Parquet, once the first part is there; in brackets "
        "milliseconds of processor time that a worker needs for each. The plain loop calls the system "
        "picture by picture and writes nothing. One worker runs in the process of the command, two on "
        "Ray, which needs some of a core for itself (under Ray). Two workers to one (goal 1.8): by the "
        "clock, which other work on the machine disturbs, and as these times would have it on two free "
        "cores. The start is the time to the first part:"
    )
    return f"{about}\n\n{table(head, rows)}"


def plain_loop(system: str, pictures: Path) -> tuple[float, float]:
    """Return how many pictures a second the library answers one after the other, and ms of each."""
    some = pq.read_table(pictures)["picture"].slice(0, EACH[system] // 10).to_pylist()
    answer: Any = Reader().read if system == "read" else Detector().detect
    start, busy = perf_counter(), process_time()
    for data in some:
        answer(load(data)).to_dict()
    return len(some) / (perf_counter() - start), 1000 * (process_time() - busy) / len(some)


# -- Memory ------------------------------------------------------------------------------------------------


def memory(folder: Path, count: int) -> str:
    write(folder / "many.parquet", "read", count)
    run = watched("read", folder / "many.parquet", folder / "many", "--workers", "2")
    rows = []
    for share in (0.05, 0.25, 0.5, 0.75, 0.99):
        at = min(run.samples, key=lambda sample: abs(sample.pictures - share * count))
        rows.append([at.pictures, *(f"{mb:.0f}" for mb in (at.command, at.worker, at.all))])
    about = (
        f"Memory, MB, while two workers read {count:,} generated pictures: of the command, of the larger"
        " worker, and of all processes with Ray's own; what several share is counted once:"
    )
    return f"{about}\n\n{table(['answered', 'command', 'worker', 'all'], rows)}"


# -- Watching a batch --------------------------------------------------------------------------------------


@dataclass
class Sample:
    """What is seen of a batch at one time: pictures answered, processor seconds, megabytes."""

    seconds: float
    pictures: int
    busy: float
    busy_workers: float
    command: float
    worker: float
    all: float


@dataclass
class Run:
    """A batch as it was seen, from its beginning to its end."""

    samples: list[Sample]

    @property
    def first(self) -> Sample:
        return next(sample for sample in self.samples if sample.pictures)

    @property
    def last(self) -> Sample:
        return next(sample for sample in self.samples if sample.pictures == self.samples[-1].pictures)

    @property
    def start(self) -> float:
        """Seconds to the first part."""
        return self.first.seconds

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return (self.last.pictures - self.first.pictures) / (self.last.seconds - self.first.seconds)

    @property
    def cost(self) -> float:
        """Milliseconds of processor time that workers need for a picture."""
        busy = self.last.busy_workers - self.first.busy_workers
        return 1000 * busy / (self.last.pictures - self.first.pictures)

    @property
    def besides(self) -> float:
        """The share of a processor core that all but the workers need."""
        first, last = self.first, self.last
        others = (last.busy - last.busy_workers) - (first.busy - first.busy_workers)
        return others / (last.seconds - first.seconds)


def watched(system: str, pictures: Path, out: Path, *options: str) -> Run:
    """Run a batch and look at it four times a second."""
    command = [sys.executable, "-m", "windowpane", "batch", system, str(pictures), "--out", str(out)]
    samples: list[Sample] = []
    sizes: dict[str, int] = {}
    busy: dict[int, float] = {}
    start = perf_counter()
    process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    workers = {process.pid}
    while process.poll() is None:
        for part in set(out.glob("part-*.parquet")):
            if part.name not in sizes:
                sizes[part.name] = pq.read_metadata(part).num_rows
        memory: dict[int, float] = {}
        for number, name, seconds in family(process.pid):
            busy[number], memory[number] = seconds, proportional(number)
            if name.startswith("ray::MapWorker"):
                workers = {*workers, number} - {process.pid}
        samples.append(
            Sample(
                perf_counter() - start,
                sum(sizes.values()),
                sum(busy.values()),
                sum(busy.get(number, 0.0) for number in workers),
                memory.get(process.pid, 0.0),
                max((memory.get(number, 0.0) for number in workers), default=0.0),
                sum(memory.values()),
            )
        )
        sleep(0.25)
    assert process.returncode == 0, command
    return Run(samples)


def family(command: int) -> list[tuple[int, str, float]]:
    """Return a process and all that it started: number, command line, and processor seconds so far."""
    found, parents = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            name = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has just ended
            continue
        number, parents[int(folder.name)] = int(folder.name), int(fields[1])
        found[number] = (number, name, (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK"))

    def is_mine(number: int) -> bool:
        return number == command or (number in parents and is_mine(parents[number]))

    return [one for number, one in found.items() if is_mine(number)]


def proportional(process: int) -> float:
    """Return the megabytes of a process, its share of what it shares with others included."""
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
