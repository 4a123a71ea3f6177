"""Histories of runs -> one Plotly figure of their losses. Knows no page and no files."""

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard.readers import Run

# After Okabe and Ito, "Color universal design": colour-blind people can tell them apart
COLOURS = ("#1F83C4", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#9A7D0A", "#8A8A8A")
DASHES = ("solid", "dot", "dashdot", "longdashdot")  # one more for each round of the colours
POINTS = 2000  # of a line at most: more than a screen has pixels
# (model, data set) -> its training loss after 1000 epochs; docs/experiments.md has the source
PUBLISHED = {("beta", "siamese"): 8e-4, ("final", "cats-dogs"): 3.0e-3}
TICKS = [digit * 10.0**power for power in range(-7, 3) for digit in (1, 2, 5)]


def published(run: Run) -> float | None:
    """The published training loss of a run's model on its data set; None where there is none."""
    return PUBLISHED.get((run.params.get("model"), run.params["train"].get("dataset")))


def smoothed(values: pd.Series, weight: float) -> pd.Series:
    """An exponential moving average, the past weighing `weight` in [0, 1), unbiased at the start.

    What TensorBoard draws; the correction after Kingma and Ba (arXiv:1412.6980).
    """
    return values.ewm(alpha=1 - weight).mean() if weight else values


def minutes(run: Run) -> pd.Series:
    """Minutes of training until the end of each row of the history; NaN where none were noted."""
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
    """Validation thick, training thin, grey's validation loss dashed, a colour for each run.

    over: "epochs" or "minutes" of training. smoothing: see `smoothed`; the validation loss as it
    was stays beneath, faint. lines: the published training losses of the runs' models. ranges: of
    the axes, {"x": [from, to], "y": [from, to]} in their units; None for all.
    """
    traces = []
    for place, run in enumerate(runs):
        look = {
            "color": COLOURS[place % len(COLOURS)],
            "dash": DASHES[place // len(COLOURS) % len(DASHES)],
        }
        x = run.history["epoch"] if over == "epochs" else minutes(run)
        raw = [("val_loss", "validation as it was", {"width": 1}, 0.0, 0.35)]
        for column, what, line, weight, opacity in [
            *(raw if smoothing else []),
            ("val_loss", "validation", {"width": 3}, smoothing, 1),
            ("loss", "training", {"width": 1}, smoothing, 1),
            ("val_loss_grey", "grey", {"width": 1.5, "dash": "dash"}, 0.0, 1),
        ]:
            values = smoothed(run.history[column], weight).to_numpy()
            step = -(-len(values) // POINTS) or 1
            if len(values) and (values == values[0]).all():
                step = max(len(values) - 1, 1)  # of a level line its ends
            traces.append(
                {
                    "x": x.to_numpy()[::step],
                    "y": values[::step],
                    "mode": "lines+markers" if len(values) < 2 else "lines",
                    "line": look | line,
                    "opacity": opacity,
                    "name": run.label,
                    "legendgroup": run.name,
                    "showlegend": what == "validation",
                    "hovertemplate": f"{what} %{{y:.5f}}, {over} %{{x:.4~g}}",
                }
            )
    figure = go.Figure(data=traces)  # at once: trace by trace Plotly takes three times as long
    if lines:
        for loss in sorted({loss for run in runs if (loss := published(run)) is not None}):
            model = next(run.params["model"] for run in runs if published(run) == loss)
            figure.add_hline(
                loss,
                line={"width": 1.5, "dash": "dot", "color": "#8A8A8A"},
                annotation={"text": f"published, {model}: {loss:g}", "font": {"size": 13}},
            )
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
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


def _log10(value: float) -> float:
    return math.log10(max(value, 1e-7))
