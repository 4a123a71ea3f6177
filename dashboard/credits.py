"""A test picture -> who took the photograph, where it comes from and under which licence."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pandas as pd
import streamlit as st

from colornet import paths
from colornet.sources import folder
from dashboard import files, readers


def credit(evaluation: readers.Evaluation, file: str) -> dict[str, str] | None:
    """The row of sources.csv for a test picture's photograph; None if there is no such row here."""
    try:
        shipped = evaluation.folder / "sources.csv"
        if shipped.is_file():
            return rows(shipped, key="test").get(file)
        dataset, root = str(evaluation.summary.get("dataset")), files.root()
        index = rows(root / paths.prepared(dataset) / "index.csv", key="file")
        sources = rows(root / paths.raw(dataset) / "sources.csv", key="file")
        return sources[index[file]["raw_file"]]
    except (OSError, ValueError, KeyError):
        return None


def words(found: dict[str, str]) -> str:
    """A row of sources.csv as Markdown: author, licence and page, the last two with their links.

    A licence may end with its address in brackets. What a row does not have is left out.
    """
    if found["licence"] == folder.UNKNOWN["licence"]:
        found = found | {"licence": ""}
    licence, address = re.fullmatch(r"(.*?)(?: \((https?://\S+)\))?", found["licence"]).groups()
    page = urlsplit(found["url"]).hostname
    parts = [literal(found["author"]), _link(licence, address), _link(page, found["url"])]
    return ", ".join(filter(None, parts))


def show(file: str, *evaluations: readers.Evaluation) -> None:
    """Shows whose photograph a test picture of some evaluations is, if one of them knows it."""
    found = next(filter(None, (credit(one, file) for one in evaluations)), None)
    if found and (told := words(found)):
        st.caption(f"Photograph: {told}")


def literal(text: str) -> str:
    """Text in which nothing acts as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$<>:&-])", r"\\\1", " ".join(text.split()))


def _link(text: str | None, address: str | None) -> str:
    """A link to a web address; the text alone for another address."""
    if not text or not (address or "").startswith(("http://", "https://")):
        return literal(text or "")
    # A bracket would end the link
    return f"[{literal(text)}]({quote(address, safe=':/?&=#%~,;@+')})"


def rows(file: Path, *, key: str) -> dict[str, dict[str, str]]:
    """The rows of a CSV file as text, by one of its columns."""
    return _cached_rows(str(file), files.stamp(file), key)


@st.cache_resource(show_spinner=False, max_entries=20)
def _cached_rows(file: str, stamp: tuple, key: str) -> dict[str, dict[str, str]]:  # noqa: ARG001 the cache's key
    content = pd.read_csv(file, dtype=str, keep_default_na=False)
    return {row[key]: row for row in content.to_dict("records")}
