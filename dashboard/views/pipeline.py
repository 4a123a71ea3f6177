"""dvc.yaml, params.yaml, dvc.lock and runs/ -> states of stages, parameters, drawn networks."""

import datetime
from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import readers, stages, structure
from dashboard.stages import MISSING

ALL = "all stages, a box for each kind"
DIFFERS, NOT_SET, SAME = RANKS = ("≠ differs", "? not set today", "= same")
MARKED = "background-color: rgba(230, 159, 0, 0.25)"
HIGHEST = 600  # pixels; a longer table scrolls
MOST = 200  # boxes of a graph
LONG, ROOMY = 55, 84  # letters that fit into a line of a reason; pixels of rows that hold three


def read() -> tuple[list[stages.Stage], dict[str, Any]]:
    """The stages and params.yaml; a sentence on the page about what cannot be read."""
    root, parameters = readers.root(), {}
    try:
        pipeline = readers.mapping(root / "dvc.yaml")
        parameters = readers.mapping(root / "params.yaml")
        locked = readers.mapping(lock) if (lock := root / "dvc.lock").exists() else {}
        if not locked:
            st.info("No stage has run yet: `make demo` runs those of the sample in minutes.")
        return stages.states(pipeline, parameters, locked, root=root), parameters
    except (ValueError, OSError) as error:
        st.warning(f"The stages cannot be shown: {readers.sentence(error)}")
    except (AttributeError, TypeError, LookupError):
        st.warning("The stages cannot be shown: dvc.yaml or dvc.lock is not of DVC's form.")
    return [], parameters


@st.fragment
def show_stages(found: list[stages.Stage], runs: list[readers.Run]) -> None:
    """The graph of all stages, or of what one needs, and the table of the same ones."""
    end = st.selectbox(
        "Show what is needed for", [ALL, *structure.ends(found)], key="stage", bind="query-params"
    )
    asked = found if end == ALL else structure.needed(found, end)
    counts = structure.counted(asked)
    st.markdown(" · ".join(counts))
    boxes = structure.kinds(asked) if end == ALL else structure.each(asked)
    draw(boxes, alt=f"{len(asked)} stages and what each needs: {', '.join(counts)}")
    table = stage_table(asked, runs)
    st.dataframe(
        table,
        hide_index=True,
        height=height(table),
        row_height=ROOMY if end != ALL and table["Why"].str.len().max() > LONG else None,
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
        "Size and time are those of a stage's outputs, training that of all epochs together. "
        "`dvc repro` runs what is not up to date, `dvc repro STAGE` only what one stage needs. "
        "Edits by hand to what a stage made are not looked for here: `dvc status` does that."
    )


def stage_table(found: list[stages.Stage], runs: list[readers.Run]) -> pd.DataFrame:
    by_folder, rows, root = {run.folder: run for run in runs}, [], readers.root()
    for stage in found:
        run = next(filter(None, (by_folder.get((root / out).parent) for out in stage.outs)), None)
        why, written = stage.why, stages.written(stage, root=root)
        if run and run.state == "training":
            why = "; ".join(filter(None, [f"trains now, {len(run.history)} epochs done", why]))
        rows.append(
            {
                "Stage": stage.name,
                "State": f"{structure.STATES[stage.state][0]} {stage.state}",
                "Why": why,
                "Size": stage.size,
                "Written": written and datetime.datetime.fromtimestamp(written),
                "Training": run.times["seconds"].sum() / 60 if run and len(run.times) else None,
            }
        )
    return pd.DataFrame(rows).astype({"Size": "Float64", "Training": "Float64"})


@st.fragment
def show_parameters(runs: list[readers.Run], parameters: dict[str, Any]) -> None:
    """A run's params.yaml, the newest's at first, beside today's; below it all runs."""
    run = chosen(runs, key="run", first=max(runs, key=lambda run: max(run.stamp)).name)
    found = compared(run, parameters)
    if stages.find(asked_by(run), parameters) is MISSING:
        st.info(f"`params.yaml` has no `{asked_by(run)}` today: this run stands alone.")
    counts = Counter(found["Beside today"])
    st.markdown(" · ".join(f"{counts[mark]} {mark[2:]}" for mark in RANKS if counts[mark]))
    marks = found["Beside today"].eq(DIFFERS).map({True: MARKED, False: ""})
    st.dataframe(
        found.style.apply(lambda column: marks),
        hide_index=True,
        height=height(found),
        column_config={
            "Parameter": st.column_config.TextColumn(pinned=True),
            "Today": st.column_config.TextColumn(width=120),
        },
        alt=f"Parameters of {run.label} beside those of params.yaml",
    )
    with st.expander("All runs side by side"):
        show_runs(runs)


def asked_by(run: readers.Run) -> str:
    """The key of params.yaml that a run is made from."""
    return f"train.{run.params.get('model')}.{run.folder.name}"


def compared(run: readers.Run, parameters: dict[str, Any]) -> pd.DataFrame:
    """A row for each parameter that the run or params.yaml has, those that differ first."""
    train = stages.find(asked_by(run), parameters)
    dataset = (train if isinstance(train, dict) else run.params["train"]).get("dataset")
    rows, code = [], readers.root() / "colornet"
    for place in (asked_by(run), f"preprocess.{dataset}", f"classify.{dataset}"):
        section, asked = place.partition(".")[0], stages.find(place, parameters)
        then = run.params.get(section)
        if not isinstance(then, dict):
            continue
        default = stages.defaults(code / f"{section}.py") if isinstance(asked, dict) else {}
        asked = asked if isinstance(asked, dict) else {}
        for key in dict.fromkeys([*then, *asked]):
            old, new = then.get(key, MISSING), (default | asked).get(key, MISSING)
            mark = NOT_SET if new is MISSING else SAME if old == new else DIFFERS
            note = "" if new is MISSING or key in asked else " (default)"
            rows.append((f"{section}.{key}", shown(old), f"{shown(new)}{note}", mark))
    rows.sort(key=lambda row: RANKS.index(row[-1]))
    return pd.DataFrame(rows, columns=["Parameter", "Run", "Today", "Beside today"])


def shown(value: Any) -> str:
    if value is MISSING or value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def show_runs(runs: list[readers.Run]) -> None:
    """A column for each run, a row for each parameter."""
    flat = {
        run.label: {
            key: value
            for section, content in run.params.items()
            for key, value in stages.leaves(content, section)
        }
        for run in runs
    }
    keys = list(dict.fromkeys(key for content in flat.values() for key in content))
    columns = {name: [shown(content.get(key)) for key in keys] for name, content in flat.items()}
    st.dataframe(
        pd.DataFrame({"Parameter": keys, **columns}),
        hide_index=True,
        height="content",
        column_config={"Parameter": st.column_config.TextColumn(pinned=True)},
        alt="Parameters of each run",
    )


@st.fragment
def show_network(runs: list[readers.Run]) -> None:
    """A run's parameters by part, the graph of its layers and their table."""
    run = chosen(runs, key="network", first=readers.default_run())
    file = run.folder / "structure.json"
    try:
        layers = structure.layers(readers.mapping(file), file=file)
    except (ValueError, OSError) as error:
        st.warning(f"The network cannot be drawn: {readers.sentence(error)}")
        return
    parts = structure.parts(layers)
    total = sum(weight for _, weight in parts.values())
    shares = [f"{part} {n:,} ({n / total:.0%})" for part, (_, n) in parts.items() if n]
    st.markdown(" · ".join([f"{total:,} parameters", f"{len(layers)} layers", *shares]))
    graph, beside = st.columns([2, 3])
    with graph:
        draw(structure.boxes(layers), alt=f"Layers of {run.label}: {', '.join(parts)}")
    with beside:
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
        "A box holds the shape that leaves it (h and w depend on the picture) and its parameters, "
        "those of normalization included. Of the classifier, which runs in the stage `classify`, "
        "only the scores come in."
    )


def chosen(runs: list[readers.Run], *, key: str, first: str | None) -> readers.Run:
    """A chooser of a run, that of the name `first` before the reader has chosen."""
    by_name = {run.name: run for run in runs}
    name = st.selectbox(
        "Run",
        list(by_name),
        index=list(by_name).index(first) if first in by_name else 0,
        format_func=lambda name: by_name[name].label,
        key=key,
        bind="query-params",
    )
    return by_name[name]


def draw(boxes: list[structure.Box], *, alt: str) -> None:
    if len(boxes) <= MOST:
        st.graphviz_chart(structure.dot(boxes, dark=st.context.theme.type == "dark"), alt=alt)
    else:
        st.info(f"{len(boxes)} boxes are too many for a graph: the table has them all.")


def height(table: pd.DataFrame) -> int | str:
    return HIGHEST if len(table) > 15 else "content"


st.title("Pipeline")
st.markdown(
    "Photographs pass through the stages of `dvc.yaml`. This page reads the files that they leave "
    "and says which would run again, and why; it starts nothing."
)
runs, problems = readers.runs()
st.subheader("Stages")
found, parameters = read()
if found:
    show_stages(found, runs)

st.subheader("Parameters of the runs")
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if runs:
    show_parameters(runs, parameters)
    st.subheader("Networks")
    show_network(runs)
else:
    st.info("There is no run yet: `make demo` trains three small ones in minutes.")
