"""Answers of a blind quiz -> the fooled rate and its interval, beside a published rate.

The fooled rate is the share of answers in which the coloured picture was taken for the photograph.
"""

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard.page import style

Z = 1.959964  # 95 % of the standard normal distribution lie between -Z and Z
CHANCE = 50.0  # per cent: the rate of guessing, and of a photograph beside itself
# R. Zhang, P. Isola, A. A. Efros, "Colorful image colorization", ECCV 2016, arXiv:1603.08511,
# table 1, the full method: per cent labelled real, and the error that the paper gives
CIC, CIC_ERROR = 32.3, 2.2
ABOUT = (
    "Intervals are Wilson's (1927). CIC is the full method of R. Zhang, P. Isola and A. A. Efros, "
    "*Colorful image colorization*, ECCV 2016, [arXiv:1603.08511](https://arxiv.org/abs/1603.08511)"
    ". **Their test is not the same:** many people saw pictures of ImageNet for one second each. "
    "Here one visitor sees other pictures for as long as they like, and learns each answer."
)


def rates(answers: list) -> dict[str, tuple[int, int]]:
    """Evaluation -> how often it fooled the visitor, and in how many answers that count."""
    found: dict[str, tuple[int, int]] = {}
    for answer in answers:
        if answer.counts:
            fooled, n = found.get(answer.evaluation, (0, 0))
            found[answer.evaluation] = fooled + answer.fooled, n + 1
    return found


def interval(fooled: int, n: int) -> tuple[float, float]:
    """The 95 % confidence interval of the share `fooled` of `n` (above 0), within [0, 1].

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927): unlike the usual interval, right for small n.
    """
    share = fooled / n
    centre = share + Z**2 / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    whole = 1 + Z**2 / n
    return max(0.0, (centre - half) / whole), min(1.0, (centre + half) / whole)


def words(fooled: int, n: int) -> str:
    low, high = (100 * end for end in interval(fooled, n))
    return f"{100 * fooled / n:.0f} % ({fooled} of {n}; 95 % interval {low:.0f} to {high:.0f} %)"


def decibels(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f} dB"


def table(answers: list) -> pd.DataFrame:
    """The answers of a round, in the words that the page shows."""
    return pd.DataFrame(
        {
            "File": [answer.file for answer in answers],
            "Photograph": [answer.photograph for answer in answers],
            "Your answer": [answer.answer for answer in answers],
            "Fooled": ["yes" if answer.fooled else "no" for answer in answers],
            "Counts": ["yes" if answer.counts else "no, seen before" for answer in answers],
            "PSNR": [answer.psnr for answer in answers],
            "PSNR of grey": [answer.psnr_grey for answer in answers],
        }
    )


def chart(rates: dict[str, tuple[int, int]]) -> go.Figure:
    """A point with its interval for each evaluation of `rates`; below them the published rates."""
    rows = [
        (label, 100 * rate[0] / rate[1], [100 * end for end in interval(*rate)])
        for label, rate in rates.items()
    ]
    rows.append(("CIC, 2016", CIC, [CIC - CIC_ERROR, CIC + CIC_ERROR]))
    rows.append(("a photograph beside itself", CHANCE, [CHANCE, CHANCE]))
    figure = go.Figure()
    for place, (label, share, ends) in enumerate(reversed(rows)):
        _add_row(figure, place, label, share, ends, ours=label in rates)
    figure.update_layout(
        height=60 + 70 * len(rows),
        margin=style.MARGIN | {"l": 8, "r": 24},
        showlegend=False,
        xaxis={
            "range": [-2, 102],
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
            "title": "taken for the photograph",
        },
        yaxis={"range": [-0.45, len(rows) - 0.3], "visible": False},
    )
    return figure


def _add_row(
    figure: go.Figure, place: int, label: str, share: float, ends: list[float], *, ours: bool
) -> None:
    """A point with its interval at the height `place`, its label and the line of chance."""
    figure.add_scatter(
        x=[share],
        y=[place],
        error_x={"array": [ends[1] - share], "arrayminus": [share - ends[0]], "thickness": 3},
        mode="markers",
        marker={
            "size": 14,
            "symbol": "circle" if ours else "diamond",
            "color": style.BLUE if ours else style.RED,
        },
        name=label,
    )
    # A line of chance for each row, so that it crosses no text
    line = {"x0": CHANCE, "x1": CHANCE, "y0": place - 0.45, "y1": place + 0.2}
    figure.add_shape(type="line", line={"color": style.GREY, "width": 1}, layer="below", **line)
    figure.add_annotation(
        text=label,
        font={"size": 14},
        x=0,
        y=place + 0.2,
        xanchor="left",
        yanchor="bottom",
        align="left",
        showarrow=False,
    )
