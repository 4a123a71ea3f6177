"""dvc.yaml, params.yaml and dvc.lock as files -> the states of the stages, or what is wrong."""

from typing import Any, NamedTuple

from dashboard import files
from dashboard.pipeline import stages
from dashboard.pipeline.stages import Stage


class State(NamedTuple):
    """stages: in the order of dvc.yaml; parameters: params.yaml; locked: whether any has run.

    problem: what keeps the stages from being known, a sentence; else "".
    """

    stages: list[Stage]
    parameters: dict[str, Any]
    locked: bool
    problem: str = ""


def read() -> State:
    """The state of the project's pipeline, without DVC."""
    root, parameters, locked = files.root(), {}, {}
    try:
        pipeline = files.mapping(root / "dvc.yaml")
        parameters = files.mapping(root / "params.yaml")
        locked = files.mapping(lock) if (lock := root / "dvc.lock").exists() else {}
        found = stages.states(pipeline, parameters, locked, root=root)
        return State(found, parameters, bool(locked))
    except (ValueError, OSError) as error:
        problem = files.sentence(error)
    except (AttributeError, TypeError, LookupError):
        problem = "dvc.yaml or dvc.lock does not have DVC's form."
    return State([], parameters, bool(locked), f"The stages cannot be shown: {problem}")
