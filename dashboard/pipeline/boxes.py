"""Boxes and the arrows between them -> a graph in the language DOT."""

from collections.abc import Iterable
from typing import NamedTuple

from dashboard.page import style

# Boxes and panels have their own background, so that their text reads on a light and a dark page
INK = {False: "#1A1A1A", True: "#F5F5F5"}
PANEL, PLAIN = {False: "#EEF2F6", True: "#262B33"}, {False: "#FFFFFF", True: "#3A3F47"}


class Box(NamedTuple):
    """inputs: the boxes that its arrows come from; colours: on a light and on a dark page."""

    name: str
    lines: tuple[str, ...]
    inputs: tuple[str, ...]
    panel: str = ""
    colours: tuple[str, str] = (PLAIN[False], PLAIN[True])
    dashed: bool = False


def dot(boxes: Iterable[Box], *, dark: bool) -> str:
    """The boxes, on panels if they name one, with arrows from their inputs; dark: the page."""
    boxes = list(boxes)
    ids = {box.name: f"n{number}" for number, box in enumerate(boxes)}
    lines = [
        'digraph { bgcolor="transparent"; ranksep=0.22;',
        # The page's own font: Graphviz computes the width of the boxes from it
        'nodesep=0.15; fontname="Source Sans, sans-serif";',
        'node [shape=box fontname="Source Sans, sans-serif" fontsize=14 margin="0.09,0.05"',
        f'color="{style.LINE}" fontcolor="{INK[dark]}"];',
        f'edge [color="{style.LINE}" arrowsize=0.7];',
    ]
    panels: dict[str, list[str]] = {}
    for box in boxes:
        panels.setdefault(box.panel, []).append(_node(box, ids[box.name], dark=dark))
    for number, (panel, nodes) in enumerate(panels.items()):
        lines += _cluster(panel, number, nodes, dark=dark) if panel else nodes
    lines += [
        f"{ids[source]} -> {ids[box.name]};"
        for box in boxes
        for source in box.inputs
        if source in ids and source != box.name
    ]
    return "\n".join([*lines, "}"])


def _node(box: Box, identifier: str, *, dark: bool) -> str:
    look = "rounded,filled,dashed" if box.dashed else "rounded,filled"
    text = "\\n".join(map(_quoted, box.lines))
    return f'{identifier} [label="{text}" style="{look}" fillcolor="{box.colours[dark]}"];'


def _cluster(panel: str, number: int, nodes: list[str], *, dark: bool) -> list[str]:
    label = f'label="{_quoted(panel)}" labeljust=l margin=6 style="rounded,filled" penwidth=0'
    colours = f'fillcolor="{PANEL[dark]}" fontcolor="{INK[dark]}" fontsize=16;'
    return [f"subgraph cluster_{number} {{", label, colours, *nodes, "}"]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
