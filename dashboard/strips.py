"""A test picture as a thumbnail of input, output and photograph, with a button that enlarges it."""

import pandas as pd
import streamlit as st

from dashboard import files, gallery, pictures
from dashboard.page import address, notices
from dashboard.readers import Evaluation


def show(
    evaluation: Evaluation, table: pd.DataFrame, file: str, *, by: str, width: int, key: str
) -> None:
    """The thumbnail above the button, which has the file's name and score.

    table: `gallery.keyed` by the score `by`; width: in pixels; key: of the button.
    """
    _thumbnail(evaluation, file, width=width)
    value = table["key"][file]
    score = "–" if pd.isna(value) else gallery.ORDERS[by].shape % value
    st.button(
        f"{pictures.plain(file)} {score}",
        key=key,
        on_click=address.put,
        args=("picture", file),
        type="tertiary",
    )


def _thumbnail(evaluation: Evaluation, file: str, *, width: int) -> None:
    strip = evaluation.picture(file, "strip")
    if files.opens(strip):
        alt = f"{file}: grey input, output, photograph"
        st.image(str(strip), alt=alt, width="stretch")
    elif not evaluation.shipped:
        notices.no_picture("thumbnail", width=width)
