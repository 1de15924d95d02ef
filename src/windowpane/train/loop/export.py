"""From a trained net to one ``.onnx`` file (export), with proof that both give the same maps."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, NetFile, load_net, save
from windowpane.errors import NetFileError


def export(
    net: nn.Module,
    manifest: Manifest,
    path: Path,
    example: Tensor,
    second: NetFile | None = None,
    *,
    half: bool = False,
) -> NetFile:
    """Write a net (in evaluation mode, norms folded in) as a net file and compare both on an example.

    Parameters
    ----------
    example
        (N, C, H, W) float32 images on the scale 0..1.
    second
        A net for the file to carry.
    half
        Keep the weights in 16 bits, in half the file; it is run in 32 all the same.

    Raises
    ------
    NetFileError
        And leaves no file, where a score differs by more than 1e-4 of the largest, or 1e-2 of it with half.
    """
    mean, std = (torch.tensor(value)[:, None, None] for value in (manifest.mean, manifest.std))
    net = net.eval().to("cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    names = [output.name for output in manifest.outputs]
    sizes = {0: "batch", 2: "height", 3: "width"}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        example_input = (example - mean) / std
        answer = net(example_input)
        expected = (answer,) if isinstance(answer, Tensor) else answer
        torch.onnx.export(
            net,
            (example_input,),
            buffer,  # type: ignore[arg-type]
            dynamo=False,
            input_names=["image"],
            output_names=names,
            dynamic_axes={"image": sizes} | {name: _map_sizes(name) for name in names},
            opset_version=17,
        )
    model = halved(buffer.getvalue()) if half else buffer.getvalue()
    tolerance = 1e-2 if half else 1e-4
    saved = save(path, model, manifest, second)
    given = Engine(load_net(path)).run_batch(example.permute(0, 2, 3, 1).numpy())
    for name, ours, theirs in zip(names, expected, given, strict=True):
        difference = float((ours - torch.from_numpy(theirs)).abs().max())
        if difference > tolerance * max(1.0, float(ours.abs().max())):
            path.unlink()
            raise NetFileError(
                f"the exported map {name} differs from the trained one by {difference:.1e}, so nothing was"
                " written: report this fault of the exporter, with the versions of torch and onnx"
            )
    return saved


def halved(model: bytes) -> bytes:
    """Return an ONNX model with its weights in 16 bits, made 32 again when it is opened."""
    import onnx

    proto = onnx.load_model_from_string(model)
    weights = [one for one in proto.graph.initializer if one.data_type == onnx.TensorProto.FLOAT]
    for weight in weights:
        name = weight.name
        short = onnx.numpy_helper.from_array(
            onnx.numpy_helper.to_array(weight).astype("float16"), f"{name}_16"
        )
        proto.graph.initializer.remove(weight)
        proto.graph.initializer.append(short)
        cast = onnx.helper.make_node("Cast", [short.name], [name], to=onnx.TensorProto.FLOAT)
        proto.graph.node.insert(0, cast)
    return bytes(proto.SerializeToString())


def _map_sizes(name: str) -> dict[int, str]:
    """Name the axes of a score map that may be of any size."""
    return {0: "batch", 2: f"{name}_rows", 3: f"{name}_cols"}
