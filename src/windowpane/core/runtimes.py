"""What runs the graph of a net (inference runtimes): ONNX Runtime or OpenVINO, on what threads and memory.

Memory that is freed is kept for the next picture: the C library of most Linux systems, glibc, gives it back
to the system, and the next picture's arrays then come page by page anew, each cleared by the kernel: a
quarter of the time that a small picture takes. Source: the manual page mallopt(3).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import prod
from threading import Lock
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from windowpane.errors import MissingExtraError, install

Floats = npt.NDArray[np.float32]
RuntimeName = Literal["onnxruntime", "openvino", "openvino-bf16"]
Item = TypeVar("Item")
Result = TypeVar("Result")

OFTEN, FORGOTTEN = 16, 512
"""Runs after which OpenVINO compiles a graph for a size, 40 to 70 ms; runs of others until it is dropped."""

GRAPHS, GRAPH_PIXELS = 16, 1 << 20
"""Such graphs at most, and pixels of all their sizes together, half of which one may have: 100 MB or so."""


class Runtime(Protocol):
    """Something that runs the graph of a net."""

    def __call__(self, batch: Floats) -> Sequence[Floats]:
        """Return the maps of a batch (N, C, H, W), one (N, K, rows, cols) for each output asked for.

        Maps may be larger than those of the batch, at their right and bottom; the engine cuts them.
        """
        ...


class OnnxRuntime:
    """The default: ONNX Runtime on the processor, which takes new sizes at no cost."""

    def __init__(self, model: bytes, outputs: Sequence[str], threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Patterns are planned and kept for each new size: 290 MB instead of 198 after 100 sizes, and slower.
        options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._outputs = list(outputs)

    def __call__(self, batch: Floats) -> Sequence[Floats]:
        """See `Runtime`."""
        maps: Sequence[Floats] = self._session.run(self._outputs, {self._input: batch})
        return maps


class OpenVino:
    """OpenVINO on the processor, which prepares its graph for each new size.

    A size that comes again and again, as a camera's pictures do, gets a graph of its own. All others are
    rounded up, so that there are few, and share one.

    Parameters
    ----------
    precision
        "f32", or "bf16" where the processor has it.
    """

    def __init__(self, model: bytes, outputs: Sequence[str], threads: int, precision: str = "f32") -> None:
        try:
            import openvino
        except ImportError as error:
            raise MissingExtraError(
                f"the runtime 'openvino' is not installed: {install('openvino')}"
            ) from error
        # What is compiled is kept twice: by OpenVINO for 5,000 layers and sizes, and by its oneDNN for 1,024.
        # Both are lowered. The sizes of a pyramid, a few hundred layers, must find room, or each run compiles
        # them anew, which takes longer than the run itself.
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
        self._core = openvino.Core()
        self._model, self._outputs = model, list(outputs)
        self._settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "CPU_RUNTIME_CACHE_CAPACITY": 256,
            # Two graphs of one thread each, at work side by side, would both be bound to the first core.
            "ENABLE_CPU_PINNING": False,
        }
        self._of_all_sizes = self._compiled()
        self._one_at_a_time = Lock()
        # One room for all padded batches: large arrays that come and go tear the heap into pieces.
        self._room: Floats = np.zeros(0, np.float32)
        self._runs, self._sizes = 0, dict[tuple[int, ...], _Size]()

    def __call__(self, batch: Floats) -> Sequence[Floats]:
        """See `Runtime`."""
        # A request uses its memory again in the next run: one run at a time, and the maps are copied.
        with self._one_at_a_time:
            request = self._own(batch.shape)
            if request is None:
                request, batch = self._of_all_sizes, self._rounded(batch)
            request.infer(batch, share_inputs=True)
            return [request.get_tensor(name).data.copy() for name in self._outputs]

    def _compiled(self, shape: tuple[int, ...] | None = None) -> Any:
        """Return a request to a graph for batches of one shape, or of all."""
        model = self._core.read_model(self._model)
        if shape:
            model.reshape(list(shape))
        return self._core.compile_model(model, "CPU", self._settings).create_infer_request()

    def _own(self, shape: tuple[int, ...]) -> Any:
        """Return the request to the graph of this size, or None where it has none (yet)."""
        self._runs += 1
        if self._runs % FORGOTTEN == 0:
            since = self._runs - FORGOTTEN
            self._sizes = {one: size for one, size in self._sizes.items() if size.last > since}
        size = self._sizes.setdefault(shape, _Size())
        size.runs, size.last = size.runs + 1, self._runs
        if size.request is None and size.runs > OFTEN:
            own = [_pixels(one) for one, other in self._sizes.items() if other.request]
            left = GRAPH_PIXELS - sum(own)
            if len(own) < GRAPHS and _pixels(shape) <= min(left, GRAPH_PIXELS // 2):
                size.request = self._compiled(shape)
        return size.request

    def _rounded(self, batch: Floats) -> Floats:
        """Return a batch with more rows and columns; what is in there reaches only cells that are cut."""
        count, channels, height, width = batch.shape
        rounded = (count, channels, _round_up(height), _round_up(width))
        if rounded == batch.shape:
            return batch
        if self._room.size < prod(rounded):
            self._room = np.zeros(prod(rounded), np.float32)
        padded = self._room[: prod(rounded)].reshape(rounded)
        padded[:, :, :height, :width] = batch
        return padded


@dataclass(slots=True)
class _Size:
    """How often a size came, in which run last, and the request to its own graph."""

    runs: int = 0
    last: int = 0
    request: Any = None


def _pixels(shape: tuple[int, ...]) -> int:
    count, _, height, width = shape
    return count * height * width


def _round_up(size: int) -> int:
    """Return the next size with four steps to the octave: ..., 32, 40, 48, 56, 64, 80, ..."""
    step = 1 << max(size.bit_length() - 3, 0)
    return -(-size // step) * step


RUNTIMES: dict[str, Callable[[bytes, Sequence[str], int], Runtime]] = {
    "onnxruntime": OnnxRuntime,
    "openvino": OpenVino,
    "openvino-bf16": partial(OpenVino, precision="bf16"),
}
"""How each runtime is made, from the model, the names of its outputs, and a number of threads."""


# -- Threads -----------------------------------------------------------------------------------------------


class Workers:
    """Threads that share the pieces of one picture's work (thread pool); the one that asks works along.

    Parameters
    ----------
    threads
        In all. Of one there is no other: nothing is started then.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads - 1, "windowpane-worker") if threads > 1 else None
        self._threads = threads

    @property
    def threads(self) -> int:
        """How many there are: one after `close`."""
        return self._threads if self._pool else 1

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return what the work on each item gives, in the order of the items.

        Whoever is free begins the first that nobody has begun, so large ones come first. The first ones are
        at work while further ones are being made.
        """
        if self._pool is None:
            return [work(item) for item in items]
        submit, tasks = self._pool.submit, []
        try:
            for item in items:
                tasks.append((item, submit(work, item)))
            own = {place: work(item) for place, (item, task) in enumerate(tasks) if task.cancel()}
            return [own[place] if place in own else task.result() for place, (_, task) in enumerate(tasks)]
        finally:
            for _, task in tasks:
                task.cancel()  # after an error nobody waits for what is left

    def close(self) -> None:
        """End the further threads; all work is then done by the one that asks."""
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown()


# -- The process -------------------------------------------------------------------------------------------

KEPT = 64 << 20
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def keep_freed_memory(most: int | None = KEPT) -> None:
    """Let this process keep up to so many bytes of what it frees, for each arena of threads; None = all.

    Arrays larger than half of it still go back to the system. Where the C library is not glibc, nothing
    happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        allocator = ctypes.CDLL(None).mallopt
        if most is None:
            allocator(TRIM_THRESHOLD, -1)
            allocator(MMAP_MAX, 0)
        elif allocator(MMAP_THRESHOLD, most // 2):  # refused on 32 bits, and the other alone does harm
            allocator(TRIM_THRESHOLD, most)
