"""dvc.yaml, params.yaml, dvc.lock and runs/ -> the state of each stage, the runs' parameters."""

from collections import Counter

import pandas as pd
import streamlit as st

from dashboard import readers, stages

SIGNS = {
    stages.UP_TO_DATE: "✓",
    stages.CHANGED: "✎",
    stages.UPSTREAM_CHANGED: "↑",
    stages.OUTPUT_MISSING: "∅",
    stages.NEVER_RUN: "–",
}


def show_stages() -> None:
    root = readers.root()
    try:
        pipeline = readers.mapping(root / "dvc.yaml")
        parameters = readers.mapping(root / "params.yaml")
        lock = root / "dvc.lock"
        locked = readers.mapping(lock) if lock.exists() else {}
        found = stages.states(pipeline, parameters, locked, root=root)
    except (ValueError, OSError) as error:
        st.warning(f"The stages cannot be shown: {readers.sentence(error)}")
        return
    except (AttributeError, TypeError, LookupError):
        st.warning("The stages cannot be shown: dvc.yaml or dvc.lock is not of DVC's form.")
        return
    if not locked:
        st.info("No stage has run yet: `make demo` runs those of the sample in minutes.")
    counts = Counter(stage.state for stage in found)
    st.markdown(
        " · ".join(f"{SIGNS[state]} {counts[state]} {state}" for state in SIGNS if counts[state])
    )
    st.dataframe(
        pd.DataFrame(
            {
                "Stage": [stage.name for stage in found],
                "State": [f"{SIGNS[stage.state]} {stage.state}" for stage in found],
                "Why": [stage.why for stage in found],
            }
        ),
        hide_index=True,
        height="content",
        column_config={"Why": st.column_config.TextColumn(width="large")},
        alt="Stages with their state and the reason",
    )
    st.caption(
        "`dvc repro` runs what is not up to date, `dvc repro STAGE` only what one stage needs. "
        "Edits by hand to what a stage made are not looked for here: `dvc status` does that."
    )


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
    columns = {
        name: ["–" if content.get(key) is None else str(content[key]) for key in keys]
        for name, content in flat.items()
    }
    st.dataframe(
        pd.DataFrame({"Parameter": keys, **columns}),
        hide_index=True,
        height="content",
        column_config={"Parameter": st.column_config.TextColumn(pinned=True)},
        alt="Parameters of each run",
    )


st.title("Pipeline")
st.markdown(
    "Photographs pass through the stages of `dvc.yaml`. This page reads the files that they leave "
    "and says which would run again, and why; it starts nothing."
)
st.subheader("Stages")
show_stages()

st.subheader("Parameters of the runs")
runs, problems = readers.runs()
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if runs:
    show_runs(runs)
else:
    st.info("There is no run yet: `make demo` trains three small ones in minutes.")
