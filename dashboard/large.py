"""One test picture, large: before and after, its ab error, its scores among all, its source."""

from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from colornet.colour import lab
from dashboard import alike, credits, files, gallery, pictures, readers, shared, strips
from dashboard.page import download, encoding, style
from dashboard.page.before_after import before_after
from dashboard.pictures import KINDS

PICTURE = 150  # pixels of width
STRIP = 272  # pixels that a thumbnail is wide: two below the slider
WIDE = 560  # pixels that the slider is wide
FARTHEST = 80  # units of ab at the end of the map's colours: few errors are larger


def show(evaluation: readers.Evaluation, table: pd.DataFrame, file: str, *, by: str) -> None:
    """table: `gallery.keyed` of all pictures of the evaluation; by: the score in its `key`."""
    paths = {kind: evaluation.picture(file, kind) for kind in KINDS}
    found = {kind: path for kind, path in paths.items() if files.opens(path)}
    left, right = st.columns(2, gap="medium")
    with left:
        _slider(file, found)
        _small(evaluation, file, found)
        _alike(evaluation, table, file, by=by)
    with right:
        _scores(table, file)
        st.plotly_chart(
            gallery.histogram(table, by=by, mark=table["key"][file]),
            key="among",
            alt=f"{by} of all test pictures, that of {file} marked",
            config={"displayModeBar": False},
        )
        if {"output", "truth"} <= set(found):
            _error(evaluation, file)
    st.caption(_source(evaluation, file))
    if len(found) == len(KINDS):
        download.button(
            "Download input | output | photograph",
            lambda: strip(found),
            file_name=f"{evaluation.key}-{paths['output'].stem}-strip.jpg",
        )


def strip(found: dict[str, Path]) -> bytes:
    """The three pictures side by side at their own size, as JPEG; found: a file for each kind."""
    row = pictures.side_by_side(*(_rgb(found[kind]) for kind in KINDS), gap=4)
    white = Image.new("RGB", row.size, "white")
    white.paste(row, mask=row)
    return _jpeg(white)


def ab_error(output: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How far the colours of two (H, W, 3) uint8 RGB pictures are apart: (H, W), in units of ab."""
    return lab.distance(lab.ab(output), lab.ab(truth))


def error_map(error: np.ndarray) -> go.Figure:
    """A picture of an (H, W) error in units of ab."""
    figure = go.Figure(
        go.Heatmap(
            z=np.rint(error).astype("uint8"),
            zmin=0,
            zmax=FARTHEST,
            colorscale="Cividis",
            colorbar={"title": "ab"},
            hovertemplate="%{z} units of ab<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", scaleanchor="x", visible=False)
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_layout(height=320, margin=style.MARGIN)


def _rgb(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    return encoding.jpeg(picture, quality=95, subsampling=0)


def _slider(file: str, found: dict[str, Path]) -> None:
    others = [kind for kind in ("truth", "input") if {"output", kind} <= set(found)]
    if not others:
        return
    beside = st.segmented_control(
        "The output beside",
        others,
        format_func=KINDS.get,
        default=others[0],
        required=True,
        key="beside",
    )
    other = beside if beside in others else others[0]
    try:
        before, after = (pictures.enlarged(found[kind], width=WIDE) for kind in (other, "output"))
    except OSError:
        st.warning("The pictures are broken, so there is no slider.")
        return
    before_after(before, after, labels=(KINDS[other], "output"), alt=file, key=f"large-{other}")


def _small(evaluation: readers.Evaluation, file: str, found: dict[str, Path]) -> None:
    """The three pictures below the slider, or why one is missing."""
    with st.container(horizontal=True, gap="small"):
        for kind, caption in KINDS.items():
            if evaluation.shipped and kind not in found:
                st.warning(
                    f"The {caption} may not be published. {evaluation.remedy}",
                    width=PICTURE,
                )
            else:
                picture = evaluation.picture(file, kind)
                pictures.show(picture, of=file, caption=caption, width=PICTURE)


def _scores(table: pd.DataFrame, file: str) -> None:
    """Each score of the picture beside grey's and the median, and its place among all."""
    rows = []
    for title, score in shared.SCORES.items():
        values, place = shared.values(table, score), gallery.rank(table, file, score)
        if place is None:
            continue
        cells = {"output": values[file], "grey": shared.greys(table, score)[file]}
        cells |= {"median": values.median()}
        rows.append({"Score": title} | {name: score.shape % cell for name, cell in cells.items()})
        rows[-1]["place"] = f"{place[0]} of {place[1]}"
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Score": st.column_config.TextColumn(width=240)},
        alt=f"Scores of {file} and its place among all",
    )


def _error(evaluation: readers.Evaluation, file: str) -> None:
    try:
        truth, output = pictures.pair(evaluation, file)
    except ValueError as error:
        st.warning(f"The colour error cannot be drawn: {error}.")
        return
    error = ab_error(np.asarray(output), np.asarray(truth))
    st.caption(
        f"Colour error: {error.mean():.1f} units of ab on average, {error.max():.0f} at most"
    )
    st.plotly_chart(
        error_map(error),
        key="error",
        alt=f"Map of the distance in ab between output and photograph of {file}",
        config={"displayModeBar": False},
    )


def _alike(evaluation: readers.Evaluation, table: pd.DataFrame, file: str, *, by: str) -> None:
    """The test pictures that show most alike things, each with its score; or why there are none."""
    try:
        found = [each for each in alike.nearest(evaluation.folder, file) if each in table.index]
    except alike.UnknownError as reason:
        if not evaluation.shipped:
            st.caption(
                f"There would be pictures like this one here, but {reason}. "
                f"`dvc repro --single-item --force evaluate@{evaluation.key}` makes it anew."
            )
        return
    if not found:
        return
    st.markdown(f"**More like this**, by what the pictures show, with {by}")
    with st.container(horizontal=True, gap="small"):
        for each in found:
            with st.container(width=STRIP, gap="xsmall"):
                strips.show(evaluation, table, each, by=by, width=STRIP, key=f"like-{each}")
                credits.show(each, evaluation)


def _source(evaluation: readers.Evaluation, file: str) -> str:
    """Who took the photograph, where it comes from, and its licence."""
    found = credits.credit(evaluation, file)
    if found is None:
        dataset = evaluation.summary.get("dataset")
        return (
            f"{pictures.plain(file)} of the dataset {dataset}. data/raw names its author and "
            "licence once the dataset is fetched."
        )
    told = credits.words(found) or "author and licence are not known"
    return f"{pictures.plain(file)}, from {pictures.plain(found['file'])}: {told}."
