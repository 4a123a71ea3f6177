"""The parameters of runs, beside each other and beside today's params.yaml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.pipeline.defaults import defaults
from dashboard.pipeline.nested import MISSING, find, leaves
from dashboard.readers import Run

DIFFERS, NOT_SET, SAME = RANKS = ("≠ differs", "? not set today", "= same")


def section_of(run: Run) -> str:
    """The key of params.yaml that a run is made from."""
    return f"train.{run.params.get('model')}.{run.folder.name}"


def compared(run: Run, parameters: dict[str, Any], *, code: Path) -> pd.DataFrame:
    """A row for each parameter that the run or params.yaml has; those that differ come first.

    parameters: the content of params.yaml; code: the folder `colornet`, for the defaults.
    """
    train = find(section_of(run), parameters)
    dataset = (train if isinstance(train, dict) else run.params["train"]).get("dataset")
    rows = [
        row
        for key in (section_of(run), f"preprocess.{dataset}", f"classify.{dataset}")
        for row in _rows(run, key, find(key, parameters), code=code)
    ]
    rows.sort(key=lambda row: RANKS.index(row[-1]))
    return pd.DataFrame(rows, columns=["Parameter", "Run", "Today", "Beside today"])


def _rows(run: Run, key: str, today: Any, *, code: Path) -> Iterator[tuple[str, str, str, str]]:
    """The parameters of one stage; today: the section under `key` in params.yaml."""
    stage = key.partition(".")[0]
    then = run.params.get(stage)
    if not isinstance(then, dict):
        return
    default = defaults(code, stage) if isinstance(today, dict) else {}
    today = today if isinstance(today, dict) else {}
    for name in dict.fromkeys([*then, *today]):
        old, new = then.get(name, MISSING), (default | today).get(name, MISSING)
        mark = NOT_SET if new is MISSING else SAME if old == new else DIFFERS
        note = "" if new is MISSING or name in today else " (default)"
        yield f"{stage}.{name}", _shown(old), f"{_shown(new)}{note}", mark


def together(runs: list[Run]) -> pd.DataFrame:
    """A column for each run, a row for each parameter that one of them has."""
    flat = {
        run.label: {
            key: value
            for stage, content in run.params.items()
            for key, value in leaves(content, stage)
        }
        for run in runs
    }
    keys = list(dict.fromkeys(key for content in flat.values() for key in content))
    columns = {name: [_shown(content.get(key)) for key in keys] for name, content in flat.items()}
    return pd.DataFrame({"Parameter": keys, **columns})


def _shown(value: Any) -> str:
    if value is MISSING or value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
