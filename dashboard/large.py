"""One test picture, large: before and after, its ab error, its scores among all, its source."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from colornet.colour import lab
from dashboard import credits, gallery, pictures, readers, shared
from dashboard.before_after import before_after

KINDS = {"input": "grey input", "output": "output", "truth": "photograph"}
PICTURE = 150  # pixels of width
WIDE = 560  # pixels that the slider is wide
FARTHEST = 80  # units of ab that the error's colours reach: most lie below


def show(evaluation: readers.Evaluation, table: pd.DataFrame, file: str, *, by: str) -> None:
    """table: `gallery.keyed` of all pictures of the evaluation; by: the score in its key."""
    files = {kind: evaluation.picture(file, kind) for kind in KINDS}
    there = {kind: path for kind, path in files.items() if readers.opens(path)}
    left, right = st.columns(2, gap="medium")
    with left:
        _slider(file, there)
        with st.container(horizontal=True, gap="small"):
            for kind, caption in KINDS.items():
                if kind in there:
                    alt = f"{file}, {caption}"
                    st.image(str(there[kind]), caption=caption, alt=alt, width=PICTURE)
                else:
                    st.warning(_missing(evaluation, caption), width=PICTURE)
    with right:
        _scores(table, file)
        st.plotly_chart(
            gallery.histogram(table, by=by, mark=table["key"][file]),
            key="among",
            alt=f"{by} of all test pictures, that of {file} marked",
            config={"displayModeBar": False},
        )
        if {"output", "truth"} <= set(there):
            _error(evaluation, file)
    _source(evaluation, file)
    if len(there) == len(KINDS):
        st.download_button(
            "Download input | output | photograph",
            data=lambda: strip_of(there),
            file_name=f"{evaluation.folder.name}-{files['output'].stem}-strip.jpg",
            mime="image/jpeg",
            on_click="ignore",
            icon=":material/download:",
        )


def strip_of(files: dict) -> bytes:
    """The three pictures side by side at their size, as JPEG."""
    opened = [_rgb(files[kind]) for kind in KINDS]
    width, height = opened[0].size
    strip = Image.new("RGB", (3 * width + 8, height), "white")
    for place, picture in enumerate(opened):
        strip.paste(picture, (place * (width + 4), 0))
    return _jpeg(strip)


def enlarged(file: Path) -> bytes:
    """A picture WIDE pixels wide, as JPEG."""
    picture = _rgb(file)
    height = round(WIDE * picture.height / picture.width)
    return _jpeg(picture.resize((WIDE, height), Image.Resampling.BICUBIC))


def ab_error(output: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(H, W) float32: how far two (H, W, 3) uint8 RGB pictures are apart in a* and b*, in units."""
    return np.linalg.norm(128 * (lab.ab(output) - lab.ab(truth)), axis=-1).astype("float32")


def _rgb(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=95, subsampling=0)
    return stream.getvalue()


def _slider(file: str, there: dict) -> None:
    pairs = {KINDS[other]: other for other in ("truth", "input") if {"output", other} <= set(there)}
    if not pairs:
        return
    choice = st.segmented_control(
        "The output beside", list(pairs), default=next(iter(pairs)), required=True, key="beside"
    )
    other = pairs.get(choice) or next(iter(pairs.values()))
    try:
        before, after = enlarged(there[other]), enlarged(there["output"])
    except OSError:
        st.warning("The pictures are broken, so there is no slider.")
        return
    before_after(
        before,
        after,
        labels=(KINDS[other], "output"),
        alt=file,
        key=f"large-{other}",
    )


def _scores(table: pd.DataFrame, file: str) -> None:
    """Each score of the picture beside grey's, the median and its place among all."""
    one, rows = table.loc[[file]], []
    for title, score in shared.SCORES.items():
        values = shared.values(table, score)
        place = gallery.rank(table, file, score)
        if place is None:
            continue
        cells = (shared.values(one, score).iloc[0], shared.greys(one, score).iloc[0])
        cells = [score.shape % value for value in (*cells, values.median())]
        rows.append({"Score": title} | dict(zip(("output", "grey", "median"), cells, strict=True)))
        rows[-1]["place"] = f"{place[0]} of {place[1]}"
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Score": st.column_config.TextColumn(width=240)},
        alt=f"Scores of {file} and its place among all",
    )


def _error(evaluation: readers.Evaluation, file: str) -> None:
    try:
        truth, output = pictures.twins(evaluation, file)
    except ValueError as error:
        st.warning(f"No map of their difference: {error}.")
        return
    error = ab_error(np.asarray(output), np.asarray(truth))
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
    figure.update_layout(height=320, margin={"l": 0, "r": 0, "t": 8, "b": 0})
    st.caption(
        f"How far the colour is off: {error.mean():.1f} units of ab on average, "
        f"{error.max():.0f} at most"
    )
    st.plotly_chart(
        figure,
        key="error",
        alt=f"Map of the distance in ab between output and photograph of {file}",
        config={"displayModeBar": False},
    )


def _source(evaluation: readers.Evaluation, file: str) -> None:
    found = credits.credit(evaluation, file)
    if found is None:
        st.caption(
            f"`{file}` of the data set {evaluation.summary.get('dataset')}. Author and licence "
            "stand in data/raw once it is fetched."
        )
        return
    author = found["author"] or "author not stated"
    words = f"`{file}`, from `{found['file']}`: {author}, {found['licence'] or 'no licence'}"
    st.caption(words + (f", {found['url']}" if found["url"] else "") + ".")


def _missing(evaluation: readers.Evaluation, caption: str) -> str:
    if readers.shipped(evaluation.folder):
        return (
            f"The {caption} may not be published: `dvc repro evaluate@{evaluation.folder.name}` "
            "makes it."
        )
    return f"The {caption} is missing or broken."
