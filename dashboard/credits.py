"""A test picture -> who took the photograph, where it comes from and under which licence."""

from pathlib import Path

import pandas as pd
import streamlit as st

from colornet import paths
from dashboard import files, readers


def credit(evaluation: readers.Evaluation, file: str) -> dict[str, str] | None:
    """The row of sources.csv for a test picture's photograph; None if there is no such row here."""
    try:
        shipped = evaluation.folder / "sources.csv"
        if shipped.is_file():
            return _rows(shipped, key="test").get(file)
        dataset, root = str(evaluation.summary.get("dataset")), files.root()
        index = _rows(root / paths.prepared(dataset) / "index.csv", key="file")
        sources = _rows(root / paths.raw(dataset) / "sources.csv", key="file")
        return sources[index[file]["raw_file"]]
    except (OSError, ValueError, KeyError):
        return None


def _rows(file: Path, *, key: str) -> dict[str, dict[str, str]]:
    """The rows of a CSV file as text, by one of its columns."""
    return _cached_rows(str(file), files.stamp(file), key)


@st.cache_resource(show_spinner=False, max_entries=20)
def _cached_rows(file: str, stamp: tuple, key: str) -> dict[str, dict[str, str]]:  # noqa: ARG001 the cache's key
    content = pd.read_csv(file, dtype=str, keep_default_na=False)
    return {row[key]: row for row in content.to_dict("records")}
