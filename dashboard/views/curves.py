"""runs/ -> loss curves, a table of runs and their newest previews, fresh while a run trains."""

import itertools

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import readers

# After Okabe and Ito, "Color universal design": colour-blind people can tell them apart
COLOURS = ("#1F83C4", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#9A7D0A", "#8A8A8A")
NEWEST = 4


def chart(runs: list[readers.Run], *, colours: dict[str, str], log: bool) -> go.Figure:
    """Validation thick, training thin, grey's validation loss dashed; `colours` by run name."""
    figure = go.Figure()
    for run in runs:
        for column, what, line in (
            ("val_loss", "validation", {"width": 3}),
            ("loss", "training", {"width": 1}),
            ("val_loss_grey", "grey", {"width": 1.5, "dash": "dash"}),
        ):
            figure.add_scatter(
                x=run.history["epoch"],
                y=run.history[column],
                mode="lines+markers" if len(run.history) < 2 else "lines",
                line=line | {"color": colours[run.name]},
                name=run.label,
                legendgroup=run.name,
                showlegend=what == "validation",
                hovertemplate=f"{what} %{{y:.5f}}, epoch %{{x}}",
            )
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "yanchor": "top", "y": -0.18},
        xaxis={"title": "epoch", "rangemode": "tozero"},
        yaxis={"title": "loss", "tickformat": "~g"},
    )
    if log:
        ticks = [digit * 10.0**power for power in range(-7, 3) for digit in (1, 2, 5)]
        figure.update_yaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    return figure


def summary(runs: list[readers.Run]) -> pd.DataFrame:
    """A row for each run: how far it is, its validation loss beside grey's, its speed."""
    rows = []
    for run in runs:
        history = run.history
        last = history.iloc[-1] if len(history) else pd.Series(dtype=float)
        best = history["val_loss"].min() if len(history) else None
        grey = last.get("val_loss_grey")
        rows.append(
            {
                "Run": run.label,
                "State": run.state,
                "Epochs": f"{int(last.get('epoch', 0))} of {run.params['train'].get('epochs')}",
                "Last": last.get("val_loss"),
                "Best": best,
                "Grey": grey,
                "Below grey": (1 - best / grey) * 100 if best is not None and grey else None,
                "Pictures/s": run.times["pictures_per_s"].median(),
            }
        )
    return pd.DataFrame(rows)


def show_previews(run: readers.Run) -> None:
    """The newest epochs' pictures, each between its grey input and the photograph."""
    for name, epochs in readers.previews(run).items():
        shown = {f"epoch {epoch}": file for epoch, file in list(epochs.items())[-NEWEST:]}
        folder = run.folder / "previews"
        shown = {"grey": folder / f"grey_{name}.jpg", **shown}
        shown["photograph"] = folder / f"truth_{name}.jpg"
        with st.container(horizontal=True):
            for caption, file in shown.items():
                if readers.opens(file):
                    st.image(str(file), caption=caption, alt=f"{name}, {caption}", width=160)
                else:
                    st.warning(f"{caption}: missing or broken", width=160)


st.title("Curves")
st.markdown(
    "How each run's loss falls, epoch by epoch, beside the loss of leaving the picture grey. "
    "The page follows a training by itself."
)

runs, problems = readers.runs()
seen = ([(run.name, run.state, run.stamp) for run in runs], problems)

training = any(run.state == "training" for run in runs)
# A chart with new points is a new chart to Streamlit, which forgets the reader's zoom
moving = not training or st.toggle(
    "Refresh while a run trains", value=True, key="refresh", help="Off, the chart keeps your zoom."
)


@st.fragment(run_every=(3 if training else 5) if moving else None)
def follow() -> None:
    now, broken = readers.runs()
    if ([(run.name, run.state, run.stamp) for run in now], broken) != seen:
        st.rerun()


follow()
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if not runs:
    st.info(
        "There is no run yet: `make demo` trains three small ones in minutes, "
        "`dvc repro` the published ones."
    )
    st.stop()

by_name = {run.name: run for run in runs}
colours = dict(zip(by_name, itertools.cycle(COLOURS), strict=False))
names = st.multiselect(
    "Runs",
    list(by_name),
    format_func=lambda name: by_name[name].label,
    placeholder="All runs",
    key="runs",
    bind="query-params",
)
chosen = [by_name[name] for name in names] or runs
log = st.toggle("Logarithmic loss", value=True, key="log", bind="query-params")
if any(len(run.history) for run in chosen):
    st.plotly_chart(
        chart(chosen, colours=colours, log=log),
        key="curves",
        alt="Loss over epochs of " + ", ".join(run.label for run in chosen),
        config={"displaylogo": False},
    )
    st.caption("Thick: validation. Thin: training. Dashed: validation loss of grey.")
else:
    st.info("No epoch is done yet: the curves begin with the first.")

st.subheader("Runs")
st.dataframe(
    summary(chosen),
    hide_index=True,
    column_config={
        "Last": st.column_config.NumberColumn("Last val_loss", format="%.5f"),
        "Best": st.column_config.NumberColumn("Best val_loss", format="%.5f"),
        "Grey": st.column_config.NumberColumn(
            "Grey val_loss", format="%.5f", help="The loss of leaving the pictures grey."
        ),
        "Below grey": st.column_config.NumberColumn(
            format="%.0f %%", help="How much less the best loss is than grey's."
        ),
        "Pictures/s": st.column_config.NumberColumn(
            format="%.1f", help="Median over the epochs, on the machine that trained."
        ),
    },
    alt="Runs with their epochs, validation losses and speed",
)

st.subheader("Previews")
with_previews = [run.name for run in chosen if readers.previews(run)]
if with_previews:
    name = st.selectbox(
        "Run", with_previews, format_func=lambda name: by_name[name].label, key="previewed"
    )
    st.caption("Validation pictures between their grey input and the photograph.")
    show_previews(by_name[name])
else:
    st.info("The chosen runs have no previews yet: training leaves some every so many epochs.")
