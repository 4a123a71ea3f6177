"""dvc.yaml and params.yaml -> the stages, one for each key of a `foreach`."""

import re
from typing import Any

from dashboard.pipeline.nested import MISSING, find


def stages(pipeline: dict, parameters: dict) -> dict[str, dict]:
    """Name -> stage, in the order of dvc.yaml, with each ${...} replaced.

    pipeline, parameters: the contents of dvc.yaml and params.yaml. Raises ValueError, with one
    sentence, for a ${...} that params.yaml does not have.
    """
    found: dict[str, dict] = {}
    for name, stage in (pipeline.get("stages") or {}).items():
        if "foreach" not in stage:
            found[name] = _resolve(stage, parameters)
            continue
        items = _resolve(stage["foreach"], parameters)
        pairs = items.items() if isinstance(items, dict) else ((item, item) for item in items or [])
        for key, item in pairs:
            context = parameters | {"key": key, "item": item}
            found[f"{name}@{key}"] = _resolve(stage["do"], context)
    return found


def _resolve(value: Any, context: dict) -> Any:
    """`value` with each ${a.b} replaced; text that is nothing else gets the value's own type."""
    if isinstance(value, dict):
        return {_resolve(key, context): _resolve(inner, context) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, context) for inner in value]
    if not isinstance(value, str):
        return value
    if alone := re.fullmatch(r"\$\{([^}]*)\}", value):
        return _value(alone[1], context)
    return re.sub(r"\$\{([^}]*)\}", lambda match: str(_value(match[1], context)), value)


def _value(key: str, context: dict) -> Any:
    if (found := find(key.strip(), context)) is MISSING:
        raise ValueError(f"dvc.yaml asks for ${{{key}}}, which params.yaml does not have.")
    return found
