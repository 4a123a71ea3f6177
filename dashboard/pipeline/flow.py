"""Stages of the pipeline -> the stages that one needs, and the boxes of their graph."""

from collections import Counter

from dashboard.pipeline import stages
from dashboard.pipeline.boxes import Box
from dashboard.pipeline.stages import Stage

# State -> its sign and the box's colours on a light and on a dark page: those of `style`, paler so
# that text reads on them. The sign and the word say the same as the colour.
STATES = {
    stages.UP_TO_DATE: ("✓", ("#D6ECF8", "#14465F")),
    stages.CHANGED: ("✎", ("#FCE4B6", "#614400")),
    stages.UPSTREAM_CHANGED: ("↑", ("#F7F2BF", "#4C4800")),
    stages.OUTPUT_MISSING: ("∅", ("#F5DCEA", "#5A3049")),
    stages.NEVER_RUN: ("–", ("#EDEDED", "#3A3A3A")),
}


def needed(found: list[Stage], name: str) -> list[Stage]:
    """The stage `name` and all that it needs, in the order of `found`."""
    by_name = {stage.name: stage for stage in found}
    kept, waiting = set(), [name]
    while waiting:
        if (name := waiting.pop()) in by_name and name not in kept:
            kept.add(name)
            waiting += by_name[name].needs
    return [stage for stage in found if stage.name in kept]


def ends(found: list[Stage]) -> list[str]:
    """The stages that no other stage needs."""
    needed = {name for stage in found for name in stage.needs}
    return [stage.name for stage in found if stage.name not in needed]


def counted(found: list[Stage]) -> list[str]:
    """How many stages have each state, in words."""
    counts = Counter(stage.state for stage in found)
    return [f"{STATES[state][0]} {counts[state]} {state}" for state in STATES if counts[state]]


def state(stage: Stage) -> str:
    """A stage's state as sign and word."""
    return f"{STATES[stage.state][0]} {stage.state}"


def each(found: list[Stage]) -> list[Box]:
    """A box for each stage."""
    boxes = []
    for stage in found:
        names = [part for part in stage.name.partition("@") if part not in ("", "@")]
        box = Box(stage.name, (*names, state(stage)), stage.needs)
        boxes.append(_coloured(box, stage.state))
    return boxes


def kinds(found: list[Stage]) -> list[Box]:
    """A box for all stages of one `foreach`, with a colour if all have the same state."""
    groups: dict[str, list[Stage]] = {}
    for stage in found:
        groups.setdefault(_kind(stage.name), []).append(stage)
    boxes = []
    for name, group in groups.items():
        states = {stage.state for stage in group}
        inputs = dict.fromkeys(_kind(need) for stage in group for need in stage.needs)
        box = Box(name, (name, *counted(group)), tuple(inputs))
        boxes.append(_coloured(box, states.pop()) if len(states) == 1 else box)
    return boxes


def _coloured(box: Box, state: str) -> Box:
    return box._replace(colours=STATES[state][1], dashed=state == stages.NEVER_RUN)


def _kind(name: str) -> str:
    return name.partition("@")[0]
