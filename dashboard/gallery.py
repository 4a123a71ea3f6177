"""scores.csv -> which test pictures are shown, in what order, and charts to choose them by.

Knows no page and no files.
"""

import functools
import math
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from colornet.sources.pets import CATS, DOGS
from dashboard import shared
from dashboard.page import style

# Kaggle's cat.1.jpg, and Oxford's Breed_1.jpg
ANIMALS = {
    "cat": re.compile(rf"(cat\.|({'|'.join(CATS)})_\d)"),
    "dog": re.compile(rf"(dog\.|({'|'.join(DOGS)})_\d)"),
}
BARS = 30  # of a histogram
ABOVE = "PSNR above grey"
ORDERS = {ABOVE: shared.Score("psnr", "psnr_grey", "%.2f dB", "")} | shared.SCORES


def keyed(scores: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """scores.csv by file, with the score of ORDERS in a column `key`."""
    table = shared.by_file(scores)
    key = shared.values(table, ORDERS[by])
    if by == ABOVE:
        key = key - shared.greys(table, ORDERS[by])
    return table.assign(key=key)


def animals(files: pd.Index) -> pd.Series:
    """For each file "cat" or "dog" if its name says so, else None."""
    return pd.Series([_animal(file) for file in files], files, dtype=object)


def within(table: pd.DataFrame, ranges: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """The rows whose values lie in the ranges of their columns, ends included."""
    for column, (low, high) in ranges.items():
        table = table[table[column].between(low, high)]
    return table


def ordered(table: pd.DataFrame, *, by: str, best_first: bool) -> list[str]:
    """The files by `key`: equal ones by name, those without a key last."""
    return shared.ordered(table["key"], highest_first=ORDERS[by].highest_is_best == best_first)


def rank(table: pd.DataFrame, file: str, score: shared.Score) -> tuple[int, int] | None:
    """The rank of a file, 1 for the best, and how many files have this score; None without one."""
    values = shared.values(table, score).dropna()
    if file not in values:
        return None
    better = values > values[file] if score.highest_is_best else values < values[file]
    return int(better.sum()) + 1, len(values)


def scatter(table: pd.DataFrame) -> go.Figure:
    """Output PSNR over grey PSNR: a point for each picture, and a line where both are equal."""
    both = table[["psnr_grey", "psnr"]].dropna()
    ends = [float(both.min().min()), float(both.max().max())] if len(both) else [0.0, 1.0]
    figure = go.Figure()
    # Without the graphics card 10,000 points would take a second to draw
    figure.add_scattergl(
        x=both["psnr_grey"],
        y=both["psnr"],
        mode="markers",
        marker={"color": style.BLUE, "size": 6 if len(both) < 1000 else 3, "opacity": 0.7},
        text=both.index,
        hovertemplate="%{text}<br>grey %{x:.2f} dB, output %{y:.2f} dB<extra></extra>",
        showlegend=False,
    )
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        line={"color": style.ORANGE, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_layout(
        xaxis_title="PSNR of grey, dB", yaxis_title="PSNR of the output, dB", dragmode="select"
    )
    return _small(figure)


def histogram(table: pd.DataFrame, *, by: str, mark: float | None = None) -> go.Figure:
    """How many pictures have which `key`; mark: the key of the picture to point out."""
    # Counted here, so that not all values are sent to the page
    values = table["key"].dropna()
    counts, ends = np.histogram(values[np.isfinite(values)], bins=BARS)
    figure = go.Figure()
    figure.add_bar(
        x=(ends[:-1] + ends[1:]) / 2,
        y=counts,
        width=np.diff(ends),
        customdata=np.stack([ends[:-1], ends[1:]], axis=1),
        hovertemplate="%{customdata[0]:.4g} to %{customdata[1]:.4g}: %{y} pictures<extra></extra>",
        marker={"color": style.BLUE},
    )
    if mark is not None and not math.isnan(mark):
        line = {"color": style.ORANGE, "width": 3}
        figure.add_vline(mark, line=line, annotation={"text": "this"})
    figure.update_layout(
        xaxis_title=by, yaxis_title="pictures", bargap=0.05, dragmode="select", selectdirection="h"
    )
    return _small(figure)


@functools.lru_cache(maxsize=100_000)
def _animal(file: str) -> str | None:
    name = file.rsplit("/", 1)[-1]
    return next((kind for kind, pattern in ANIMALS.items() if pattern.match(name)), None)


def _small(figure: go.Figure) -> go.Figure:
    return figure.update_layout(height=300, margin=style.MARGIN)
