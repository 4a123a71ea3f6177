"""dvc.yaml, params.yaml and dvc.lock -> the state of every stage and why, without calling dvc.

Hashes only small files that no stage makes; what a stage makes is judged by that stage.
"""

import ast
import contextlib
import functools
import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

UP_TO_DATE, CHANGED, NEVER_RUN = "up to date", "changed", "never run"
OUTPUT_MISSING, UPSTREAM_CHANGED = "output missing", "upstream changed"
MOST_FILES, MOST_BYTES = 200, 5_000_000
MISSING = object()


class Stage(NamedTuple):
    """needs: the stages right before it; outs: its paths; size: their bytes when it last ran."""

    name: str
    state: str
    why: str
    needs: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    size: int | None = None


def states(pipeline: dict, parameters: dict, lock: dict, *, root: Path) -> list[Stage]:
    """The stages in the order of dvc.yaml, `foreach` written out.

    pipeline, parameters, lock: the contents of the three files; lock may be empty. ValueError, in
    one sentence, for a dvc.yaml that cannot be written out.
    """
    stages = _expand(pipeline, parameters)
    locked = lock.get("stages") or {}
    makers = {out: name for name, stage in stages.items() for out in _outs(stage)}
    judged: dict[str, Stage] = {}
    for name in stages:
        _judge(name, stages, locked, parameters, makers, root, judged)
    return [judged[name] for name in stages]


def _judge(name, stages, locked, parameters, makers, root, judged) -> Stage:
    """The state of a stage after those that it depends on; fills `judged`."""
    if name in judged:
        return judged[name]
    judged[name] = Stage(name, CHANGED, "depends on itself")  # unless the lines below replace it
    stage, entry = stages[name], locked.get(name)
    needed = {maker for dep in _paths(stage, "deps") if (maker := _maker(dep, makers))}
    upstream = [
        other
        for other in sorted(needed)
        if _judge(other, stages, locked, parameters, makers, root, judged).state != UP_TO_DATE
    ]
    missing = [out for out in _outs(stage) if not (root / out).exists()]
    if not entry:
        verdict = NEVER_RUN, f"waits for {', '.join(upstream)}" if upstream else "not in dvc.lock"
    elif reasons := list(_reasons(stage, entry, locked, parameters, makers, root)):
        verdict = CHANGED, "; ".join(reasons)
    elif missing:
        every = len(missing) == len(_outs(stage)) > 1
        verdict = OUTPUT_MISSING, f"all {len(missing)}" if every else ", ".join(missing)
    elif upstream:
        verdict = UPSTREAM_CHANGED, ", ".join(upstream)
    else:
        verdict = UP_TO_DATE, ""
    size = _size(entry) if entry else None
    judged[name] = Stage(name, *verdict, tuple(sorted(needed)), tuple(_outs(stage)), size)
    return judged[name]


def written(stage: Stage, *, root: Path) -> float | None:
    """When the newest of its outputs was written, in seconds since 1970; None if there is none."""
    times = []
    for out in stage.outs:
        with contextlib.suppress(OSError):
            times.append((root / out).stat().st_mtime)
    return max(times, default=None)


def _size(entry: dict) -> int | None:
    sizes = [out.get("size") for out in entry.get("outs") or []]
    known = [size for size in sizes if isinstance(size, int)]
    return sum(known) if known else None


def _reasons(stage, entry, locked, parameters, makers, root) -> Iterator[str]:
    """Why a stage that has run would run again, in the order that a reader asks."""
    yield from _changed_params(stage, entry, parameters)
    if stage.get("cmd") != entry.get("cmd"):
        yield "another command"
    before = {dep["path"]: dep.get("md5") for dep in entry.get("deps") or []}
    edited = []
    for path in _paths(stage, "deps"):
        maker = _maker(path, makers)
        if path not in before:
            yield f"{path} is new"
        elif maker:
            made = {out["path"]: out.get("md5") for out in locked.get(maker, {}).get("outs") or []}
            if made.get(path, before[path]) != before[path]:
                yield f"{path} was made again"
        elif not (root / path).exists():
            yield f"{path} is missing"
        elif digest(root / path) not in (before[path], None):
            edited.append(path)
    if edited:
        yield f"edited: {', '.join(edited)}"
    made_then = {out["path"] for out in entry.get("outs") or []}
    yield from (f"{path} is to be made too" for path in _outs(stage) if path not in made_then)


def defaults(file: Path) -> dict[str, Any]:
    """What a stage's module takes for parameters that params.yaml leaves out; {} if unreadable.

    Its signature is the schema of its section; read, not imported: that would load TensorFlow.
    """
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    runs = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run"]
    return {
        argument.arg: value.value
        for run in runs
        for argument, value in zip(run.args.kwonlyargs, run.args.kw_defaults, strict=True)
        if isinstance(value, ast.Constant)
    }


def _changed_params(stage: dict, entry: dict, parameters: dict) -> Iterator[str]:
    before = (entry.get("params") or {}).get("params.yaml") or {}
    for key in stage.get("params") or []:
        if not isinstance(key, str):
            continue  # another file's parameters: none of ours has them
        now = dict(leaves(find(key, parameters), key))
        then = dict(leaves(before.get(key, MISSING), key))
        for leaf in now | then:
            old, new = then.get(leaf, MISSING), now.get(leaf, MISSING)
            if old != new:
                yield f"{leaf}: {_shown(old)} → {_shown(new)}"


def _expand(pipeline: dict, parameters: dict) -> dict[str, dict]:
    stages: dict[str, dict] = {}
    for name, stage in (pipeline.get("stages") or {}).items():
        if "foreach" not in stage:
            stages[name] = _resolve(stage, parameters)
            continue
        items = _resolve(stage["foreach"], parameters)
        pairs = items.items() if isinstance(items, dict) else ((item, item) for item in items or [])
        for key, item in pairs:
            context = parameters | {"key": key, "item": item}
            stages[f"{name}@{key}"] = _resolve(stage["do"], context)
    return stages


def _resolve(value: Any, context: dict) -> Any:
    """`value` with each ${a.b} replaced; one that stands alone keeps its type."""
    if isinstance(value, dict):
        return {_resolve(key, context): _resolve(inner, context) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, context) for inner in value]
    if not isinstance(value, str):
        return value
    if alone := re.fullmatch(r"\$\{([^}]*)\}", value):
        return _asked(alone[1], context)
    return re.sub(r"\$\{([^}]*)\}", lambda match: str(_asked(match[1], context)), value)


def _asked(key: str, context: dict) -> Any:
    if (found := find(key.strip(), context)) is MISSING:
        raise ValueError(f"dvc.yaml asks for ${{{key}}}, which params.yaml does not have.")
    return found


def find(key: str, content: Any) -> Any:
    """The value under a dotted key of nested mappings, MISSING if there is none."""
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            return MISSING
        content = content[part]
    return content


def leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Every value inside nested mappings, under its dotted key."""
    if isinstance(value, dict) and value:
        for inner, content in value.items():
            yield from leaves(content, f"{key}.{inner}")
    elif value is not MISSING:
        yield key, value


def _shown(value: Any) -> str:
    return "not set" if value is MISSING else json.dumps(value, default=str)


def _paths(stage: dict, kind: str) -> list[str]:
    """The paths of a list of DVC's, whose entries are `path` or `{path: {cache: false}}`."""
    entries = stage.get(kind) or []
    return [path for entry in entries for path in (entry if isinstance(entry, dict) else [entry])]


def _outs(stage: dict) -> list[str]:
    return [path for kind in ("outs", "metrics", "plots") for path in _paths(stage, kind)]


def _maker(path: str, makers: dict[str, str]) -> str | None:
    for folder in (Path(path), *Path(path).parents):
        if str(folder) in makers:
            return makers[str(folder)]
    return None


def digest(path: Path) -> str | None:
    """DVC's md5 of a file or folder; None where reading it all would take too long to ask."""
    if path.is_file():
        stat = path.stat()
        return _md5(str(path), stat.st_mtime_ns) if stat.st_size <= MOST_BYTES else None
    inside = (file for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc")
    files = list(itertools.islice(inside, MOST_FILES + 1))
    if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) > MOST_BYTES:
        return None
    listed = [
        {"md5": _md5(str(file), file.stat().st_mtime_ns), "relpath": str(file.relative_to(path))}
        for file in files
    ]
    listed.sort(key=lambda entry: entry["relpath"])
    return hashlib.md5(json.dumps(listed).encode()).hexdigest() + ".dir"


@functools.lru_cache(maxsize=10_000)
def _md5(file: str, mtime: int) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()
