"""Quantization: from a net to one that computes with whole numbers of 8 bits, in a smaller file, and for some
nets in less time.

    quantize("digits", pictures, "digits8.onnx")        # about a hundred lines, from what it was trained on

The weights of each channel, and what flows from layer to layer, become multiples of a step. The steps follow
from the extremes that the net meets while its system looks at some pictures; these must be of what it learned
from, never of what it is measured with. Sizes, labels, threshold and calibration stay, so whether a threshold
still holds is to be measured: the scores in its card are left out.

Source: Jacob et al. 2018, "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", sections 2 and 3 (without the training).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from windowpane.core.engine import Engine
from windowpane.core.netfile import NetFile, assembled, load_net, save
from windowpane.core.runtimes import Floats, Runtime
from windowpane.core.system import System
from windowpane.errors import DataError, MissingExtraError, NetFileError, install
from windowpane.images import expand
from windowpane.images import load as load_image
from windowpane.systems import TASKS, BuiltIn


def quantize(net: NetFile | str | Path | bytes, pictures: Sequence[Any], path: str | Path) -> NetFile:
    """Write a net that reads, detects or parses as one of 8 bits, with the second one that it may carry.

    Parameters
    ----------
    net
        As `windowpane.core.netfile.load_net` takes it.
    pictures
        Whatever the net's system takes: arrays, paths, folders. About a hundred are enough.
    path
        Of the new net file.

    Raises
    ------
    DataError
        Without pictures that show something.
    ImageError
        For one that cannot be used.
    NetFileError
        For a net of another task.
    MissingExtraError
        Without the ``onnx`` package.
    """
    file = net if isinstance(net, NetFile) else load_net(net)
    files = [*expand([one for one in pictures if isinstance(one, str | Path)])]
    shown = [*files, *(one for one in pictures if not isinstance(one, str | Path))]
    if not shown:
        raise DataError("no pictures were given: some that the net was trained on must be looked at")
    small = None
    with closing(_system(file)) as system:
        for net, engine in reversed(list(zip(file.chain, system.engines, strict=True))):
            data = quantized(net.data, _given(engine, system, shown))
            small = assembled(data, _stated(net).manifest, small)
    assert small is not None
    return save(path, small.data, small.manifest, small.second)


def quantized(model: bytes, batches: Iterable[Floats]) -> bytes:
    """Return an ONNX model that computes in 8 bits, given batches of its input (N, C, H, W) float32.

    Raises
    ------
    DataError
        Without batches.
    MissingExtraError
        Without the ``onnx`` package.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static, shape_inference
    except ImportError as error:
        raise MissingExtraError(f"a net in 8 bits needs the onnx package: {install('train')}") from error
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        raise DataError("the net had nothing to look at in the pictures: add some that show what it finds")
    proto = onnx.load(io.BytesIO(model))
    with TemporaryDirectory() as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        shape_inference.quant_pre_process(proto, plain, skip_symbolic_shape=True)
        # A norm that no layer before it could take up has a number for each channel, and no kernel.
        norms = [node.name for node in onnx.load(plain).graph.node if node.op_type == "BatchNormalization"]
        quantize_static(
            plain,
            small,
            _Feed(proto.graph.input[0].name, chain([first], batches)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            nodes_to_exclude=norms,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return small.read_bytes()


def _system(file: NetFile) -> BuiltIn:
    """Return the system that looks at pictures with a net."""
    task = TASKS.get(file.manifest.task)
    if task is None:
        raise NetFileError(
            f"the net {file.manifest.name!r} is for the task {file.manifest.task!r}: only nets that read,"
            " detect or parse are made 8 bits"
        )
    system: BuiltIn = task.system(file)
    return system


def _given(engine: Engine, system: System, pictures: Sequence[Any]) -> Iterator[Floats]:
    """Yield what a net is given while its system looks at pictures, one after the other.

    For so long the engine's runtime is wrapped in another, as `windowpane.core.engine.Engine` says it may be.
    """
    own = engine.runtime
    engine.runtime = listener = _Listener(own)
    try:
        for picture in pictures:
            system.answer(load_image(picture))
            yield from listener.heard
            listener.heard.clear()
    finally:
        engine.runtime = own


class _Listener:
    """A runtime that keeps what another is given."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.heard: list[Floats] = []

    def __call__(self, batch: Floats) -> Sequence[Floats]:
        """See `Runtime`."""
        self.heard.append(batch.copy())
        return self.runtime(batch)


class _Feed:
    """Batches as onnxruntime's calibration asks for them."""

    def __init__(self, name: str, batches: Iterable[Floats]) -> None:
        self.name, self.batches = name, iter(batches)

    def get_next(self) -> dict[str, Floats] | None:
        batch = next(self.batches, None)
        return None if batch is None else {self.name: batch}


def _stated(file: NetFile) -> NetFile:
    """Return a net whose card says that it has 8 bits, without the scores of the one that had more."""
    card = {key: value for key, value in file.manifest.card.items() if key != "scores"}
    return replace(file, manifest=replace(file.manifest, card=card | {"precision": "int8"}))
