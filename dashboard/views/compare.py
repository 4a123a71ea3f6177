"""Evaluations of one dataset -> their outputs of the same pictures side by side, and their means.

Opens only the pictures of the page that is shown.
"""

import math
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard import comparison, credits, pictures, readers, shared
from dashboard.comparison import DIFFER, Comparison
from dashboard.page import chooser, notices, paging
from dashboard.readers import Evaluation

MOST = 4  # evaluations side by side
PER_PAGE = 10
# Pixels of width: small, six fill a row at 1,200 pixels and two at 400; large, four at 1,200
WIDTHS = {"small": 152, "large": 236}


class Asked(NamedTuple):
    """What the visitor chooses. by: DIFFER, or the name of an evaluation; width: in pixels."""

    title: str
    by: str
    best_first: bool
    width: int


def page() -> None:
    st.title("Compare")
    st.markdown(
        "Runs on the same test pictures, side by side. Where do they differ most, and is the one "
        "with the better score the one that you would choose?"
    )
    evaluations, problems = readers.evaluations()
    notices.left_out(problems)
    if not evaluations:
        notices.no_evaluation()
        return

    groups = pictures.by_dataset(evaluations)
    dataset = st.selectbox("Dataset", list(groups), key="dataset", bind="query-params", width=330)
    chosen = choose(groups[dataset], dataset)
    tables = read(chosen)
    chosen = [one for one in chosen if one.name in tables]
    if not chosen:
        return
    illustrated = {one.name for one in chosen if pictures.illustrated(one)}
    say_what_is_missing([one for one in chosen if one.name not in illustrated])
    fair = say_if_unlike(chosen, tables)
    asked = ask(chosen, tables)

    found = comparison.compared(
        chosen, tables, title=asked.title, illustrated=illustrated, fair=fair
    )
    if found.scores.empty:
        st.info("These evaluations have no test picture in common.")
        return
    show_means(found)
    files = comparison.ordered(found, by=asked.by, best_first=asked.best_first)
    if illustrated:
        show_pictures(found, asked, files, key=f"{dataset}-{'-'.join(tables)}")
    else:
        show_scores(found, files)


def choose(offered: list[Evaluation], dataset: str) -> list[Evaluation]:
    """The evaluations of a dataset that the visitor compares."""
    with_pictures = [one.name for one in offered if pictures.illustrated(one)]
    chosen = chooser.several(
        f"Evaluations, at most {MOST}",
        offered,
        default=(with_pictures or [one.name for one in offered])[:MOST],
        max_selections=MOST,
        key=f"evaluations-{dataset}",  # each dataset begins with a choice of its own
    )
    if len(offered) == 1:
        st.info(
            f"Only one evaluation is on {dataset}, so there is nothing to compare it with: "
            "`make demo` makes three on the sample."
        )
    if not chosen:
        st.info("Choose at least one evaluation.")
    return chosen


def read(evaluations: list[Evaluation]) -> dict[str, pd.DataFrame]:
    """Name -> scores by file; a warning for each evaluation whose scores cannot be read."""
    tables = {}
    for evaluation in evaluations:
        try:
            tables[evaluation.name] = shared.by_file(readers.scores(evaluation))
        except (ValueError, OSError) as error:
            notices.broken(error)
    return tables


def say_what_is_missing(bare: list[Evaluation]) -> None:
    """bare: the evaluations without pictures."""
    if restricted := [one for one in bare if one.shipped]:
        st.info(
            f"Only the scores of {', '.join(one.label for one in restricted)} are here: the "
            "pictures may not be published. "
            + " ".join(dict.fromkeys(one.remedy for one in restricted))
        )
    for one in bare:
        if one not in restricted:
            st.warning(f"{one.label} has no pictures: its folder `pictures` is missing or empty.")


def say_if_unlike(chosen: list[Evaluation], tables: dict[str, pd.DataFrame]) -> bool:
    """Whether the scores are comparable; a warning says why not."""
    why = comparison.unlike(chosen, tables)
    if why:
        st.warning(f"These scores are not comparable: {why}. So none is marked as the best.")
    return not why


def ask(chosen: list[Evaluation], tables: dict[str, pd.DataFrame]) -> Asked:
    """The controls for score, order and size."""
    labels = {one.name: f"score of {one.label}" for one in chosen}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.selectbox(
            "Score", comparison.titles(tables), key="score", bind="query-params", width=330
        )
        by = st.selectbox(
            "Order",
            [*([DIFFER] if len(chosen) > 1 else []), *tables],
            format_func=lambda name: labels.get(name, name),
            key="by",
            bind="query-params",
            width=330,
        )
        best_first = chooser.best_first("Direction", disabled=by == DIFFER)
        size = st.segmented_control(
            "Pictures",
            list(WIDTHS),
            default="small",
            required=True,
            key="size",
            bind="query-params",
        )
    return Asked(title, by, best_first, WIDTHS[size])


def show_means(found: Comparison) -> None:
    """A row of means for each evaluation and one for grey, over the pictures that all have."""
    n, most = len(found.scores), max(map(len, found.tables.values()))
    formats = {
        title: st.column_config.NumberColumn(format=score.shape)
        for title, score in shared.SCORES.items()
    }
    best_of_them = st.column_config.TextColumn(
        help="On how many pictures, in the chosen score. Equal ones are all counted."
    )
    st.dataframe(
        comparison.means(found),
        hide_index=True,
        column_config={
            "Evaluation": st.column_config.TextColumn(pinned=True),
            "Best of them": best_of_them,
            **formats,
        },
        alt="Mean scores of the chosen evaluations and of leaving the pictures grey",
    )
    st.caption(
        f"Means over the {n} test pictures that all of them have"
        + (f", of {most}." if most > n else ".")
    )


def show_scores(found: Comparison, files: list[str]) -> None:
    """A table in the place of the pictures: a row of scores for each file."""
    columns = {one.label: found.scores.loc[files, one.name] for one in found.chosen}
    columns |= {"left grey": found.greys[files], "Apart": shared.spread(found.scores)[files]}
    number = st.column_config.NumberColumn(format=found.score.shape)
    st.dataframe(
        pd.DataFrame(columns).rename_axis("File"),
        column_config=dict.fromkeys(columns, number),
        alt=f"{found.title} of each test picture",
    )


def show_pictures(found: Comparison, asked: Asked, files: list[str], *, key: str) -> None:
    """A page of test pictures, a row for each; key: of the dataset and the evaluations."""
    gallery, spread = st.container(), shared.spread(found.scores)
    key = f"{key}-{asked.title}-{asked.by}-{asked.best_first}"
    shown = paging.choose(files, per_page=PER_PAGE, key=key)
    with gallery:
        st.caption(shown.words)
        for place, file in enumerate(shown.files, start=shown.start + 1):
            with st.container(border=True):
                several = len(found.chosen) > 1 and not math.isnan(spread[file])
                apart = f" · {found.score.shape % spread[file]} apart" if several else ""
                st.markdown(f"**{place}.** {pictures.plain(file)}{apart}")
                with st.container(horizontal=True, gap="small"):
                    show_row(found, file, width=asked.width)
                credits.show(file, *found.chosen)


def show_row(found: Comparison, file: str, *, width: int) -> None:
    """The grey input, the output of each evaluation, and the photograph."""
    model = next(one for one in found.chosen if one.name in found.illustrated)
    caption = f"grey input, {words(found.greys[file], found.score)}"
    pictures.show(model.picture(file, "input"), of=file, caption=caption, width=width)
    for one in found.chosen:
        caption = f"{one.label}, {words(found.scores.at[file, one.name], found.score)}"
        if found.fair and found.best.at[file, one.name]:
            caption += ", **best**"
        if one.name in found.illustrated:
            pictures.show(one.picture(file, "output"), of=file, caption=caption, width=width)
        else:
            st.caption(caption, width=width)
    pictures.show(model.picture(file, "truth"), of=file, caption="photograph", width=width)


def words(value: float, score: shared.Score) -> str:
    return "no score" if math.isnan(value) else score.words % value


page()
