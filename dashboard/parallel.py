"""A table of runs -> a parallel-coordinates chart: an axis for each column, a line for each run.

After Inselberg, "The plane with parallel coordinates" (1985). The lines are Plotly's scatter lines:
its own chart of this kind tells Streamlit nothing of a selection. Knows no page and no files.
"""

import math
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import chart
from dashboard.page import style

MISSING = -0.14  # the place of runs that have no value
FROM = 20  # times the least value that the greatest one must be for a logarithmic axis
TICKS = 6  # values that are all written beside their axis
APART = 0.06  # of an axis between two written values
Ranges = dict[str, tuple[float, float]]  # title of an axis -> from and to, places


class Axis(NamedTuple):
    """places: of each run, by name, in [0, 1] or MISSING; ticks: what is written at which place."""

    title: str
    places: pd.Series
    ticks: dict[float, str]


def axis(title: str, values: pd.Series) -> Axis:
    """The axis of a column of any values by the runs' names.

    Numbers lie along it, logarithmically where they span much; others at equal distances, sorted.
    """
    there = values[values.map(_known)]
    numbers = there.map(lambda value: isinstance(value, Real) and not isinstance(value, bool))
    places, ticks = _numeric(there.astype(float)) if numbers.all() else _categories(there)
    if len(there) < len(values):
        ticks = {MISSING: "–"} | ticks
    return Axis(title, places.reindex(values.index, fill_value=MISSING), ticks)


def within(axes: list[Axis], ranges: Ranges) -> list[str]:
    """The names of the runs that lie in all ranges, ends included."""
    names = axes[0].places.index if axes else pd.Index([])
    for each in axes:
        low, high = ranges.get(each.title, (-math.inf, math.inf))
        names = names[each.places[names].between(low, high)]
    return list(names)


def drawn(axes: list[Axis], boxes: list[dict]) -> Ranges:
    """The ranges of the axes that rectangles lie over; boxes: {"x": [a, b], "y": [a, b]} each."""
    found = {}
    for box in boxes:
        (left, right), (low, high) = sorted(box["x"]), sorted(box["y"])
        for number, each in enumerate(axes):
            if left <= number <= right:
                found[each.title] = (low, high)
    return found


def figure(
    axes: list[Axis],
    table: pd.DataFrame,
    *,
    labels: dict[str, str],
    coloured: list[str],
    on: Ranges,
    dark: bool,
) -> go.Figure:
    """The chart. table: the values, a column for each axis; labels: of the runs, by name.

    coloured: the runs in the colours of `chart`, in its order, the others grey; on: the ranges to
    mark on the axes; dark: whether the page is.
    """
    grey = [name for name in labels if name not in coloured]
    look = {"line": {"color": style.GREY, "width": 1}, "opacity": 0.5}
    traces = [_lines(axes, table, labels, grey) | look] if grey else []
    for number, name in enumerate(coloured):
        color = chart.COLOURS[number % len(chart.COLOURS)]
        dash = chart.DASHES[number // len(chart.COLOURS) % len(chart.DASHES)]
        line = {"color": color, "width": 2.5, "dash": dash}
        traces.append(_lines(axes, table, labels, [name]) | {"line": line})
    result = go.Figure(data=traces)
    titles = [each.title.replace(".", ".<br>", 1) for each in axes]
    result.update_xaxes(
        tickvals=list(range(len(axes))),
        ticktext=titles,
        side="top",
        range=[-0.35, len(axes) - 0.35],
        gridcolor=style.LINE,
        showgrid=True,
        zeroline=False,
    )
    result.update_yaxes(visible=False, range=[MISSING - 0.06, 1.06])
    shapes = [_mark(axes, title, ends) for title, ends in on.items()]
    return result.update_layout(
        height=420,
        margin=style.MARGIN | {"t": 50},
        showlegend=False,
        dragmode="select",
        hovermode="closest",
        annotations=_written(axes, dark=dark),
        shapes=shapes,
    )


def _known(value: object) -> bool:
    return value is not None and value == value


def _numeric(values: pd.Series) -> tuple[pd.Series, dict[float, str]]:
    if values.empty:
        return values, {}
    low, high = values.min(), values.max()
    log = low > 0 and high > FROM * low
    scaled = np.log(values) if log else values
    start, span = scaled.min(), scaled.max() - scaled.min()
    places = (scaled - start) / span if span else scaled * 0 + 0.5
    if values.nunique() <= TICKS:
        written = dict(zip(places, values, strict=True))
    else:
        written = {place: start + place * span for place in (0.0, 0.25, 0.5, 0.75, 1.0)}
        written = {place: np.exp(value) if log else value for place, value in written.items()}
    return places, _spaced({place: f"{value:.4g}" for place, value in sorted(written.items())})


def _categories(values: pd.Series) -> tuple[pd.Series, dict[float, str]]:
    texts = sorted({str(value) for value in values})
    ends = np.linspace(0, 1, len(texts)) if len(texts) > 1 else [0.5]
    place = dict(zip(texts, ends, strict=True))
    ticks = {where: text for text, where in place.items()}
    return values.map(lambda value: place[str(value)]).astype(float), _spaced(ticks)


def _spaced(ticks: dict[float, str]) -> dict[float, str]:
    """The ticks that are far enough above the one before."""
    found: dict[float, str] = {}
    for place, text in ticks.items():
        if not found or place - max(found) >= APART:
            found[place] = text
    return found


def _lines(axes: list[Axis], table: pd.DataFrame, labels: dict, names: list[str]) -> dict:
    """One trace with a line for each run; what hovering over its points shows."""
    gap = [[math.nan]] * len(names)
    across = [*range(len(axes)), math.nan]
    places = np.hstack([np.array([each.places[names] for each in axes]).T, gap])
    told = []
    for name in names:
        for title in (each.title for each in axes):
            told.append(f"{labels[name]}<br>{title}: {_shown(table.at[name, title])}")
        told.append("")
    return {
        "x": across * len(names),
        "y": places.ravel(),
        "text": told,
        "mode": "lines+markers",
        "marker": {"size": 6},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _shown(value: object) -> str:
    if not _known(value):
        return "–"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _written(axes: list[Axis], *, dark: bool) -> list[dict]:
    """The values beside their axes, on a ground that dims the lines below them."""
    look = {"showarrow": False, "xanchor": "left", "xshift": 7, "font": {"size": 12}}
    look |= {"bgcolor": "rgba(20,20,20,0.7)" if dark else "rgba(255,255,255,0.75)", "borderpad": 0}
    return [
        {"x": number, "y": place, "text": text} | look
        for number, each in enumerate(axes)
        for place, text in each.ticks.items()
    ]


def _mark(axes: list[Axis], title: str, ends: tuple[float, float]) -> dict:
    number = [each.title for each in axes].index(title)
    line = {"color": style.ORANGE, "width": 9}
    place = {"x0": number, "x1": number, "y0": ends[0], "y1": ends[1]}
    return {"type": "line", "line": line, "opacity": 0.6, **place}
