"""results/ -> a table of all evaluations, one's test pictures by score, and each picture large."""

import pandas as pd
import streamlit as st

from dashboard import credits, gallery, large, pictures, readers, shared, strips
from dashboard.page import address, ahead, chooser, download, notices, paging
from dashboard.readers import Evaluation

PER_PAGE = 12
STRIP = 320  # pixels of width: three fill a row at 1,200 pixels


def page() -> None:
    st.title("Results")
    st.markdown(
        "What the networks made of test pictures that they never saw in training. "
        "A score says little alone, so each stands beside that of leaving the picture grey."
    )
    evaluations, problems = readers.evaluations()
    notices.left_out(problems)
    if not evaluations:
        notices.no_evaluation()
        return

    show_means(evaluations)
    evaluation, by, best_first = ask(evaluations)
    show_conventions(evaluation)
    try:
        scores = readers.scores(evaluation)
    except (ValueError, OSError) as error:
        notices.broken(error)
        return
    if scores.empty:
        st.info("This evaluation has no test pictures: its scores.csv has no rows.")
        return

    table = gallery.keyed(scores, by=by)
    left = filtered(table, by=by, key=f"{evaluation.name}-{by}")
    names = gallery.ordered(left, by=by, best_first=best_first)
    if st.query_params.get("picture") in table.index:
        show_large(evaluation, table, names, by)
    if not names:
        st.info("No test picture is left: widen what is chosen above.")
        return
    show_pictures(evaluation, table, names, by=by, key=f"{by}-{best_first}")
    download.button(
        "Download table",
        lambda: shared.by_file(scores).loc[names].to_csv(),
        file_name=f"{evaluation.key}.csv",
    )
    ahead.load_plotly()


def show_means(evaluations: list[Evaluation]) -> None:
    """A row of means for each evaluation, with those of grey or of the photographs."""
    rows, formats = [], {}
    for evaluation in evaluations:
        summary, means = evaluation.summary, evaluation.summary["means"]
        row = {"Evaluation": evaluation.label, "Dataset": summary.get("dataset")}
        row |= {"N": summary.get("n"), "Size": summary.get("size")}
        for title, score in shared.SCORES.items():
            name = title.removesuffix(shared.OFF)
            beside = f"{name} of {'photo' if score.truth else 'grey'}"
            row |= {name: means.get(score.column), beside: means.get(score.truth or score.grey)}
            column = st.column_config.NumberColumn(format=score.shape)
            formats |= {name: column, beside: column}
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        column_config={"Evaluation": st.column_config.TextColumn(pinned=True), **formats},
        alt="Mean scores of each evaluation",
    )


def ask(evaluations: list[Evaluation]) -> tuple[Evaluation, str, bool]:
    """The evaluation, the score and the order that the visitor chooses."""
    # Before a choice, one with pictures is shown
    in_order = sorted(evaluations, key=pictures.illustrated, reverse=True)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        evaluation = chooser.one(
            "Evaluation", in_order, key="evaluation", on_change=close, width=330
        )
        by = st.selectbox(
            "Score", list(gallery.ORDERS), key="score", bind="query-params", width=300
        )
        best_first = chooser.best_first("Order")
    return evaluation, by, best_first


def close() -> None:
    """Closes the large picture."""
    address.put("picture", None)


def show_conventions(evaluation: Evaluation) -> None:
    conventions = evaluation.summary.get("conventions")
    if isinstance(conventions, dict):
        with st.expander("How the scores are computed", icon=":material/info:"):
            st.markdown("\n".join(f"- **{key}**: {text}" for key, text in conventions.items()))


def filtered(table: pd.DataFrame, *, by: str, key: str) -> pd.DataFrame:
    """The rows that the visitor chooses by animal and score; key: of the evaluation and score."""
    kinds = gallery.animals(table.index)
    if kinds.notna().any():
        animal = st.segmented_control(
            "Animal",
            ["cat", "dog"],
            key="animal",
            bind="query-params",
            help="As the file names say.",
        )
        table = table[kinds == animal] if animal else table
    expander = st.expander(
        "Choose by score", icon=":material/filter_alt:", key="choosing", on_change="rerun"
    )
    # Drawn once the expander was open: charts take a second, and a choice in them stays
    if not (expander.open or st.session_state.get("chose")):
        return table
    st.session_state["chose"] = True
    with expander:
        st.caption("Draw a rectangle over a chart, or move the ends, to see only those pictures.")
        ranges = ask_ranges(table, by=by, key=f"{key}-{st.session_state.get('charts', 0)}")
        if ranges:
            st.button("All pictures", on_click=forget, icon=":material/filter_alt_off:")
    return gallery.within(table, ranges)


def ask_ranges(table: pd.DataFrame, *, by: str, key: str) -> dict[str, tuple[float, float]]:
    """Column -> the range that the visitor chooses, by two charts and a slider."""
    left, right = st.columns(2)
    options = {"config": {"displaylogo": False}, "on_select": "rerun", "selection_mode": "box"}
    left.plotly_chart(
        gallery.scatter(table),
        key=f"scatter-{key}",
        alt="PSNR of the output over PSNR of grey, a point for each test picture",
        **options,
    )
    right.plotly_chart(
        gallery.histogram(table, by=by),
        key=f"histogram-{key}",
        alt=f"How many test pictures have which {by}",
        **options,
    )
    ranges = {}
    if drawn := rectangle(f"scatter-{key}"):
        ranges |= {"psnr_grey": drawn["x"], "psnr": drawn["y"]}
    if drawn := rectangle(f"histogram-{key}"):
        ranges |= {"key": drawn["x"]}
    low, high = float(table["key"].min()), float(table["key"].max())
    if low < high:
        ends = st.slider(by, low, high, (low, high), key=f"range-{key}")
        if ends != (low, high):
            drawn = ranges.get("key", ends)
            ranges |= {"key": (max(ends[0], drawn[0]), min(ends[1], drawn[1]))}
    return ranges


def rectangle(key: str) -> dict[str, tuple[float, float]]:
    """The rectangle drawn over a chart, {"x": (from, to), "y": (from, to)}; {} without one."""
    state = st.session_state.get(key)
    boxes = state["selection"]["box"] if state else []
    return {axis: tuple(sorted(boxes[0][axis])) for axis in "xy"} if boxes else {}


def forget() -> None:
    """Removes all rectangles: charts with a new key have none."""
    st.session_state["charts"] = st.session_state.get("charts", 0) + 1


def show_pictures(
    evaluation: Evaluation, table: pd.DataFrame, names: list[str], *, by: str, key: str
) -> None:
    """A page of test pictures: input, output and photograph of each, and a button to enlarge it.

    key: of the order of `names`.
    """
    if evaluation.shipped and not pictures.illustrated(evaluation):
        st.info(
            f"The pictures of this evaluation may not be published. {evaluation.remedy} Its scores "
            "are here."
        )
    row = st.container()
    key = f"{evaluation.name}-{key}-{len(names)}"
    shown = paging.choose(names, per_page=PER_PAGE, key=key)
    with row:
        st.markdown(shown.words)
        st.caption("Grey input, output, photograph. The name opens the picture large.")
        with st.container(horizontal=True, gap="medium"):
            for file in shown.files:
                with st.container(width=STRIP, gap="xsmall"):
                    strips.show(evaluation, table, file, by=by, width=STRIP, key=f"open-{file}")
                    credits.show(file, evaluation)


@st.dialog("Test picture", width="large", on_dismiss=close)
def show_large(evaluation: Evaluation, table: pd.DataFrame, names: list[str], by: str) -> None:
    """The picture that the address bar asks for, with buttons to its neighbours in `names`."""
    file = st.query_params.get("picture")
    if file not in table.index:
        st.rerun()
    place = names.index(file) if file in names else None
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, step, key in (("Previous", -1, "Left"), ("Next", 1, "Right")):
            there = place is not None and 0 <= place + step < len(names)
            st.button(
                label,
                on_click=address.put,
                args=("picture", names[place + step] if there else file),
                disabled=not there,
                shortcut=key,
            )
        if place is not None:
            st.markdown(f"**{place + 1}** of {len(names)}: {pictures.plain(file)}")
    large.show(evaluation, table, file, by=by)


page()
