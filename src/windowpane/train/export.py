"""From a trained net to one ``.onnx`` file, with proof that both give the same maps."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.engine import Engine
from windowpane.errors import NetFileError
from windowpane.netfile import Manifest, NetFile, load, save


def export(net: nn.Module, manifest: Manifest, path: Path, example: Tensor) -> NetFile:
    """Write a net (in evaluation mode, norms folded in) as a net file and compare both on an example.

    example: (N, C, H, W) float32 as the net expects it. Raises NetFileError, and leaves no file, where a
    score differs by more than 1e-4 of the largest.
    """
    net = net.eval().to("cpu", memory_format=torch.contiguous_format)
    names = [output.name for output in manifest.outputs]
    sizes = {0: "batch", 2: "height", 3: "width"}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        expected = net(example)
        torch.onnx.export(
            net,
            (example,),
            buffer,
            dynamo=False,
            input_names=["image"],
            output_names=names,
            dynamic_axes={"image": sizes} | {name: {0: "batch", 2: f"{name}_rows", 3: f"{name}_cols"} for name in names},
            opset_version=17,
        )
    saved = save(path, buffer.getvalue(), manifest)
    engine = Engine(load(path))
    given = engine.runtime(example.numpy().astype(np.float32))
    for name, ours, theirs in zip(names, expected, given, strict=True):
        difference = float(np.abs(ours.numpy() - theirs).max())
        if difference > 1e-4 * max(1.0, float(ours.abs().max())):
            path.unlink()
            raise NetFileError(
                f"the exported map {name} differs from the trained one by {difference:.1e}: nothing was written;"
                " this is a fault of the exporter, please report it with the versions of torch and onnx"
            )
    return saved
