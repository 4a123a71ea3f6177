"""dvc.yaml, params.yaml and dvc.lock -> the state of each stage and the reason, without DVC.

Reads only small files that no stage makes. The output of a stage is judged by its stage.
"""

import contextlib
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from dashboard.pipeline import foreach
from dashboard.pipeline.digest import digest
from dashboard.pipeline.nested import MISSING, find, leaves

UP_TO_DATE, CHANGED, NEVER_RUN = "up to date", "changed", "never run"
OUTPUT_MISSING, UPSTREAM_CHANGED = "output missing", "upstream changed"


class Stage(NamedTuple):
    """needs: the stages whose outputs it reads; outs: its own; size: their bytes, when last run."""

    name: str
    state: str
    why: str
    needs: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    size: int | None = None


@dataclass(frozen=True)
class Project:
    """stages: dvc.yaml with each `foreach` written out; locked: the stages of dvc.lock."""

    stages: dict[str, dict]
    parameters: dict
    locked: dict
    root: Path

    @functools.cached_property
    def makers(self) -> dict[str, str]:
        """Output -> the stage that makes it."""
        return {out: name for name, stage in self.stages.items() for out in _outs(stage)}

    def maker(self, path: str) -> str | None:
        """The stage that makes a path or a folder above it."""
        folders = (str(folder) for folder in (Path(path), *Path(path).parents))
        return next((self.makers[folder] for folder in folders if folder in self.makers), None)

    def needs(self, name: str) -> set[str]:
        """The stages whose outputs a stage reads."""
        deps = _paths(self.stages[name], "deps")
        return {maker for dep in deps if (maker := self.maker(dep))}


def states(pipeline: dict, parameters: dict, lock: dict, *, root: Path) -> list[Stage]:
    """The stages in the order of dvc.yaml.

    pipeline, parameters, lock: the contents of the three files; lock may be empty. Raises
    ValueError, with one sentence, if dvc.yaml asks for a parameter that does not exist or has
    stages that need each other.
    """
    stages = foreach.stages(pipeline, parameters)
    project = Project(stages, parameters, lock.get("stages") or {}, root)
    needs = {name: project.needs(name) for name in stages}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ValueError(f"dvc.yaml has a circle: {', '.join(error.args[1])}.") from None
    found: dict[str, Stage] = {}
    for name in order:
        upstream = [need for need in sorted(needs[name]) if found[need].state != UP_TO_DATE]
        found[name] = _judged(name, project, sorted(needs[name]), upstream)
    return [found[name] for name in stages]


def written(stage: Stage, *, root: Path) -> float | None:
    """When its newest output was written, in seconds since 1970; None if there is none."""
    times = []
    for out in stage.outs:
        with contextlib.suppress(OSError):
            times.append((root / out).stat().st_mtime)
    return max(times, default=None)


def _judged(name: str, project: Project, needs: list[str], upstream: list[str]) -> Stage:
    """A stage with its state; upstream: those of `needs` that are not up to date."""
    entry, outs = project.locked.get(name), _outs(project.stages[name])
    missing = [out for out in outs if not (project.root / out).exists()]
    if not entry:
        verdict = NEVER_RUN, f"waits for {', '.join(upstream)}" if upstream else "not in dvc.lock"
    elif reasons := list(_reasons(project.stages[name], entry, project)):
        verdict = CHANGED, "; ".join(reasons)
    elif missing:
        every = len(missing) == len(outs) > 1
        verdict = OUTPUT_MISSING, f"all {len(missing)}" if every else ", ".join(missing)
    elif upstream:
        verdict = UPSTREAM_CHANGED, ", ".join(upstream)
    else:
        verdict = UP_TO_DATE, ""
    return Stage(name, *verdict, tuple(needs), tuple(outs), _size(entry) if entry else None)


def _size(entry: dict) -> int | None:
    sizes = [out.get("size") for out in entry.get("outs") or []]
    known = [size for size in sizes if isinstance(size, int)]
    return sum(known) if known else None


def _reasons(stage: dict, entry: dict, project: Project) -> Iterator[str]:
    """Why a stage that has run would run again; entry: its part of dvc.lock."""
    yield from _changed_params(stage, entry, project.parameters)
    if stage.get("cmd") != entry.get("cmd"):
        yield "another command"
    yield from _changed_deps(stage, entry, project)
    locked = {out["path"] for out in entry.get("outs") or []}
    yield from (f"{path} is a new output" for path in _outs(stage) if path not in locked)


def _changed_deps(stage: dict, entry: dict, project: Project) -> Iterator[str]:
    before = {dep["path"]: dep.get("md5") for dep in entry.get("deps") or []}
    edited = []
    for path in _paths(stage, "deps"):
        if path not in before:
            yield f"{path} is new"
        elif maker := project.maker(path):
            outs = project.locked.get(maker, {}).get("outs") or []
            made = {out["path"]: out.get("md5") for out in outs}
            if made.get(path, before[path]) != before[path]:
                yield f"{path} was made again"
        elif not (project.root / path).exists():
            yield f"{path} is missing"
        elif digest(project.root / path) not in (before[path], None):
            edited.append(path)
    if edited:
        yield f"edited: {', '.join(edited)}"


def _changed_params(stage: dict, entry: dict, parameters: dict) -> Iterator[str]:
    before = (entry.get("params") or {}).get("params.yaml") or {}
    for key in stage.get("params") or []:
        if not isinstance(key, str):
            continue  # parameters from another file, which this project's stages do not have
        now = dict(leaves(find(key, parameters), key))
        then = dict(leaves(before.get(key, MISSING), key))
        for leaf in now | then:
            old, new = then.get(leaf, MISSING), now.get(leaf, MISSING)
            if old != new:
                yield f"{leaf}: {_shown(old)} → {_shown(new)}"


def _shown(value: Any) -> str:
    return "not set" if value is MISSING else json.dumps(value, default=str)


def _paths(stage: dict, kind: str) -> list[str]:
    """The paths in a list of dvc.yaml, whose entries are `path` or `{path: {cache: false}}`."""
    entries = stage.get(kind) or []
    return [path for entry in entries for path in (entry if isinstance(entry, dict) else [entry])]


def _outs(stage: dict) -> list[str]:
    return [path for kind in ("outs", "metrics", "plots") for path in _paths(stage, kind)]
