"""A net's weights: how many there are, and how a net takes those of a net file to be trained further
(fine-tuning)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from windowpane.errors import NetFileError

Kernels = list[list[NDArray[np.float32]]]
"""Weights and biases of convolutions, the first first."""


def count_parameters(net: nn.Module) -> int:
    """Return the number of learned numbers, as they stand in the exported file (norms folded in)."""
    scales = {id(module.weight) for module in net.modules() if isinstance(module, nn.BatchNorm2d)}
    return sum(p.numel() for p in net.parameters() if id(p) not in scales)


def convolutions(model: bytes) -> Kernels:
    """Return the weights and biases of an ONNX model's convolutions, which may be kept in 16 bits."""
    import onnx

    graph = onnx.load_model_from_string(model).graph
    numbers = {entry.name: onnx.numpy_helper.to_array(entry) for entry in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in numbers:
            numbers[node.output[0]] = numbers[node.input[0]].astype(np.float32)
    return [[numbers[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]


def strides_of(model: bytes) -> list[int]:
    """Return the strides of an ONNX model's convolutions, as high as wide."""
    import onnx

    nodes = [node for node in onnx.load_model_from_string(model).graph.node if node.op_type == "Conv"]
    given = [{one.name: one.ints for one in node.attribute} for node in nodes]
    return [attributes["strides"][0] if attributes.get("strides") else 1 for attributes in given]


def load_convolutions(weights: Kernels, net: nn.Module, otherwise: str) -> None:
    """Give a net's convolutions the weights of a model.

    Raises NetFileError, with the sentence ``otherwise``, where the two differ in number or shapes.
    """
    own = [(module.weight, module.bias) for module in net.modules() if isinstance(module, nn.Conv2d)]
    if [tuple(weight.shape) for weight, _ in own] != [one[0].shape for one in weights]:
        raise NetFileError(otherwise)
    with torch.no_grad():
        for (weight, bias), (new_weight, new_bias) in zip(own, weights, strict=True):
            weight.copy_(torch.from_numpy(new_weight.copy()))
            bias.copy_(torch.from_numpy(new_bias.copy()))  # type: ignore[union-attr]


def with_new_names(state: dict[str, Any]) -> dict[str, Any]:
    """Return the weights of an older version's checkpoint under the names that the nets' parts have today."""
    return {
        name.replace("trunk", "backbone").replace(".beside.", ".shortcut."): weight
        for name, weight in state.items()
    }
