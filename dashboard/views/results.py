"""results/ -> a table of all evaluations, and one's test pictures in the order of a score."""

import math

import pandas as pd
import streamlit as st

from dashboard import readers

PER_PAGE = 10
PICTURE = 208  # pixels of width
# what a reader may sort by -> the values, and whether the highest is the best
ORDERS = {
    "PSNR": (lambda scores: scores["psnr"], True),
    "PSNR above grey": (lambda scores: scores["psnr"] - scores["psnr_grey"], True),
    "SSIM": (lambda scores: scores["ssim"], True),
    "ab error": (lambda scores: scores["mse_ab"], False),
    "Colourfulness beside the photograph's": (
        lambda scores: (scores["colourfulness"] - scores["colourfulness_truth"]).abs(),
        False,
    ),
}
# name -> column, column of the baseline or of the photograph, format
METRICS = {
    "PSNR, dB": ("psnr", "psnr_grey", "%.2f"),
    "SSIM": ("ssim", "ssim_grey", "%.3f"),
    "ab error": ("mse_ab", "mse_ab_grey", "%.5f"),
    "Colourfulness": ("colourfulness", "colourfulness_truth", "%.1f"),
}


def overview(evaluations: list[readers.Evaluation]) -> pd.DataFrame:
    """A row of means for each evaluation, grey's (or the photographs') beside each."""
    rows = []
    for evaluation in evaluations:
        summary, means = evaluation.summary, evaluation.summary["means"]
        row = {"Evaluation": evaluation.label, "Data set": summary.get("dataset")}
        row |= {"N": summary.get("n"), "Size": summary.get("size")}
        for name, (column, other, _) in METRICS.items():
            row |= {name: means.get(column), f"{name} {beside(other)}": means.get(other)}
        rows.append(row)
    return pd.DataFrame(rows)


def beside(column: str) -> str:
    return "of grey" if column.endswith("_grey") else "of photo"


def ordered(scores: pd.DataFrame, *, by: str, best_first: bool) -> pd.DataFrame:
    """Rows by a key of ORDERS; equal ones by file name, those without a score at the end."""
    values, highest_is_best = ORDERS[by]
    return (
        scores.assign(_by=values(scores))
        .sort_values("file")
        .sort_values("_by", ascending=highest_is_best != best_first, kind="stable")
    )


def show_picture(evaluation: readers.Evaluation, row: pd.Series, *, place: int) -> None:
    """Input, output and photograph beside each other, and their scores."""
    kinds = {"input": "grey input", "output": "output", "truth": "photograph"}
    files = {kind: evaluation.picture(row["file"], kind) for kind in kinds}
    with st.container(border=True):
        st.markdown(f"**{place}.** `{row['file']}`")
        with st.container(horizontal=True, gap="small"):
            none = not any(readers.opens(file) for file in files.values())
            if none and readers.shipped(evaluation.folder):
                st.caption(
                    "Its pictures may not be published: `dvc repro "
                    f"evaluate@{evaluation.folder.name}` makes them.",
                    width=PICTURE,
                )
                kinds = {}
            for kind, caption in kinds.items():
                if readers.opens(files[kind]):
                    alt = f"{row['file']}, {caption}"
                    st.image(str(files[kind]), caption=caption, alt=alt, width=PICTURE)
                else:
                    st.warning(f"The {caption} is missing or broken.", width=PICTURE)
            lines = ["| | output | grey | photo |", "|---|--:|--:|--:|"]
            for name, (column, other, shape) in METRICS.items():
                value, compared = (shape % row.get(key, math.nan) for key in (column, other))
                of_grey, of_truth = (compared, "") if beside(other) == "of grey" else ("", compared)
                lines.append(f"| {name} | {value} | {of_grey} | {of_truth} |")
            st.markdown("\n".join(lines).replace("nan", "–"), width=330)


st.title("Results")
st.markdown(
    "What the networks made of test pictures that they never saw in training. "
    "A score says little alone, so each stands beside that of leaving the picture grey."
)

evaluations, problems = readers.evaluations()
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if not evaluations:
    st.info(
        "There is no evaluation yet: `make demo` makes three in minutes, "
        "`dvc repro` those of the published runs."
    )
    st.stop()

formats = {}
for name, (_, other, shape) in METRICS.items():
    column = st.column_config.NumberColumn(format=shape)
    formats |= {name: column, f"{name} {beside(other)}": column}
st.dataframe(
    overview(evaluations),
    hide_index=True,
    column_config={"Evaluation": st.column_config.TextColumn(pinned=True), **formats},
    alt="Mean scores of each evaluation",
)

by_name = {evaluation.name: evaluation for evaluation in evaluations}
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = st.selectbox(
        "Evaluation",
        list(by_name),
        format_func=lambda name: by_name[name].label,
        key="evaluation",
        bind="query-params",
        width=360,
    )
    by = st.selectbox("Score", list(ORDERS), key="score", bind="query-params", width=320)
    order = st.segmented_control(
        "Order",
        ["best first", "worst first"],
        default="best first",
        required=True,
        key="order",
        bind="query-params",
    )
evaluation = by_name[name]
conventions = evaluation.summary.get("conventions")
if isinstance(conventions, dict):
    with st.expander("How the scores are computed"):
        st.markdown("\n".join(f"- **{key}**: {text}" for key, text in conventions.items()))

try:
    scores = ordered(readers.scores(evaluation), by=by, best_first=order == "best first")
except (ValueError, OSError) as error:
    st.warning(readers.sentence(error))
    st.stop()
if scores.empty:
    st.info("This evaluation has no test pictures: its scores.csv has no rows.")
    st.stop()

gallery = st.container()
pages = math.ceil(len(scores) / PER_PAGE)
# Another key for another order, so that each begins with its first page
number = st.pagination(pages, key=f"page-{name}-{by}-{order}") if pages > 1 else 1
first = (number - 1) * PER_PAGE
page = scores.iloc[first : first + PER_PAGE]
with gallery:
    st.caption(f"{first + 1} to {first + len(page)} of {len(scores)} test pictures")
    for place, (_, row) in enumerate(page.iterrows(), start=first + 1):
        show_picture(evaluation, row, place=place)
