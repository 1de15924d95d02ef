"""How fast the reader reads; writes its section of RESULTS.md. All contenders take turns in one run: medians.

python benchmarks/read_speed.py [--net FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from time import perf_counter
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from results import made_with, publish, table

from windowpane.core.netfile import load_net
from windowpane.evaluate.read import SETS
from windowpane.read.lattice import Lattice
from windowpane.read.lexicon import Lexicon
from windowpane.read.line import normalize
from windowpane.read.reader import Reader
from windowpane.read.votes import align, vote

SEED = 2026
SIZE = (32, 160)  # of one line, pixels
BATCH = 10_000  # lines
Picture = NDArray[np.uint8]
Scores = NDArray[np.float32]
Milliseconds = NDArray[np.float64]
Runtime = Literal["onnxruntime", "openvino"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="digits", help="a net's name or file")
    parser.add_argument("--limit", type=int, help="a quick look: so many different lines, printed")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    runtimes: list[Runtime] = ["onnxruntime"] + (["openvino"] if find_spec("openvino") else [])
    written = [e.pixels for e in islice(SETS["composed"][0](options.seed), options.limit or 2000)]
    lines = [fitted(picture) for picture in written[:300]]
    parts = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", "openvino", seed=options.seed),
        ABOUT,
        one_line(options.net, runtimes, lines),
        search(options.net, lines),
        many_lines(options.net, runtimes, written, BATCH if options.limit is None else options.limit),
        loading(options.net, runtimes),
    ]
    publish("read-speed", "Reading: speed", "\n\n".join(parts), quick=options.limit is not None)


ABOUT = f"""\
Composed ZIP codes. One line: pictures of {SIZE[0]}x{SIZE[1]} pixels, one at a time, one thread;
p95: one line in twenty is slower, for a line that is not sure is looked at again."""


def fitted(picture: Picture) -> Picture:
    """Return a picture scaled to fit into `SIZE`, with more of its paper around it."""
    height, width = picture.shape[:2]
    scale = min(SIZE[0] / height, SIZE[1] / width)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    below, right = SIZE[0] - small.shape[0], SIZE[1] - small.shape[1]
    edges = (below // 2, below - below // 2, right // 2, right - right // 2)
    paper = np.median(small, axis=(0, 1)).tolist()
    return cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=paper)


# -- One line ----------------------------------------------------------------------------------------------


def one_line(net: str, runtimes: Sequence[Runtime], lines: Sequence[Picture]) -> str:
    """Time the whole reader, and its steps, on single lines with one thread."""
    contenders: dict[str, Callable[[int], object]] = {}
    for runtime in runtimes:
        reader = Reader(net, runtime=runtime)
        contenders[f"whole reader, {runtime}"] = lambda i, read=reader.read: read(lines[i])
        five = Reader(net, length=5, runtime=runtime)
        contenders[f"whole reader, 5 digits, {runtime}"] = lambda i, read=five.read: read(lines[i])
    looking_once = Reader(net)
    looking_once.tta_threshold = 0.0
    contenders["whole reader without second looks, onnxruntime"] = lambda i: looking_once.read(lines[i])
    inks = [np.ascontiguousarray(normalize(line).ink) for line in lines]
    contenders["line normaliser alone"] = lambda i: normalize(lines[i])
    for runtime in runtimes:
        engine = Reader(net, runtime=runtime).engine
        contenders[f"net alone, {runtime}"] = lambda i, run=engine.run: run(inks[i])
    windows = [output.window for output in looking_once.engine.manifest.outputs]
    maps = [[m.scores[None, :, 0] for m in looking_once.engine.run(ink)] for ink in inks]
    contenders["vote, shortest path and its probability alone"] = lambda i: _decode(maps[i], windows)
    times = in_turn(contenders, len(lines))
    return table(["one line, ms", "median", "p95"], [[name, *_spread(t)] for name, t in times.items()])


def _decode(maps: Sequence[Scores], windows: Sequence[object]) -> object:
    lattice = Lattice(vote(align(maps, windows)))  # type: ignore[arg-type]
    return lattice.log_probability([path.text for path in lattice.shortest_paths()])


# -- Exact search ------------------------------------------------------------------------------------------


def search(net: str, lines: Sequence[Picture]) -> str:
    """Time the exact search among the ZIP codes of the United States, on top of the free shortest path.

    Written lines show valid codes; read from right to left, columns turned round, most show none.
    """
    reader = Reader(net)
    windows = [output.window for output in reader.engine.manifest.outputs]
    maps = [reader.engine.run(normalize(line).ink) for line in lines]
    voted = [vote(align([m.scores[:, 0] for m in each], windows)) for each in maps]
    backward = [np.ascontiguousarray(scores[:, ::-1]) for scores in voted]
    codes = Lexicon.us_zip()
    contenders: dict[str, Callable[[int], object]] = {}
    for what, scores in (("valid codes", voted), ("mostly no valid codes", backward)):
        contenders[f"free shortest path, 5 digits; {what}"] = lambda i, s=scores: Lattice(
            s[i][None]
        ).shortest_paths(5)
        contenders[f"best of {len(codes):,} ZIP codes; {what}"] = lambda i, s=scores: Lattice(
            s[i][None]
        ).best_strings(0, 5, codes)
        contenders[f"best 5 of them; {what}"] = lambda i, s=scores: Lattice(s[i][None]).best_strings(
            0, 5, codes, top=5
        )
    with_codes, without = Reader(net, format="zip"), Reader(net, length=5)
    contenders["whole reader, 5 digits, any"] = lambda i: without.read(lines[i])
    contenders["whole reader, ZIP codes"] = lambda i: with_codes.read(lines[i])
    times = in_turn(contenders, len(lines))
    added = np.median(times["whole reader, ZIP codes"] - times["whole reader, 5 digits, any"])
    rows = [[name, *_spread(t)] for name, t in times.items()]
    rows.append(["added to the whole reader by the ZIP codes, line by line", f"{added:.3f}", ""])
    return table(["exact search, ms a line", "median", "p95"], rows)


# -- Many lines, and loading -------------------------------------------------------------------------------


def many_lines(net: str, runtimes: Sequence[Runtime], written: Sequence[Picture], count: int) -> str:
    """Time a stream of lines of all sizes, on one lane and on two, turn by turn."""
    readers = {
        (runtime, lanes): Reader(net, threads=lanes, runtime=runtime)
        for runtime in runtimes
        for lanes in (1, 2)
    }
    runs = {
        f"{runtime}, {lanes}": partial(_read_all, reader, written, count)
        for (runtime, lanes), reader in readers.items()
    }
    times = in_turn(runs, 5, warm_up=1, repeats=1)
    rows = []
    for runtime in runtimes:
        one, two = (times[f"{runtime}, {lanes}"] for lanes in (1, 2))
        a_second = [f"{1000 * count / np.median(each):,.0f}" for each in (one, two)]
        rows.append([runtime, *a_second, f"{np.median(one / two):.2f}"])
    for reader in readers.values():
        reader.close()
    head = [f"{count:,} lines of 13 to 120 pixels height, a second", "one lane", "two lanes", "two over one"]
    return table(head, rows)


def _read_all(reader: Reader, pictures: Sequence[Picture], count: int, _: int) -> None:
    for _reading in reader.read(islice(cycle(pictures), count)):
        pass


def loading(net: str, runtimes: Sequence[Runtime]) -> str:
    """Time how long a net file takes to load and check, and to be ready to read."""
    data = load_net(net).data
    contenders: dict[str, Callable[[int], object]] = {"load and check the net file": lambda _: load_net(net)}
    for runtime in runtimes:
        contenders[f"Reader, ready to read, {runtime}"] = lambda _, r=runtime: Reader(net, runtime=r)
    contenders["load the ZIP codes, the first time"] = lambda _: _fresh_codes()
    rows = [[name, *_spread(times)] for name, times in in_turn(contenders, 9, warm_up=1).items()]
    return f"The net file has {len(data) / 1000:,.0f} kB.\n\n" + table(["loading, ms", "median", "p95"], rows)


def _fresh_codes() -> Lexicon:
    from windowpane.read import lexicon

    lexicon._postcodes.cache_clear()
    return Lexicon.us_zip()


# -- Timing ------------------------------------------------------------------------------------------------


def in_turn(
    contenders: Mapping[str, Callable[[int], object]], items: int, *, warm_up: int = 5, repeats: int = 3
) -> dict[str, Milliseconds]:
    """Time contenders on items 0, 1, ..., turn by turn, so that a busy moment hits all of them.

    Returns for each the milliseconds of every item, (items,), the median of the repeats.
    """
    for contend in contenders.values():
        for item in range(min(warm_up, items)):
            contend(item)
    times = {name: np.zeros((repeats, items)) for name in contenders}
    for repeat, item in _rounds(repeats, items):
        for name, contend in contenders.items():
            started = perf_counter()
            contend(item)
            times[name][repeat, item] = 1000 * (perf_counter() - started)
    return {name: np.median(each, axis=0) for name, each in times.items()}


def _rounds(repeats: int, items: int) -> Iterator[tuple[int, int]]:
    for repeat in range(repeats):
        for item in range(items):
            yield repeat, item


def _spread(times: Milliseconds) -> tuple[str, str]:
    return f"{np.median(times):.3f}", f"{np.quantile(times, 0.95):.3f}"


if __name__ == "__main__":
    main()
