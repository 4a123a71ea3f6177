"""Histories of runs -> one Plotly figure of their losses. Knows no page and no files."""

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard.page import style
from dashboard.readers import Run

# After Okabe and Ito, as in `style`
COLOURS = (style.BLUE, style.ORANGE, "#009E73", style.RED, "#CC79A7", "#56B4E9", "#9A7D0A")
COLOURS += (style.GREY,)
DASHES = ("solid", "dot", "dashdot", "longdashdot")  # the next one when all colours are used
POINTS = 2000  # at most in a line: more than a screen has pixels
# (model, dataset) -> its training loss after 1000 epochs; docs/experiments.md has the source
PUBLISHED = {("beta", "siamese"): 8e-4, ("final", "cats-dogs"): 3.0e-3}
TICKS = [digit * 10.0**power for power in range(-7, 3) for digit in (1, 2, 5)]


def published(run: Run) -> float | None:
    """The published training loss of a run's model on its dataset; None if there is none."""
    return PUBLISHED.get((run.params.get("model"), run.params["train"].get("dataset")))


def smoothed(values: pd.Series, weight: float) -> pd.Series:
    """An exponential moving average, as TensorBoard draws it.

    weight: of the past, in [0, 1). The start is unbiased, after Kingma and Ba (arXiv:1412.6980).
    """
    return values.ewm(alpha=1 - weight).mean() if weight else values


def minutes(run: Run) -> pd.Series:
    """Minutes of training at the end of each row of the history; NaN where no time is noted."""
    seconds = run.times.drop_duplicates("epoch", keep="last").set_index("epoch")["seconds"]
    return pd.to_numeric(seconds).cumsum().div(60).reindex(run.history["epoch"])


def draw(
    runs: list[Run],
    *,
    log: bool = True,
    over: str = "epochs",
    smoothing: float = 0.0,
    lines: bool = False,
    ranges: dict | None = None,
) -> go.Figure:
    """The losses of runs, a colour for each run.

    The validation loss is a thick line, the training loss a thin one, the validation loss of grey a
    dashed one; without a validation loss, grey's mean training loss is dashed. over: "epochs" or
    "minutes" of training. smoothing: see `smoothed`; the validation loss without it is drawn too,
    faint. lines: also draws the published losses of the runs' models.
    ranges: of the axes, {"x": [from, to], "y": [from, to]} in their units; None for all.
    """
    traces = [
        trace
        for place, run in enumerate(runs)
        for trace in _traces(run, place, over=over, smoothing=smoothing)
    ]
    figure = go.Figure(data=traces)  # all at once: one by one takes Plotly three times as long
    if lines:
        _add_published(figure, runs, log=log)
    figure.update_layout(
        height=460,
        margin=style.MARGIN | {"r": 20},  # room for the last epoch's number
        legend={"orientation": "h", "yanchor": "top", "y": -0.18},
        xaxis={"title": "epoch" if over == "epochs" else "minutes of training"},
        yaxis={"title": "loss", "tickformat": "~g"},
        dragmode="select",
    )
    if log:
        figure.update_yaxes(type="log", tickvals=TICKS, ticktext=[f"{tick:g}" for tick in TICKS])
    if ranges:
        figure.update_xaxes(range=ranges["x"])
        figure.update_yaxes(range=[_log10(end) for end in ranges["y"]] if log else ranges["y"])
    else:
        figure.update_xaxes(rangemode="tozero")
    return figure


def _traces(run: Run, place: int, *, over: str, smoothing: float) -> list[dict]:
    """The lines of one run; place: its number, which decides on colour and dashes."""
    color = COLOURS[place % len(COLOURS)]
    look = {"color": color, "dash": DASHES[place // len(COLOURS) % len(DASHES)]}
    x = run.history["epoch"] if over == "epochs" else minutes(run)
    validation, training = run.history["val_loss"], run.history["loss"]
    raw = [(validation, "validation as it was", {"width": 1}, 0.0, 0.35)]
    traces = []
    for losses, what, line, weight, opacity in [
        *(raw if smoothing else []),
        (validation, "validation", {"width": 3}, smoothing, 1),
        (training, "training", {"width": 1}, smoothing, 1),
        (_grey(run), "grey", {"width": 1.5, "dash": "dash"}, 0.0, 1),
    ]:
        if losses.isna().all():
            continue
        values = smoothed(losses, weight).to_numpy()
        step = -(-len(values) // POINTS) or 1
        if len(values) and (values == values[0]).all():
            step = max(len(values) - 1, 1)  # the two ends are enough for a level line
        traces.append(
            {
                "x": x.to_numpy()[::step],
                "y": values[::step],
                "mode": "lines+markers" if len(values) < 2 else "lines",
                "line": look | line,
                "opacity": opacity,
                "name": run.label,
                "legendgroup": run.name,
                "showlegend": not any(trace["showlegend"] for trace in traces) and opacity == 1,
                "hovertemplate": f"{what} %{{y:.5f}}, {over} %{{x:.4~g}}",
            }
        )
    return traces


def _grey(run: Run) -> pd.Series:
    """The validation loss of grey; without one, the mean of its training loss in each row."""
    history = run.history
    if history["val_loss_grey"].notna().any() or "loss_grey" not in history:
        return history["val_loss_grey"]
    return pd.Series(history["loss_grey"].mean(), index=history.index)


def _add_published(figure: go.Figure, runs: list[Run], *, log: bool) -> None:
    for loss in sorted({loss for run in runs if (loss := published(run)) is not None}):
        model = next(run.params["model"] for run in runs if published(run) == loss)
        figure.add_hline(loss, line={"width": 1.5, "dash": "dot", "color": style.GREY})
        figure.add_annotation(
            text=f"published, {model}: {loss:g} after 1000 epochs",
            font={"size": 13},
            x=1,
            xref="x domain",
            xanchor="right",
            y=_log10(loss) if log else loss,  # of a line it is the loss in both cases
            yanchor="bottom",
            showarrow=False,
        )


def _log10(value: float) -> float:
    return math.log10(max(value, 1e-7))
