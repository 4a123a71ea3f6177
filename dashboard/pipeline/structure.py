"""structure.json -> the layers of a network, its parts, and the boxes of its graph."""

import re
from collections import Counter
from typing import Any, NamedTuple

from dashboard.pipeline.boxes import Box

PARTS = ("input", "encoder", "context", "classifier", "fusion", "decoder", "other")
# The parts of networks whose layers are named otherwise, by the first letters of a layer
OTHERWISE = {"class": "classifier", "scale": "input", "grey": "input"}
OTHERWISE |= {"stem": "encoder", "block": "encoder", "up": "decoder", "answer": "decoder"}
OTHERWISE |= {"head": "context", "whole": "context", "neck": "context"}
FOLLOWERS = ("BatchNormalization", "Activation", "ReLU", "Rescaling", "Dropout")


class Layer(NamedTuple):
    name: str
    type: str
    shape: str
    parameters: int
    inputs: tuple[str, ...]

    @property
    def part(self) -> str:
        """The first word of its name if that is a part, or else the part it stands for."""
        first = re.match(r"[a-z]*", self.name)[0]
        if first in (*PARTS, *OTHERWISE):
            return OTHERWISE.get(first, first)
        return "input" if self.type == "InputLayer" else "other"


def layers(content: dict[str, Any], *, file: object) -> list[Layer]:
    """The layers in the order of the file. ValueError, with one sentence, if it is broken."""
    entries = content.get("layers")
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{file} has no list of layers.")
    return [_layer(entry, file=file) for entry in entries]


def _layer(entry: Any, *, file: object) -> Layer:
    entry = entry if isinstance(entry, dict) else {}
    name, kind = entry.get("name"), entry.get("type")
    if not isinstance(name, str) or not isinstance(kind, str):
        raise ValueError(f"{file} has a layer without name or type.")
    shape, inputs, parameters = (entry.get(key) for key in ("shape", "inputs", "parameters"))
    if not isinstance(shape, list) or not isinstance(inputs, list) or type(parameters) is not int:
        raise ValueError(f"{file} has a layer without shape, inputs or parameters: {name}.")
    return Layer(name, kind, _shape(shape), parameters, tuple(map(str, inputs)))


def _shape(shape: list) -> str:
    """A shape without the batch; h and w are sides that depend on the picture."""
    sides = shape[1:]
    words = ["h", "w"] if len(sides) == 3 else ["?"] * len(sides)
    words += ["?"] * (len(sides) - len(words))
    return " × ".join(
        word if side is None else f"{side:,}" if type(side) is int else str(side)
        for word, side in zip(words, sides, strict=True)
    )


def parts(found: list[Layer]) -> dict[str, tuple[int, int]]:
    """Part -> its numbers of layers and of parameters, from the input to the output."""
    count = Counter(layer.part for layer in found)
    weight: Counter[str] = Counter()
    for layer in found:
        weight[layer.part] += layer.parameters
    return {part: (count[part], weight[part]) for part in PARTS if count[part]}


def boxes(found: list[Layer]) -> list[Box]:
    """A box for each layer, for each residual block, and for each step up of a decoder.

    Normalization and activation are in the box of the layer that they follow.
    """
    into = _owners(found)
    groups: dict[str, list[Layer]] = {}
    for layer in found:
        groups.setdefault(into[layer.name], []).append(layer)
    return [_box(name, group, into) for name, group in groups.items()]


def _owners(found: list[Layer]) -> dict[str, str]:
    """Layer -> the name of the box that it is drawn in."""
    users = Counter(name for layer in found for name in layer.inputs)
    into: dict[str, str] = {}
    for layer in found:
        block = re.match(r"(\w+_)?(block|up)\d+(?=_|$)", layer.name)
        before = layer.inputs[0] if len(layer.inputs) == 1 else None
        follows = layer.type in FOLLOWERS and before in into and users[before] == 1
        into[layer.name] = block[0] if block else into[before] if follows else layer.name
    return into


def _box(name: str, group: list[Layer], into: dict[str, str]) -> Box:
    sources = [into.get(source) for layer in group for source in layer.inputs]
    inputs = tuple(dict.fromkeys(source for source in sources if source not in (None, name)))
    part, weight = group[0].part, sum(layer.parameters for layer in group)
    title = f"{name.removeprefix(f'{part}_')}: {_types(group)}"
    numbers = f"{group[-1].shape} · {weight:,}" if weight else group[-1].shape
    return Box(name, (title, numbers), inputs, panel=part)


def _types(group: list[Layer]) -> str:
    """What the layers of a box are, without those that follow others."""
    types = Counter(layer.type for layer in group if layer.type not in FOLLOWERS)
    words = [f"{count} {name}" if count > 1 else name for name, count in types.items()]
    return ", ".join(words) or group[0].type
