"""structure.json -> the layers of a network and its parts; these or stages -> boxes -> DOT."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from dashboard import stages
from dashboard.stages import Stage

PARTS = ("input", "encoder", "context", "classifier", "fusion", "decoder", "other")
FOLLOWERS = ("BatchNormalization", "Activation", "ReLU", "Rescaling", "Dropout")
# Boxes and panels bring their own ground, so that their text reads whatever the page's colour is.
INK, LINE = {False: "#1A1A1A", True: "#F5F5F5"}, "#808080"
PANEL, PLAIN = {False: "#EEF2F6", True: "#262B33"}, {False: "#FFFFFF", True: "#3A3F47"}


# state -> sign, and the box's colours on a light and on a dark page. After Okabe and Ito, "Color
# universal design", paled so that text reads on them; the sign and the word say the same
STATES = {
    stages.UP_TO_DATE: ("✓", ("#D6ECF8", "#14465F")),
    stages.CHANGED: ("✎", ("#FCE4B6", "#614400")),
    stages.UPSTREAM_CHANGED: ("↑", ("#F7F2BF", "#4C4800")),
    stages.OUTPUT_MISSING: ("∅", ("#F5DCEA", "#5A3049")),
    stages.NEVER_RUN: ("–", ("#EDEDED", "#3A3A3A")),
}


class Layer(NamedTuple):
    name: str
    type: str
    shape: str
    parameters: int
    inputs: tuple[str, ...]

    @property
    def part(self) -> str:
        """The part that the first word of its name says; `class_scores` come from a classifier."""
        first = re.match(r"[a-z]*", self.name)[0]
        if first == "class":
            return "classifier"
        if first in PARTS:
            return first
        return "input" if self.type == "InputLayer" else "other"


class Box(NamedTuple):
    """A box of a graph, with what its arrows come from; colours: on a light, on a dark page."""

    name: str
    lines: tuple[str, ...]
    inputs: tuple[str, ...]
    panel: str = ""
    colours: tuple[str, str] = (PLAIN[False], PLAIN[True])
    dashed: bool = False


def layers(content: dict[str, Any], *, file: object) -> list[Layer]:
    """The layers in the order of the file; ValueError, in one sentence, for one of another form."""
    entries = content.get("layers")
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{file} has no list of layers.")
    try:
        return [_layer(entry) for entry in entries]
    except ValueError as error:
        raise ValueError(f"{file} has a layer without {error}.") from None


def _layer(entry: Any) -> Layer:
    entry = entry if isinstance(entry, dict) else {}
    name, kind = entry.get("name"), entry.get("type")
    if not isinstance(name, str) or not isinstance(kind, str):
        raise ValueError("name or type")
    shape, inputs, parameters = (entry.get(key) for key in ("shape", "inputs", "parameters"))
    if not isinstance(shape, list) or not isinstance(inputs, list) or type(parameters) is not int:
        raise ValueError(f"shape, inputs or parameters: {name}")
    return Layer(name, kind, _shape(shape), parameters, tuple(map(str, inputs)))


def _shape(shape: list) -> str:
    """Without the batch; h and w stand for sides that depend on the picture."""
    sides = shape[1:]
    words = ["h", "w"] if len(sides) == 3 else ["?"] * len(sides)
    words += ["?"] * (len(sides) - len(words))
    return " × ".join(
        word if side is None else f"{side:,}" if type(side) is int else str(side)
        for word, side in zip(words, sides, strict=True)
    )


def parts(found: list[Layer]) -> dict[str, tuple[int, int]]:
    """Part -> how many layers and parameters it has, from the input to the output."""
    count = Counter(layer.part for layer in found)
    weight: Counter[str] = Counter()
    for layer in found:
        weight[layer.part] += layer.parameters
    return {part: (count[part], weight[part]) for part in PARTS if count[part]}


def boxes(found: list[Layer]) -> list[Box]:
    """A box for each layer that a reader thinks of as one.

    Normalization and activation go into the layer that they follow, the layers of a residual block
    into the block.
    """
    known = {layer.name: layer for layer in found}
    users = Counter(name for layer in found for name in layer.inputs)
    into: dict[str, str] = {}
    for layer in found:
        block = re.match(r"\w+_block\d+(?=_)", layer.name)
        before = layer.inputs[0] if len(layer.inputs) == 1 else None
        follows = layer.type in FOLLOWERS and before in into and users[before] == 1
        into[layer.name] = block[0] if block else into[before] if follows else layer.name
    groups: dict[str, list[Layer]] = {}
    for layer in found:
        groups.setdefault(into[layer.name], []).append(layer)
    drawn = []
    for name, group in groups.items():
        sources = [into.get(source) for layer in group for source in layer.inputs]
        inputs = tuple(dict.fromkeys(source for source in sources if source not in (None, name)))
        part, weight = group[0].part, sum(layer.parameters for layer in group)
        what = known[name].type if name in known else f"{_convolutions(group)} Conv2D, Add"
        title = f"{name.removeprefix(f'{part}_')}: {what}"
        numbers = f"{group[-1].shape} · {weight:,}" if weight else group[-1].shape
        drawn.append(Box(name, (title, numbers), inputs, panel=part))
    return drawn


def _convolutions(group: list[Layer]) -> int:
    return sum(layer.type == "Conv2D" for layer in group)


def needed(found: list[Stage], name: str) -> list[Stage]:
    """The stage and all that it needs, in the order of `found`."""
    by_name = {stage.name: stage for stage in found}
    kept, to_do = set(), [name]
    while to_do:
        if (name := to_do.pop()) in by_name and name not in kept:
            kept.add(name)
            to_do += by_name[name].needs
    return [stage for stage in found if stage.name in kept]


def ends(found: list[Stage]) -> list[str]:
    """The stages that no other needs."""
    asked = {name for stage in found for name in stage.needs}
    return [stage.name for stage in found if stage.name not in asked]


def counted(found: list[Stage]) -> list[str]:
    """How many stages have each state that there is, in words."""
    counts = Counter(stage.state for stage in found)
    return [f"{STATES[state][0]} {counts[state]} {state}" for state in STATES if counts[state]]


def each(found: list[Stage]) -> list[Box]:
    """A box for each stage."""
    boxes = []
    for stage in found:
        sign, colours = STATES[stage.state]
        lines = [part for part in stage.name.partition("@") if part not in ("", "@")]
        lines.append(f"{sign} {stage.state}")
        dashed = stage.state == stages.NEVER_RUN
        boxes.append(Box(stage.name, tuple(lines), stage.needs, colours=colours, dashed=dashed))
    return boxes


def kinds(found: list[Stage]) -> list[Box]:
    """A box for all stages of one `foreach`, in their colour where they have the same state."""
    groups: dict[str, list[Stage]] = {}
    for stage in found:
        groups.setdefault(_kind(stage.name), []).append(stage)
    boxes = []
    for name, group in groups.items():
        states = {stage.state for stage in group}
        inputs = dict.fromkeys(_kind(need) for stage in group for need in stage.needs)
        box = Box(name, (name, *counted(group)), tuple(inputs))
        if len(states) == 1:
            state = states.pop()
            box = box._replace(colours=STATES[state][1], dashed=state == stages.NEVER_RUN)
        boxes.append(box)
    return boxes


def _kind(name: str) -> str:
    return name.partition("@")[0]


def dot(drawn: Iterable[Box], *, dark: bool) -> str:
    """The boxes, on panels where they name one, with arrows from their inputs downwards."""
    drawn = list(drawn)
    ids = {box.name: f"n{number}" for number, box in enumerate(drawn)}
    lines = [
        'digraph { bgcolor="transparent"; ranksep=0.22;',
        # A font that the page has, so that the texts fit into the boxes that are made for them
        'nodesep=0.15; fontname="Source Sans, sans-serif";',
        'node [shape=box fontname="Source Sans, sans-serif" fontsize=14 margin="0.09,0.05"',
        f'color="{LINE}" fontcolor="{INK[dark]}"]; edge [color="{LINE}" arrowsize=0.7];',
    ]
    panels: dict[str, list[str]] = {}
    for box in drawn:
        style = "rounded,filled,dashed" if box.dashed else "rounded,filled"
        text = "\\n".join(map(_quoted, box.lines))
        node = f'{ids[box.name]} [label="{text}" style="{style}" fillcolor="{box.colours[dark]}"];'
        panels.setdefault(box.panel, []).append(node)
    for number, (panel, nodes) in enumerate(panels.items()):
        if panel:
            lines.append(f"subgraph cluster_{number} {{")
            lines.append(
                f'label="{_quoted(panel)}" labeljust=l margin=6 style="rounded,filled" penwidth=0'
            )
            lines.append(f'fillcolor="{PANEL[dark]}" fontcolor="{INK[dark]}" fontsize=16;')
            lines += [*nodes, "}"]
        else:
            lines += nodes
    lines += [
        f"{ids[source]} -> {ids[box.name]};"
        for box in drawn
        for source in box.inputs
        if source in ids and source != box.name
    ]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
