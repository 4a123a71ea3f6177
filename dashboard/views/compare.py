"""Evaluations of one data set -> their outputs of the same pictures side by side, and their means.

Opens only the pictures of the page shown.
"""

import math

import pandas as pd
import streamlit as st

from dashboard import pictures, readers, shared

MOST = 4  # evaluations side by side
PER_PAGE = 10
# pixels of width: six small ones fill a row at 1,200 pixels and two at 400, six large ones at 1,920
WIDTHS = {"small": 152, "large": 274}
DIFFER = "where they differ most"


def read(evaluations: list[readers.Evaluation]) -> dict[str, pd.DataFrame]:
    """Name -> its scores by file; names in a warning those that cannot be read."""
    tables = {}
    for evaluation in evaluations:
        try:
            tables[evaluation.name] = shared.by_file(readers.scores(evaluation))
        except (ValueError, OSError) as error:
            st.warning(readers.sentence(error))
    return tables


def comparable(evaluations: list[readers.Evaluation], tables: dict[str, pd.DataFrame]) -> bool:
    """Whether the scores are of the same pictures; says why if not."""
    sizes = [str(one.summary.get("size")) for one in evaluations]
    if len(set(sizes)) > 1:
        each = (f"{one.label} at {size}" for one, size in zip(evaluations, sizes, strict=True))
        why = f"the pictures were prepared at different sizes ({', '.join(each)} pixels)"
    elif others := shared.other_photographs(tables):
        labels = ", ".join(one.label for one in evaluations if one.name in others)
        why = f"under the same names {labels} has other photographs than {evaluations[0].label}"
    else:
        return True
    st.warning(f"These scores are not comparable: {why}. So none is marked as the best.")
    return False


def say_what_lacks(bare: list[readers.Evaluation]) -> None:
    """bare: those without pictures."""
    if restricted := [one for one in bare if readers.shipped(one.folder)]:
        calls = ", ".join(f"`dvc repro evaluate@{one.folder.name}`" for one in restricted)
        st.info(
            f"Only the scores of {', '.join(one.label for one in restricted)} are here: the "
            f"pictures may not be published. To make them: {calls}."
        )
    for one in bare:
        if one not in restricted:
            st.warning(f"{one.label} has no pictures: its folder `pictures` is missing or empty.")


def overview(evaluations: list, tables: dict, best: pd.DataFrame, *, fair: bool) -> pd.DataFrame:
    """The means over the pictures that all have, and how often each is the best of them."""
    table = shared.means(tables, best.index)
    labels = {one.name: one.label for one in evaluations}
    table.insert(0, "Evaluation", [labels.get(name, name) for name in table.index])
    if fair and len(evaluations) > 1:
        counts = best.sum().astype(int)
        table["Best of them"] = counts.map(lambda count: f"{count} of {len(best)}")
        table["Best of them"] = table["Best of them"].fillna("–")
    return table


def show(evaluation: readers.Evaluation, file: str, kind: str, caption: str) -> None:
    picture = evaluation.picture(file, kind)
    if readers.opens(picture):
        alt = f"{file}, {caption.replace('*', '')}"
        st.image(str(picture), caption=caption, alt=alt, width=WIDTHS[size])
    else:
        st.warning(f"{caption}: the picture is missing or broken.", width=WIDTHS[size])


st.title("Compare")
st.markdown(
    "Runs on the same test pictures, side by side. Where do they differ most, and is the one with "
    "the better score the one that you would choose?"
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

groups = pictures.by_dataset(evaluations)
dataset = st.selectbox("Data set", list(groups), key="dataset", bind="query-params", width=330)
by_name = {one.name: one for one in groups[dataset]}
with_pictures = [name for name, one in by_name.items() if pictures.illustrated(one)]
names = st.multiselect(
    f"Evaluations, at most {MOST}",
    list(by_name),
    default=(with_pictures or list(by_name))[:MOST],
    format_func=lambda name: by_name[name].label,
    max_selections=MOST,
    key=f"evaluations-{dataset}",  # each data set begins with a choice of its own
    bind="query-params",
)
if len(by_name) == 1:
    st.info(
        f"Only one evaluation is on {dataset}, so there is nothing to compare it with: "
        "`make demo` makes three on the sample."
    )
if not names:
    st.info("Choose at least one evaluation.")
    st.stop()

tables = read([by_name[name] for name in names])
chosen = [by_name[name] for name in tables]
if not chosen:
    st.stop()
say_what_lacks([one for one in chosen if one.name not in with_pictures])
fair = len(chosen) < 2 or comparable(chosen, tables)

known = [
    title
    for title, score in shared.SCORES.items()
    if any(shared.values(table, score).notna().any() for table in tables.values())
]
orders = [*([DIFFER] if len(chosen) > 1 else []), *tables]
with st.container(horizontal=True, vertical_alignment="bottom"):
    title = st.selectbox("Score", known or ["PSNR"], key="score", bind="query-params", width=330)
    by = st.selectbox(
        "Order",
        orders,
        format_func=lambda name: f"score of {by_name[name].label}" if name in by_name else name,
        key="by",
        bind="query-params",
        width=330,
    )
    order = st.segmented_control(
        "Direction",
        ["best first", "worst first"],
        default="best first",
        required=True,
        disabled=by == DIFFER,
        key="order",
        bind="query-params",
    )
    size = st.segmented_control(
        "Pictures", list(WIDTHS), default="small", required=True, key="size", bind="query-params"
    )

score = shared.SCORES[title]
scores = shared.together(tables, score)
if scores.empty:
    st.info("These evaluations have no test picture in common.")
    st.stop()
spread, best = shared.spread(scores), shared.best(scores, score)
formats = {
    name: st.column_config.NumberColumn(format=one.shape) for name, one in shared.SCORES.items()
}
st.dataframe(
    overview(chosen, tables, best, fair=fair),
    hide_index=True,
    column_config={
        "Evaluation": st.column_config.TextColumn(pinned=True),
        "Best of them": st.column_config.TextColumn(
            help="On how many pictures, in the chosen score; equal ones share it."
        ),
        **formats,
    },
    alt="Mean scores of the chosen evaluations and of leaving the pictures grey",
)
every = max(map(len, tables.values()))
st.caption(
    f"Means over the {len(scores)} test pictures that all of them have"
    + (f", of {every}." if every > len(scores) else ".")
)

if by == DIFFER:
    files = shared.ordered(spread, highest_first=True)
else:
    files = shared.ordered(
        scores[by], highest_first=score.highest_is_best == (order == "best first")
    )
greys = shared.greys(tables[chosen[0].name], score)
model = next((one for one in chosen if one.name in with_pictures), None)
if model is None:
    columns = {one.label: scores.loc[files, one.name] for one in chosen}
    columns |= {"left grey": greys[files], "Apart": spread[files]}
    st.dataframe(
        pd.DataFrame(columns).rename_axis("File"),
        column_config={name: formats[title] for name in columns},
        alt=f"{title} of each test picture",
    )
    st.stop()

gallery = st.container()
pages = math.ceil(len(files) / PER_PAGE)
# Another key for another choice, so that each begins with its first page
key = f"page-{dataset}-{'-'.join(tables)}-{title}-{by}-{order}"
number = st.pagination(pages, key=key) if pages > 1 else 1
start = (number - 1) * PER_PAGE
shown = files[start : start + PER_PAGE]


def words(value: float) -> str:
    return "no score" if math.isnan(value) else score.words % value


def show_picture(file: str) -> None:
    """Grey input, each evaluation's output and the photograph in a row."""
    show(model, file, "input", f"grey input, {words(greys[file])}")
    for one in chosen:
        mark = ", **best**" if fair and best.at[file, one.name] else ""
        caption = f"{one.label}, {words(scores.at[file, one.name])}{mark}"
        if one.name in with_pictures:
            show(one, file, "output", caption)
        else:
            st.caption(caption, width=WIDTHS[size])
    show(model, file, "truth", "photograph")


with gallery:
    st.caption(f"{start + 1} to {start + len(shown)} of {len(files)} test pictures")
    for place, file in enumerate(shown, start=start + 1):
        with st.container(border=True):
            several = len(chosen) > 1 and not math.isnan(spread[file])
            apart = f" · {score.shape % spread[file]} apart" if several else ""
            st.markdown(f"**{place}.** `{file.replace('`', chr(39))}`{apart}")
            with st.container(horizontal=True, gap="small"):
                show_picture(file)
