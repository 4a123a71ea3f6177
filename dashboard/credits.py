"""A test picture -> who took the photograph, where it comes from and under which licence."""

import pandas as pd
import streamlit as st

from colornet import paths
from dashboard import readers


def credit(evaluation: readers.Evaluation, file: str) -> dict[str, str] | None:
    """The row of sources.csv of a test picture's photograph; None where it is not here."""
    try:
        shipped = evaluation.folder / "sources.csv"
        if shipped.is_file():
            return _rows(str(shipped), readers.stamp(shipped), "test").get(file)
        dataset = str(evaluation.summary.get("dataset"))
        index = readers.root() / paths.prepared(dataset) / "index.csv"
        raw = _rows(str(index), readers.stamp(index), "file")[file]["raw_file"]
        sources = readers.root() / paths.raw(dataset) / "sources.csv"
        return _rows(str(sources), readers.stamp(sources), "file")[raw]
    except (OSError, ValueError, KeyError):
        return None


@st.cache_resource(show_spinner=False, max_entries=20)
def _rows(file: str, stamp: tuple, key: str) -> dict[str, dict[str, str]]:
    """A CSV file's rows as text, by one of its columns."""
    content = pd.read_csv(file, dtype=str, keep_default_na=False)
    return {row[key]: row for row in content.to_dict("records")}
