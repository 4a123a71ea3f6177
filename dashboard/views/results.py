"""results/ -> a table of all evaluations, one's test pictures by score, and each picture large."""

import math

import pandas as pd
import streamlit as st

from dashboard import gallery, large, pictures, readers, shared

PER_PAGE = 12
STRIP = 330  # pixels of width
# name -> column, column of the baseline or of the photograph, format
METRICS = {
    "PSNR, dB": ("psnr", "psnr_grey", "%.2f"),
    "SSIM": ("ssim", "ssim_grey", "%.3f"),
    "AuC": ("auc", "auc_grey", "%.3f"),
    "AuC rebalanced": ("auc_rebalanced", "auc_rebalanced_grey", "%.3f"),
    "ab error": ("mse_ab", "mse_ab_grey", "%.5f"),
    "Colourfulness": ("colourfulness", "colourfulness_truth", "%.1f"),
}


def overview(evaluations: list[readers.Evaluation]) -> None:
    """A row of means for each evaluation, grey's (or the photographs') beside each."""
    rows, formats = [], {}
    for evaluation in evaluations:
        summary, means = evaluation.summary, evaluation.summary["means"]
        row = {"Evaluation": evaluation.label, "Data set": summary.get("dataset")}
        row |= {"N": summary.get("n"), "Size": summary.get("size")}
        for name, (column, other, shape) in METRICS.items():
            beside = f"{name} of {'grey' if other.endswith('_grey') else 'photo'}"
            row |= {name: means.get(column), beside: means.get(other)}
            formats |= dict.fromkeys((name, beside), st.column_config.NumberColumn(format=shape))
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        column_config={"Evaluation": st.column_config.TextColumn(pinned=True), **formats},
        alt="Mean scores of each evaluation",
    )


def go(key: str, value: str | None) -> None:
    """Into the address bar, where a view can be copied from."""
    if value is None:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = value


def close() -> None:
    go("picture", None)


def box(key: str) -> dict:
    """The rectangle drawn over a chart, {"x": [from, to], "y": [from, to]}; {} where none is."""
    state = st.session_state.get(key)
    boxes = state["selection"]["box"] if state else []
    return {axis: tuple(sorted(boxes[0][axis])) for axis in "xy"} if boxes else {}


def forget() -> None:
    """Charts without a rectangle are new charts."""
    st.session_state["charts"] = st.session_state.get("charts", 0) + 1


def filtered(table: pd.DataFrame, *, by: str, place: str) -> pd.DataFrame:
    """The rows that the controls and the charts leave; place: of this evaluation and score."""
    kinds = gallery.animals(table.index)
    if kinds.notna().any():
        animal = st.segmented_control(
            "Animal", ["cat", "dog"], key="animal", bind="query-params", help="Told by file names."
        )
        table = table[kinds == animal] if animal else table
    chooser = st.expander(
        "Choose by score", icon=":material/filter_alt:", key="choosing", on_change="rerun"
    )
    # Once open they stay, with what is drawn over them; before, nobody waits for charts
    if not (chooser.open or st.session_state.get("chose")):
        return table
    st.session_state["chose"] = True
    with chooser:
        st.caption("Draw a rectangle over a chart, or move the ends: the gallery keeps to it.")
        charts = st.session_state.get("charts", 0)
        grey, spread = f"scatter-{place}-{charts}", f"histogram-{place}-{charts}"
        left, right = st.columns(2)
        left.plotly_chart(
            gallery.scatter(table),
            key=grey,
            alt="PSNR of the output over PSNR of grey, a point for each test picture",
            config={"displaylogo": False},
            on_select="rerun",
            selection_mode="box",
        )
        right.plotly_chart(
            gallery.histogram(table, by=by),
            key=spread,
            alt=f"How many test pictures have which {by}",
            config={"displaylogo": False},
            on_select="rerun",
            selection_mode="box",
        )
        ranges = {}
        if drawn := box(grey):
            ranges |= {"psnr_grey": drawn["x"], "psnr": drawn["y"]}
        if drawn := box(spread):
            ranges |= {"key": drawn["x"]}
        low, high = float(table["key"].min()), float(table["key"].max())
        if low < high:
            ends = st.slider(by, low, high, (low, high), key=f"range-{place}-{charts}")
            if ends != (low, high):
                drawn = ranges.get("key", ends)
                ranges |= {"key": (max(ends[0], drawn[0]), min(ends[1], drawn[1]))}
        if ranges:
            st.button("All pictures", on_click=forget, icon=":material/filter_alt_off:")
    return gallery.within(table, ranges)


def show_gallery(evaluation: readers.Evaluation, table: pd.DataFrame, files: list[str]) -> None:
    """Strips of input, output and photograph; the name below each opens it large."""
    st.caption("Grey input, output, photograph. The name opens the picture large.")
    with st.container(horizontal=True, gap="medium"):
        for file in files:
            with st.container(width=STRIP, gap="xsmall"):
                strip = evaluation.picture(file, "strip")
                if readers.opens(strip):
                    alt = f"{file}: grey input, output, photograph"
                    st.image(str(strip), alt=alt, width="stretch")
                elif not readers.shipped(evaluation.folder):
                    st.warning("The thumbnail is missing or broken.")
                score = gallery.ORDERS[by].shape % table["key"][file]
                st.button(
                    f"{pictures.plain(file)} {score}".replace("nan dB", "–").replace("nan", "–"),
                    key=f"open-{file}",
                    on_click=go,
                    args=("picture", file),
                    type="tertiary",
                )


@st.dialog("Test picture", width="large", on_dismiss=close)
def show_large(evaluation: readers.Evaluation, table: pd.DataFrame, files: list[str]) -> None:
    """One picture with its neighbours in `files` a key away."""
    file = st.query_params.get("picture")
    if file not in table.index:
        st.rerun()
    place = files.index(file) if file in files else None
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, step, key in (("Previous", -1, "Left"), ("Next", 1, "Right")):
            there = place is not None and 0 <= place + step < len(files)
            st.button(
                label,
                on_click=go,
                args=("picture", files[place + step] if there else file),
                disabled=not there,
                shortcut=key,
            )
        if place is not None:
            st.markdown(f"**{place + 1}** of {len(files)}: {pictures.plain(file)}")
    large.show(evaluation, table, file, by=by)


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
overview(evaluations)

# Those with pictures first: what is shown when nothing is chosen
in_order = sorted(evaluations, key=pictures.illustrated, reverse=True)
by_name = {evaluation.name: evaluation for evaluation in in_order}
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = st.selectbox(
        "Evaluation",
        list(by_name),
        format_func=lambda name: by_name[name].label,
        key="evaluation",
        bind="query-params",
        on_change=close,
        width=330,
    )
    by = st.selectbox("Score", list(gallery.ORDERS), key="score", bind="query-params", width=300)
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
    with st.expander("How the scores are computed", icon=":material/info:"):
        st.markdown("\n".join(f"- **{key}**: {text}" for key, text in conventions.items()))

try:
    scores = readers.scores(evaluation)
except (ValueError, OSError) as error:
    st.warning(readers.sentence(error))
    st.stop()
if scores.empty:
    st.info("This evaluation has no test pictures: its scores.csv has no rows.")
    st.stop()

table = gallery.keyed(scores, by=by)
chosen = filtered(table, by=by, place=f"{name}-{by}")
files = gallery.ordered(chosen, by=by, best_first=order == "best first")
if st.query_params.get("picture") in table.index:
    show_large(evaluation, table, files)

if not files:
    st.info("No test picture is left: widen what is chosen above.")
    st.stop()
if not pictures.illustrated(evaluation) and readers.shipped(evaluation.folder):
    st.info(
        "The pictures of this evaluation may not be published: "
        f"`dvc repro evaluate@{evaluation.folder.name}` makes them. Its scores are here."
    )
shown = st.container()
pages = math.ceil(len(files) / PER_PAGE)
# Another key for another order, so that each begins with its first page
place = f"page-{name}-{by}-{order}-{len(files)}"
number = st.pagination(pages, key=place) if pages > 1 else 1
first = (number - 1) * PER_PAGE
page = files[first : first + PER_PAGE]
with shown:
    st.markdown(f"{first + 1} to {first + len(page)} of {len(files)} test pictures")
    show_gallery(evaluation, table, page)
st.download_button(
    "Download table",
    data=lambda: shared.by_file(scores).loc[files].to_csv(),
    file_name=f"{evaluation.folder.name}.csv",
    mime="text/csv",
    on_click="ignore",
    icon=":material/download:",
)
