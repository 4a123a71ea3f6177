"""dvc.yaml, params.yaml, dvc.lock and runs/ -> states of stages, parameters, drawn networks."""

import datetime
from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import files, readers
from dashboard.page import chooser, notices, style
from dashboard.pipeline import flow, stages, state, structure
from dashboard.pipeline.boxes import Box, dot
from dashboard.pipeline.nested import MISSING, find
from dashboard.pipeline.parameters import DIFFERS, RANKS, compared, section_of, together
from dashboard.pipeline.stages import Stage
from dashboard.readers import Run

ALL = "all stages, a box for each kind"
HIGHEST = 600  # pixels; a higher table scrolls
MOST = 200  # boxes of a graph
LONG, HIGH_ROW = 55, 84  # letters that fit into a line of "Why"; pixels of a row with three lines


def page() -> None:
    st.title("Pipeline")
    st.markdown(
        "Photographs pass through the stages of `dvc.yaml`. This page reads the files that they "
        "leave and says which stages would run again, and why; it starts nothing."
    )
    runs, problems = readers.runs()
    st.subheader("Stages")
    found = state.read()
    if found.problem:
        st.warning(found.problem)
    elif not found.locked:
        st.info("No stage has run yet: `make demo` runs those of the sample in minutes.")
    if found.stages:
        show_stages(found.stages, runs)

    st.subheader("Parameters of the runs")
    notices.left_out(problems)
    if not runs:
        notices.no_run()
        return
    show_parameters(runs, found.parameters)
    st.subheader("Networks")
    show_network(runs)


@st.fragment
def show_stages(found: list[Stage], runs: list[Run]) -> None:
    """The graph and the table of all stages, or of those that one stage needs."""
    end = st.selectbox(
        "Show what is needed for", [ALL, *flow.ends(found)], key="stage", bind="query-params"
    )
    shown = found if end == ALL else flow.needed(found, end)
    counts = flow.counted(shown)
    st.markdown(" · ".join(counts))
    boxes = flow.kinds(shown) if end == ALL else flow.each(shown)
    named = f"{len(shown)} stages and what each needs: {', '.join(counts)}"
    draw(boxes, key=f"stages-{end}", alt=named)
    table = stage_table(shown, runs)
    st.dataframe(
        table,
        hide_index=True,
        height=height(table),
        row_height=HIGH_ROW if end != ALL and table["Why"].str.len().max() > LONG else None,
        placeholder="–",
        column_config={
            "Stage": st.column_config.TextColumn(pinned=True),
            "Why": st.column_config.TextColumn(width="large"),
            "Size": st.column_config.NumberColumn(format="bytes"),
            "Written": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=140),
            "Training": st.column_config.NumberColumn(format="%.1f min"),
        },
        alt="Stages with state, reason, size, time of writing and minutes of training",
    )
    st.caption(
        "Size and time are those of a stage's outputs; training is the time of all epochs "
        "together. `dvc repro` runs what is not up to date, `dvc repro STAGE` only what one stage "
        "needs. The page does not see outputs that were edited by hand: `dvc status` does."
    )


def stage_table(found: list[Stage], runs: list[Run]) -> pd.DataFrame:
    """A row for each stage."""
    by_folder, root = {run.folder: run for run in runs}, files.root()
    rows = []
    for stage in found:
        folders = ((root / out).parent for out in stage.outs)
        run = next((by_folder[folder] for folder in folders if folder in by_folder), None)
        why, written = stage.why, stages.written(stage, root=root)
        if run and run.state == "training":
            why = "; ".join(filter(None, [f"trains now, {len(run.history)} epochs done", why]))
        rows.append(
            {
                "Stage": stage.name,
                "State": flow.state(stage),
                "Why": why,
                "Size": stage.size,
                "Written": written and datetime.datetime.fromtimestamp(written),
                "Training": run.times["seconds"].sum() / 60 if run and len(run.times) else None,
            }
        )
    return pd.DataFrame(rows).astype({"Size": "Float64", "Training": "Float64"})


@st.fragment
def show_parameters(runs: list[Run], parameters: dict[str, Any]) -> None:
    """A run's params.yaml, the newest run's at first, beside today's; below it all runs."""
    newest = max(runs, key=lambda run: max(run.stamp))
    run = chooser.one("Run", runs, key="run", first=newest.name)
    section = section_of(run)
    found = compared(run, parameters, code=files.root() / "colornet")
    if find(section, parameters) is MISSING:
        st.info(f"`params.yaml` has no `{section}` today to compare this run with.")
    counts = Counter(found["Beside today"])
    st.markdown(" · ".join(f"{counts[mark]} {mark[2:]}" for mark in RANKS if counts[mark]))
    marks = found["Beside today"].eq(DIFFERS).map({True: style.MARKED, False: ""})
    st.dataframe(
        found.style.apply(lambda _: marks),
        hide_index=True,
        height=height(found),
        column_config={
            "Parameter": st.column_config.TextColumn(pinned=True),
            "Today": st.column_config.TextColumn(width=120),
        },
        alt=f"Parameters of {run.label} beside those of params.yaml",
    )
    with st.expander("All runs side by side"):
        st.dataframe(
            together(runs),
            hide_index=True,
            height="content",
            column_config={"Parameter": st.column_config.TextColumn(pinned=True)},
            alt="Parameters of each run",
        )


@st.fragment
def show_network(runs: list[Run]) -> None:
    """A run's parameters by part, the graph of its layers and their table."""
    run = chooser.one("Run", runs, key="network", first=readers.default_run())
    file = run.folder / "structure.json"
    try:
        layers = structure.layers(files.mapping(file), file=file)
    except (ValueError, OSError) as error:
        st.warning(f"The network cannot be drawn: {files.sentence(error)}")
        return
    parts = structure.parts(layers)
    total = sum(weight for _, weight in parts.values())
    shares = [f"{part} {n:,} ({n / total:.0%})" for part, (_, n) in parts.items() if n]
    st.markdown(" · ".join([f"{total:,} parameters", f"{len(layers)} layers", *shares]))
    left, right = st.columns(2)
    with left:
        named = f"Layers of {run.label}: {', '.join(parts)}"
        draw(structure.boxes(layers), key=f"layers-{run.name}", alt=named)
    with right:
        table = pd.DataFrame(layers).drop(columns="inputs")
        table.columns = ["Layer", "Type", "Output", "Parameters"]
        st.dataframe(
            table,
            hide_index=True,
            height=height(table),
            column_config={
                "Layer": st.column_config.TextColumn(width="medium", pinned=True),
                "Parameters": st.column_config.NumberColumn(format="localized"),
            },
            alt=f"All layers of {run.label}",
        )
    st.caption(
        "A box names the shape of its output (h and w depend on the picture) and its number of "
        "parameters, those of normalization included. The classifier runs in the stage "
        "`classify`: only its scores enter the network."
    )


def draw(boxes: list[Box], *, key: str, alt: str) -> None:
    """key: another one for another graph, which the page then draws anew.

    Where one graph follows another in the same place, Streamlit's script first finds the points of
    a movement from line to line, which it does not show: 0.8 s for two networks.
    """
    if len(boxes) <= MOST:
        with st.container(key=key):
            st.graphviz_chart(dot(boxes, dark=st.context.theme.type == "dark"), alt=alt)
    else:
        st.info(f"{len(boxes)} boxes are too many for a graph: the table has them all.")


def height(table: pd.DataFrame) -> int | str:
    return HIGHEST if len(table) > 15 else "content"


page()
