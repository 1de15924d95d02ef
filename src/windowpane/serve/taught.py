"""A parser's net taken apart into its trunk and its last layer, and put together with another last layer.

The trunk is what the net has learned to see; the last layer says what that is called. A taught net is the
same trunk with a last layer of its own, in one file like any other parser's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.learner import LastLayer
from windowpane.errors import MissingExtraError, NetFileError
from windowpane.netfile import Manifest, NetFile, Output, assembled

FEATURES = "features"


def trunk_of(net: NetFile) -> NetFile:
    """Return a parser's trunk as a net of one output, ``features``, with the same window.

    Raises NetFileError for a net whose outputs are not linear layers on one map, MissingExtraError without
    the ``onnx`` package.
    """
    onnx = _onnx()
    model = onnx.load_model_from_string(net.data)
    graph = model.graph
    outputs = {output.name for output in net.manifest.outputs}
    heads = [node for node in graph.node if node.op_type == "Conv" and node.output[0] in outputs]
    seen = {node.input[0] for node in heads}
    if len(heads) < len(outputs) or len(seen) > 1:
        raise NetFileError(
            f"the net {net.manifest.name!r} has no single trunk, so no other last layer can be put on it"
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
    return assembled(model.SerializeToString(), replace(net.manifest, outputs=(output,)))


def with_layer(
    trunk: NetFile,
    name: str,
    names: tuple[str, ...],
    layer: LastLayer,
    settings: dict[str, Any],
    card: dict[str, Any],
) -> NetFile:
    """Return a parser's net: a trunk, and a last layer on what it sees at each level of its pyramid.

    layer: weights (classes, levels * features), the features of the first level first. settings: further
    ones of the parser. card: for people.
    """
    onnx = _onnx()
    model = onnx.load_model_from_string(trunk.data)
    classes, levels = len(names), trunk.manifest.settings["levels"]
    parts = np.split(layer.weights, levels, axis=1)
    biases = [layer.bias, *[np.zeros_like(layer.bias)] * (levels - 1)]
    del model.graph.output[:]
    outputs = []
    for number, (weights, bias) in enumerate(zip(parts, biases, strict=True)):
        level = f"level_{number}"
        tensors = {f"{level}_weights": weights[:, :, None, None], f"{level}_bias": bias}
        for key, value in tensors.items():
            model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(value), key))
        model.graph.node.append(onnx.helper.make_node("Conv", [FEATURES, *tensors], [level]))
        model.graph.output.append(_map(onnx, level, classes))
        outputs.append(Output(level, names, trunk.manifest.outputs[0].window))
    manifest = replace(
        trunk.manifest,
        name=name,
        outputs=tuple(outputs),
        settings={**trunk.manifest.settings, "finer": 1, **settings},
        card=card,
    )
    return assembled(model.SerializeToString(), manifest)


def features_of(manifest: Manifest) -> int:
    """Return how many features a trunk gives for a place of the picture, of all levels together."""
    return int(manifest.settings["levels"]) * len(manifest.outputs[0].labels)


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
        raise MissingExtraError("teaching needs the onnx package: pip install windowpane[serve]") from error
    return onnx
