"""How fast the scene parser is, and what share of the machine's peak its nets reach; writes its section.

python benchmarks/parse_speed.py [--net FILE ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, sleep

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from results import made_with, publish, table

from windowpane.core.netfile import load_net
from windowpane.core.runtimes import RuntimeName
from windowpane.parse.parser import Parser

SIZE = (240, 320)
LARGER = ((480, 640), (1080, 1920))
TURNS, STREAM = 9, 4  # turns of each, and pictures that are timed in one
SECONDS = 8.0  # no further turns after so many
REST = 0.03  # seconds between two turns, for the threads of the last one to fall asleep
MATRIX = 2048  # rows and columns of the matrices whose product is the peak
THREADS = (1, 2)
ABOUT = f"""\
Milliseconds from decoded pixels to a label for each of them, in a stream of pictures: medians of up to
{TURNS} turns, in each of which {STREAM} pictures are timed after a first one that is not; both numbers of
threads in turn. Share of the peak: multiplications and additions of the net's layers in the time that the net
takes, over those a second of a product of two {MATRIX} x {MATRIX} matrices on as many threads, float32, by
the same runtime."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", action="append", help="a net's name or file; may be given several times")
    nets = parser.parse_args().net or ["scenes", "faithful"]
    picture = noise(SIZE)
    rows, shares = [], []
    for net in nets:
        name = load_net(net).manifest.name
        for runtime in ("onnxruntime", "openvino", "openvino-bf16"):
            rows.append([name, runtime, *(f"{ms:.1f}" for ms in times(net, runtime, picture))])
        for threads in THREADS:
            shares.append([name, threads, *share_of_peak(net, threads, picture)])
    sizes = [f"{w}x{h}" for h, w in (SIZE, *LARGER)]
    head = ["net", "runtime", *(f"{size}, {n} thread{'s' * (n > 1)}" for size in sizes for n in THREADS)]
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", "openvino"),
        ABOUT,
        table(head, rows),
        table(["net", "threads", "net, ms", "GFLOP/s", "peak, GFLOP/s", "share"], shares),
    ]
    publish("parse-speed", "Scenes: speed", "\n\n".join(body), quick=False)


def noise(size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) with something of every size in it: the time does not depend on what."""
    rng, (height, width) = np.random.default_rng(0), size
    coarse = rng.integers(0, 256, (height // 40, width // 40, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def times(net: str, runtime: RuntimeName, picture: NDArray[np.uint8]) -> list[float]:
    """Return the milliseconds of each size and number of threads."""
    found = []
    for size in (SIZE, *LARGER):
        larger = np.asarray(cv2.resize(picture, size[::-1]), np.uint8)
        parsers = [Parser(net, runtime=runtime, threads=threads) for threads in THREADS]
        found += taken([lambda one=one, larger=larger: one.parse(larger) for one in parsers], THREADS)
    return found


def share_of_peak(net: str, threads: int, picture: NDArray[np.uint8]) -> list[str]:
    """Return the milliseconds of the trunk over all levels, its GFLOP/s, the peak and the share of it."""
    parser = Parser(net, threads=threads)
    levels = parser.explain(picture).levels
    trunks = {output.name: one.data for one in load_net(net).chain for output in one.manifest.outputs}
    sizes = [level.image.shape[:2] for level in levels]
    work = 2e-9 * sum(multiplications(trunks[f"level_{k}"], *size) for k, size in enumerate(sizes))
    a, b = (np.random.default_rng(i).random((MATRIX, MATRIX), np.float32) for i in (0, 1))
    product = matrix_product(threads)
    works = [
        lambda: parser.net.maps_of(levels),
        lambda: product.run(None, {"a": a, "b": b}),
    ]
    ms, peak_ms = taken(works, (threads, threads))
    speed, peak = work / ms * 1000, 2e-9 * MATRIX**3 / peak_ms * 1000
    return [f"{ms:.1f}", f"{speed:.0f}", f"{peak:.0f}", f"{100 * speed / peak:.0f} %"]


def multiplications(data: bytes, height: int, width: int) -> int:
    """Return how many multiplications the layers of a model take for an image."""
    model = onnx.load_model_from_string(data)
    shape = model.graph.input[0].type.tensor_type.shape.dim
    for dimension, value in zip(shape, (1, shape[1].dim_value, height, width), strict=True):
        dimension.dim_value = value
    model = onnx.shape_inference.infer_shapes(model)
    values = [*model.graph.value_info, *model.graph.output]
    sizes = {one.name: [d.dim_value for d in one.type.tensor_type.shape.dim] for one in values}
    sizes |= {one.name: list(one.dims) for one in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    return sum(
        int(np.prod(sizes[node.input[1]])) * int(np.prod(sizes[node.output[0]][2:])) for node in convolutions
    )


def matrix_product(threads: int) -> onnxruntime.InferenceSession:
    """Return a session that multiplies two matrices."""
    text = (
        f"product (float[{MATRIX}, {MATRIX}] a, float[{MATRIX}, {MATRIX}] b)"
        f" => (float[{MATRIX}, {MATRIX}] c) {{ c = MatMul(a, b) }}"
    )
    model = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 17]> {text}')
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def taken(runs: Sequence[Callable[[], object]], threads: Sequence[int]) -> list[float]:
    """Return the median of the milliseconds that each takes, run after run; they take turns.

    threads: how many each may use, so OpenCV has as many.
    """
    found: list[list[float]] = [[] for _ in runs]
    begun = perf_counter()
    while len(found[0]) < TURNS and (not found[0] or perf_counter() - begun < SECONDS):
        for run, each, number in zip(runs, found, threads, strict=True):
            cv2.setNumThreads(number)
            sleep(REST)
            run()
            start = perf_counter()
            for _ in range(STREAM):
                run()
            each.append(1000 * (perf_counter() - start) / STREAM)
    return [median(each) for each in found]


if __name__ == "__main__":
    main()
