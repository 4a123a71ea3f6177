"""Parameters against scores: the chart of all runs, in which rectangles choose runs."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import files, leaderboard, parallel, readers, shared
from dashboard.page import address
from dashboard.parallel import Axis, Ranges
from dashboard.readers import Evaluation, Run

PARAMETERS = 6  # that have an axis at first
# Columns of the table of runs that say how good a run is -> their titles here
OWN = {"Best": "Best val_loss", "Below grey": "Below grey, %", "Minutes": "Minutes"}
SCORES = ("Best val_loss", "PSNR", "ab error", "Colourfulness")  # that have an axis at first


def show(runs: list[Run], coloured: list[Run]) -> None:
    """The chart in an expander, drawn only once that is open. coloured: as in the loss curves."""
    expander = st.expander(
        "Parameters against scores", icon=":material/ssid_chart:", key="against", on_change="rerun"
    )
    if not expander.open:
        return
    with expander:
        if len(runs) < 2:
            st.info("With a second run this chart shows what differs, and what came of it.")
            return
        table = columns(runs, choose_dataset(runs))
        titles = choose_axes(table)
        if not titles:
            st.info("Choose at least one axis.")
            return
        draw(table, [parallel.axis(title, table[title]) for title in titles], runs, coloured)


def columns(runs: list[Run], evaluated: dict[str, Evaluation]) -> pd.DataFrame:
    """A row for each run: the parameters and scores that differ; evaluated: run -> evaluation."""
    table = leaderboard.table(runs).set_axis([run.name for run in runs])
    parameters = [name for name in table if _parameter(name)]
    table = table[[*parameters, *OWN]].astype(object).rename(columns=OWN)
    for title, score in shared.SCORES.items():
        means = {name: one.summary["means"].get(score.column) for name, one in evaluated.items()}
        name = title.removesuffix(shared.OFF)
        table[name] = pd.Series(means, dtype=object).reindex(table.index)
    table = table.where(table.notna(), None)
    return table[[name for name in table if table[name].map(str).nunique() > 1]]


def choose_dataset(runs: list[Run]) -> dict[str, Evaluation]:
    """Run -> its evaluation on the dataset that the visitor chooses, at first the most used one."""
    names = {run.folder.resolve(): run.name for run in runs}
    found = [
        (str(one.summary.get("dataset")), names[folder], one)
        for one in readers.evaluations()[0]
        if (folder := _evaluated(one)) in names
    ]
    datasets = [dataset for dataset, _ in Counter(each[0] for each in found).most_common()]
    if not datasets:
        return {}
    chosen = datasets[0]
    if len(datasets) > 1:
        chosen = st.selectbox("Scores on", datasets, key="scores-on", width=330)
    return {name: one for dataset, name, one in reversed(found) if dataset == chosen}


def choose_axes(table: pd.DataFrame) -> list[str]:
    """The columns that are drawn: at first the parameters that most runs have, and some scores."""
    parameters = [name for name in table if _parameter(name)]
    common = sorted(parameters, key=lambda name: int(table[name].isna().sum()))[:PARAMETERS]
    first = [name for name in table if name in common or name in SCORES]
    return st.multiselect("Axes", list(table), default=first, key=f"axes-{hash(tuple(table))}")


def draw(table: pd.DataFrame, axes: list[Axis], runs: list[Run], coloured: list[Run]) -> None:
    """The chart, and the sentences about what is chosen in it."""
    on = marked(axes)
    labels = {run.name: run.label for run in runs}
    names = [run.name for run in coloured]
    st.plotly_chart(
        parallel.figure(
            axes,
            table,
            labels=labels,
            coloured=names,
            on=on,
            dark=st.context.theme.type == "dark",
        ),
        key="parallel",
        alt="A line for each run across " + ", ".join(each.title for each in axes),
        config={"displaylogo": False},
        on_select=_brush(axes, on),
        selection_mode="box",
    )
    st.caption(
        "A line is a run; the coloured ones are drawn in the curves above. Draw a rectangle over a "
        "part of an axis to choose the runs that pass there; with another one on another axis, "
        "those that pass through both. – is for runs without the value."
    )
    if on:
        if not parallel.within(axes, on):
            st.info("No run passes through all marked parts.")
        st.button("All runs", on_click=_choose, args=({}, []), icon=":material/filter_alt_off:")


def marked(axes: list[Axis]) -> Ranges:
    """The ranges that were drawn, as long as they are what chooses the runs of the table."""
    on = st.session_state.get("marked", {})
    known = on.keys() <= {each.title for each in axes}
    if not known or set(parallel.within(axes, on)) != set(st.query_params.get_all("runs")):
        return {}
    return on


def _brush(axes: list[Axis], on: Ranges) -> Callable[[], None]:
    """What is called after a rectangle is drawn: it adds to the ranges on other axes."""

    def act() -> None:
        boxes = st.session_state["parallel"]["selection"]["box"]
        if ranges := parallel.drawn(axes, boxes):
            both = on | ranges
            _choose(both, parallel.within(axes, both))

    return act


def _choose(ranges: Ranges, names: list[str]) -> None:
    """Chooses runs in the table, which begins with those of the address bar if it has a new key."""
    st.session_state["marked"] = ranges
    st.session_state["brushed"] = st.session_state.get("brushed", 0) + 1
    address.put("runs", names)


def _parameter(name: str) -> bool:
    return "." in name or name == "model"


def _evaluated(evaluation: Evaluation) -> Path:
    """The folder of the run that an evaluation scored."""
    if evaluation.shipped:
        return evaluation.folder.parents[1].resolve()
    return (files.root() / str(evaluation.summary.get("run"))).resolve()
