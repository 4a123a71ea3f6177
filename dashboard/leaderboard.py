"""Runs -> a table: epochs, losses beside those of grey and the published ones, parameters.

Knows no page.
"""

import pandas as pd
from pandas.io.formats.style import Styler

from dashboard import chart
from dashboard.page import style
from dashboard.pipeline.nested import leaves
from dashboard.readers import Run

UNUSUAL = f"{style.MARKED}; font-weight: bold"


def table(runs: list[Run]) -> pd.DataFrame:
    """A row for each run: its figures, then each parameter that differs among the runs."""
    settings = pd.DataFrame([_parameters(run) for run in runs], dtype=object)
    differ = [name for name in settings if settings[name].map(str).nunique() > 1]
    return pd.concat([pd.DataFrame([_figures(run) for run in runs]), settings[differ]], axis=1)


def marked(rows: pd.DataFrame) -> Styler:
    """`table`, with a mark on each parameter that differs from its most frequent value."""
    names = [name for name in rows if "." in name or name == "model"]
    usual = {name: rows[name].map(str).mode().iloc[0] for name in names}

    def shade(column: pd.Series) -> list[str]:
        return [UNUSUAL if str(value) != usual[column.name] else "" for value in column]

    return rows.style.apply(shade, subset=names).format(_shown, subset=names)


def seconds_left(run: Run) -> float | None:
    """How long the remaining epochs will take; None before the first one is done."""
    epochs, done = run.params["train"].get("epochs"), len(run.history)
    if not isinstance(epochs, int) or run.times.empty:
        return None
    return max(epochs - done, 0) * float(run.times["seconds"].tail(10).median())


def _figures(run: Run) -> dict:
    history = run.history
    last = history.iloc[-1] if len(history) else pd.Series(dtype=float)
    best = history["val_loss"].min() if len(history) else None
    grey = last.get("val_loss_grey")
    return {
        "Run": run.label,
        "State": run.state,
        "Epochs": f"{int(last.get('epoch', 0))} of {run.params['train'].get('epochs')}",
        "Last": last.get("val_loss"),
        "Best": best,
        "Grey": grey,
        "Below grey": (1 - best / grey) * 100 if best is not None and grey else None,
        "Training": last.get("loss"),
        "Published": chart.published(run),
        "Pictures/s": run.times["pictures_per_s"].median(),
        "Minutes": run.times["seconds"].sum() / 60 if len(run.times) else None,
    }


def _parameters(run: Run) -> dict:
    """The model and all parameters but the epochs, which the table has already."""
    named = {"model": run.params.get("model")}
    for section in ("train", "preprocess", "classify"):
        named |= dict(leaves(run.params.get(section) or {}, section))
    return {name: value for name, value in named.items() if name != "train.epochs"}


def _shown(value: object) -> str:
    return "–" if value is None or value != value else str(value)
