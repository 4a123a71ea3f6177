"""A Keras network -> the same network as an OpenVINO graph, channels first.

Keras's own export keeps channels last. OpenVINO then transposes before and after each convolution,
which takes most of beta's time (`benchmarks.runtimes`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import openvino
from openvino import opset13 as ops

OUTPUT = "output"  # the name of the last output of a graph
PADDING = {"same": "same_upper", "valid": "valid"}


class UnknownLayerError(Exception):
    """A layer, or a setting of a layer, that `convert` does not know."""


class Part(NamedTuple):
    """A part of a network, which computes its outputs from the inputs of their names.

    precise: whether it needs float32.
    """

    model: openvino.Model
    precise: bool


def convert(network: Any) -> openvino.Model:
    """The graph for one picture of any size.

    Inputs and output have the names and shapes of the network's: pictures are (1, H, W, channels)
    float32. Raises UnknownLayerError for a layer that is not in `LAYERS`.
    """
    return _model(network, network.layers, {}, [])


def parts(network: Any) -> list[Part]:
    """The graph of `convert` in one part, or in two of which the first is precise.

    Depthwise convolutions with strides are precise, and all that leads to them, in other words an
    EfficientNet down to 1/32 of the size: in bfloat16 that part changes the colours of lite by 3
    units of ab at 99.9 % of the pixels, the rest of lite by 0.4. The second part takes channels
    first what the first one leaves.
    """
    precise: list[Any] = []
    needed: set[int] = set()
    for layer in reversed(network.layers):  # inputs come first
        strided = type(layer).__name__ == "DepthwiseConv2D" and layer.strides != (1, 1)
        if strided or id(layer.output) in needed:
            precise.insert(0, layer)
            needed |= {id(each) for each in _given(layer)}
    if not precise:
        return [Part(convert(network), precise=False)]
    rest = [layer for layer in network.layers if layer not in precise]
    reached = {id(each) for layer in rest for each in _given(layer)}
    border = [layer for layer in precise if id(layer.output) in reached]
    first = _model(network, precise, {}, border)
    found = {id(layer.output): _input(layer, channels_first=True) for layer in border}
    return [Part(first, precise=True), Part(_model(network, rest, found, []), precise=False)]


def _model(network: Any, layers: list, found: dict[int, Any], left: list) -> openvino.Model:
    """The graph of some layers, in their order.

    found: the nodes of what others compute, which become inputs too; left: the layers whose
    outputs are the model's, channels first; without any, the output is that of the network.
    """
    inputs = list(found.values())
    for layer in layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            inputs.append(_input(layer))
            node = inputs[-1]
            if len(layer.output.shape) == 4:
                node = ops.transpose(node, [0, 3, 1, 2])
        elif kind in LAYERS:
            node = LAYERS[kind](layer, *(found[id(each)] for each in _given(layer)))
        else:
            raise UnknownLayerError(f"{layer.name}: {kind}")
        found[id(layer.output)] = node
    if left:
        outputs = [found[id(layer.output)] for layer in left]
        for layer, node in zip(left, outputs, strict=True):
            node.output(0).tensor.set_names({layer.name})
        return openvino.Model(outputs, inputs, network.name)
    if len(network.outputs) != 1 or id(network.outputs[0]) not in found:
        raise UnknownLayerError("more than one output")
    output = found[id(network.outputs[0])]
    if len(network.outputs[0].shape) == 4:
        output = ops.transpose(output, [0, 2, 3, 1])
    output.output(0).tensor.set_names({OUTPUT})
    return openvino.Model([output], inputs, network.name)


def _given(layer: Any) -> list:
    """What a layer takes; nothing for an input."""
    if type(layer).__name__ == "InputLayer":
        return []
    try:
        return layer.input if isinstance(layer.input, list) else [layer.input]
    except AttributeError:  # a layer that is used more than once has no single input
        raise UnknownLayerError(f"{layer.name}: is used more than once") from None


def _input(layer: Any, *, channels_first: bool = False) -> Any:
    shape = [1, *(-1 if side is None else side for side in layer.output.shape[1:])]
    if channels_first and len(shape) == 4:
        shape = [shape[0], shape[3], shape[1], shape[2]]
    node = ops.parameter(shape, np.float32, name=layer.name)
    node.output(0).tensor.set_names({layer.name})
    return node


def _along_channels(values: np.ndarray) -> Any:
    return ops.constant(np.asarray(values, "float32").reshape(1, -1, 1, 1))


def _activated(layer: Any, node: Any) -> Any:
    name = getattr(layer.activation, "__name__", None)
    if name not in ("linear", "relu", "tanh"):
        raise UnknownLayerError(f"{layer.name}: activation {name}")
    return node if name == "linear" else getattr(ops, name)(node)


def _require(layer: Any, **settings: Any) -> None:
    for name, value in {"data_format": "channels_last", **settings}.items():
        if getattr(layer, name) != value:
            raise UnknownLayerError(f"{layer.name}: {name} {getattr(layer, name)}")


def _conv(layer: Any, x: Any) -> Any:
    _require(layer, groups=1)
    kernel, *bias = layer.get_weights()
    node = ops.convolution(
        x,
        ops.constant(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), "float32")),
        list(layer.strides),
        [0, 0],
        [0, 0],
        list(layer.dilation_rate),
        auto_pad=PADDING[layer.padding],
    )
    return _activated(layer, ops.add(node, _along_channels(bias[0])) if bias else node)


def _depthwise(layer: Any, x: Any) -> Any:
    if layer.depth_multiplier != 1:
        raise UnknownLayerError(f"{layer.name}: depth_multiplier {layer.depth_multiplier}")
    kernel, *bias = layer.get_weights()  # (height, width, channels, 1)
    node = ops.group_convolution(
        x,
        ops.constant(np.ascontiguousarray(kernel.transpose(2, 3, 0, 1)[:, None], "float32")),
        list(layer.strides),
        [0, 0],
        [0, 0],
        list(layer.dilation_rate),
        auto_pad=PADDING[layer.padding],
    )
    return _activated(layer, ops.add(node, _along_channels(bias[0])) if bias else node)


def _dense(layer: Any, x: Any) -> Any:
    kernel, *bias = layer.get_weights()
    if len(layer.input.shape) == 2:
        node = ops.matmul(x, ops.constant(kernel.astype("float32")), False, False)
        bias = [ops.constant(each.astype("float32")) for each in bias]
    else:  # for each pixel: a 1 x 1 convolution
        kernel = np.ascontiguousarray(kernel.T[..., None, None], "float32")
        node = ops.convolution(x, ops.constant(kernel), [1, 1], [0, 0], [0, 0], [1, 1])
        bias = [_along_channels(each) for each in bias]
    return _activated(layer, ops.add(node, bias[0]) if bias else node)


def _norm(layer: Any, x: Any) -> Any:
    if layer.axis not in (-1, 3) or not (layer.scale and layer.center):
        raise UnknownLayerError(
            f"{layer.name}: normalization along axis {layer.axis}, or without scale"
        )
    gamma, beta, mean, variance = (each.astype("float64") for each in layer.get_weights())
    scale = gamma / np.sqrt(variance + layer.epsilon)
    node = ops.multiply(x, _along_channels(scale))
    return ops.add(node, _along_channels(beta - mean * scale))


def _upsampling(layer: Any, x: Any) -> Any:
    _require(layer)
    modes: dict[str, dict[str, str]] = {
        "nearest": {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"},
        "bilinear": {"mode": "linear_onnx", "coordinate_transformation_mode": "half_pixel"},
    }
    if layer.interpolation not in modes:
        raise UnknownLayerError(f"{layer.name}: interpolation {layer.interpolation}")
    scales = ops.constant(np.array(layer.size, "float32"))
    axes = ops.constant(np.array([2, 3]))
    settings = {"shape_calculation_mode": "scales", "nearest_mode": "floor"}
    return ops.interpolate(x, scales, axes=axes, **settings, **modes[layer.interpolation])


def _mean(layer: Any, x: Any) -> Any:
    _require(layer)
    return ops.reduce_mean(x, ops.constant(np.array([2, 3])), bool(layer.keepdims))


def _relu(layer: Any, x: Any) -> Any:
    if layer.negative_slope or layer.threshold:
        raise UnknownLayerError(f"{layer.name}: ReLU with a slope or a threshold")
    return ops.relu(x) if layer.max_value is None else ops.clamp(x, 0.0, float(layer.max_value))


def _reshape(layer: Any, x: Any) -> Any:
    if len(layer.input.shape) != 2 or tuple(layer.target_shape[:2]) != (1, 1):
        raise UnknownLayerError(f"{layer.name}: reshapes to {layer.target_shape}")
    return ops.reshape(x, ops.constant(np.array([1, -1, 1, 1])), False)


def _rescaling(layer: Any, x: Any) -> Any:
    scaled = ops.multiply(x, ops.constant(np.float32(layer.scale)))
    return ops.add(scaled, ops.constant(np.float32(layer.offset)))


def _concatenated(layer: Any, *nodes: Any) -> Any:
    if layer.axis not in (-1, 3):
        raise UnknownLayerError(f"{layer.name}: axis {layer.axis}")
    return ops.concat(list(nodes), 1)


def _sum(layer: Any, first: Any, *rest: Any) -> Any:  # noqa: ARG001, as the others in LAYERS
    for node in rest:
        first = ops.add(first, node)
    return first


LAYERS: dict[str, Callable[..., Any]] = {
    "Activation": _activated,
    "Add": _sum,
    "BatchNormalization": _norm,
    "Concatenate": _concatenated,
    "Conv2D": _conv,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "GlobalAveragePooling2D": _mean,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "UpSampling2D": _upsampling,
}
