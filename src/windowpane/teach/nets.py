"""A parser's net taken apart into backbone and last layer, and given another last layer (transfer learning).

The backbone, or one for the first level and another for the rest, is what the net has learned to see; the
last layer says what that is called. A taught net is the same frozen backbone with a head of its own, a linear
probe folded into one file like any other parser's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.core.last_layer import LastLayer
from windowpane.core.netfile import NetFile, Output, assembled
from windowpane.errors import MissingExtraError, NetFileError, install

FEATURES = "features"


def backbone_of(net: NetFile) -> NetFile:
    """Return a parser's backbones: nets of one output, ``features``, the first of which carries the next.

    Raises
    ------
    NetFileError
        For a net whose outputs are not linear layers on one map.
    MissingExtraError
        Without the ``onnx`` package.
    """
    onnx = _onnx()
    model = onnx.load_model_from_string(net.data)
    graph = model.graph
    outputs = {output.name for output in net.manifest.outputs}
    heads = [node for node in graph.node if node.op_type == "Conv" and node.output[0] in outputs]
    seen = {node.input[0] for node in heads}
    if len(heads) < len(outputs) or len(seen) > 1:
        raise NetFileError(
            f"the net {net.manifest.name!r} has no single backbone, so no other last layer can be put on it"
        )
    count = _channels(graph, heads[0].input[1])
    for node in heads:
        graph.node.remove(node)
    _drop_unused(graph, seen)
    graph.node.append(onnx.helper.make_node("Identity", list(seen), [FEATURES]))
    del graph.output[:]
    graph.output.append(_map(onnx, FEATURES, count))
    names = tuple(f"feature {number}" for number in range(count))
    output = Output(FEATURES, names, net.manifest.outputs[0].window)
    manifest = replace(net.manifest, outputs=(output,))
    further = net.second if net.second and net.second.manifest.colour != "features" else None
    return assembled(model.SerializeToString(), manifest, backbone_of(further) if further else None)


def backbones_of_levels(backbone: NetFile) -> list[int]:
    """Return the number of the backbone, in the chain, that is for each level: the last one for all further
    levels."""
    last = len(backbone.chain) - 1
    return [min(level, last) for level in range(backbone.manifest.settings["levels"])]


def with_layer(
    backbone: NetFile,
    name: str,
    names: tuple[str, ...],
    layer: LastLayer,
    settings: dict[str, Any],
    card: dict[str, Any],
) -> NetFile:
    """Return a parser's net: backbones, and a last layer on what they see at each level of the pyramid.

    Parameters
    ----------
    backbone
        As `backbone_of` gives it.
    name, names
        Of the net, and of its classes.
    layer
        Weights (classes, features of all levels), those of the first level first.
    settings
        Further ones of the parser.
    card
        For people.
    """
    numbers, counts = backbones_of_levels(backbone), features_of(backbone)
    parts = np.split(layer.weights, np.cumsum(counts)[:-1], axis=1)
    biases = [layer.bias, *[np.zeros_like(layer.bias)] * (len(parts) - 1)]
    layers = [LastLayer(weights, bias) for weights, bias in zip(parts, biases, strict=True)]
    settings = {**backbone.manifest.settings, "finer": 1, **settings}
    carried = None
    for number, one in reversed(list(enumerate(backbone.chain))):
        mine = {level: layers[level] for level, other in enumerate(numbers) if other == number}
        manifest = replace(one.manifest, name=name, settings=settings, card=card)
        carried = _with_heads(replace(one, manifest=manifest), names, mine, carried)
    assert carried is not None
    return carried


def _with_heads(
    backbone: NetFile, names: tuple[str, ...], layers: Mapping[int, LastLayer], carried: NetFile | None
) -> NetFile:
    """Return a backbone with an output for each level that it is for, a linear layer on its features."""
    onnx = _onnx()
    model = onnx.load_model_from_string(backbone.data)
    del model.graph.output[:]
    outputs = []
    for number, layer in layers.items():
        level = f"level_{number}"
        tensors = {f"{level}_weights": layer.weights[:, :, None, None], f"{level}_bias": layer.bias}
        for key, value in tensors.items():
            model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(value), key))
        model.graph.node.append(onnx.helper.make_node("Conv", [FEATURES, *tensors], [level]))
        model.graph.output.append(_map(onnx, level, len(names)))
        outputs.append(Output(level, names, backbone.manifest.outputs[0].window))
    manifest = replace(backbone.manifest, outputs=tuple(outputs))
    return assembled(model.SerializeToString(), manifest, carried)


def features_of(backbone: NetFile) -> list[int]:
    """Return how many features there are of each level for a place of the picture."""
    counts = [len(one.manifest.outputs[0].names) for one in backbone.chain]
    return [counts[number] for number in backbones_of_levels(backbone)]


def folded(layer: LastLayer, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> LastLayer:
    """Return the layer that gives for features what ``layer`` gives for these less their mean, over their
    deviation."""
    weights = np.asarray(layer.weights / deviation, np.float32)
    return LastLayer(weights, np.asarray(layer.bias - weights @ mean, np.float32))


def _channels(graph: Any, weights: str) -> int:
    """Return how many channels a layer with these weights takes; they may be kept in 16 bits."""
    made_from = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}
    name = made_from.get(weights, weights)
    return int(next(one.dims[1] for one in graph.initializer if one.name == name))


def _drop_unused(graph: Any, wanted: set[str]) -> None:
    """Remove the nodes and weights that nothing needs any longer, from the end to the beginning."""
    needed = set(wanted)
    for node in reversed(list(graph.node)):
        if needed & set(node.output):
            needed |= set(node.input)
        else:
            graph.node.remove(node)
    for weight in list(graph.initializer):
        if weight.name not in needed:
            graph.initializer.remove(weight)


def _map(onnx: Any, name: str, channels: int) -> Any:
    shape = ["batch", channels, f"{name}_rows", f"{name}_cols"]
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def _onnx() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError(f"teaching needs the onnx package: {install('serve')}") from error
    return onnx
