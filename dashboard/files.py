"""CSV, YAML and JSON files of the project -> tables and mappings, cached by modification time."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from colornet import params


def root() -> Path:
    """The project's folder: COLORNET_ROOT if that is set, else the one that holds this package."""
    return Path(os.environ.get("COLORNET_ROOT") or Path(__file__).parents[1]).resolve()


def table(file: Path, *, columns: tuple[str, ...]) -> pd.DataFrame:
    """A CSV file. All columns but `file` become numbers, or NaN where a cell is no number.

    A last line without its line end is still being written and is left out. Raises ValueError if
    one of `columns` is missing, OSError if the file is.
    """
    return _table(str(file), stamp(file), columns)


def mapping(file: Path) -> dict[str, Any]:
    """A YAML or JSON file of keys and values; raises ValueError or OSError if it is not one."""
    return _mapping(str(file), stamp(file))


def opens(file: Path) -> bool:
    """Whether a picture file exists and begins like a picture, so that a page can show it."""
    try:
        with Image.open(file):
            return True
    except OSError:
        return False


def stamp(file: Path) -> tuple[int, int]:
    """Changes whenever the file is written; raises OSError if it is missing."""
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size


def sentence(error: Exception) -> str:
    """What is wrong, with paths relative to the project's folder."""
    if isinstance(error, FileNotFoundError) and error.filename:
        text = f"{error.filename} is missing."
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename} cannot be read: {error.strerror}."
    else:
        text = " ".join(str(error).split())
    return text.replace(f"{root()}{os.sep}", "")


# All visitors share these without a copy: no page changes what they return
@st.cache_resource(show_spinner=False, max_entries=1000)
def _table(file: str, stamp: tuple, columns: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001 the cache's key
    try:
        text = Path(file).read_text("utf-8")
        content = pd.read_csv(io.StringIO(text[: text.rfind("\n") + 1]))
    except ValueError as error:
        raise ValueError(f"{file} cannot be read as a table: {error}") from None
    if missing := [name for name in columns if name not in content]:
        raise ValueError(f"{file} has no column {', '.join(missing)}.")
    for name in content.columns.drop("file", errors="ignore"):
        content[name] = pd.to_numeric(content[name], errors="coerce")
    return content.dropna(subset=columns[:1])


@st.cache_resource(show_spinner=False, max_entries=1000)
def _mapping(file: str, stamp: tuple) -> dict[str, Any]:  # noqa: ARG001 the cache's key
    try:
        if not file.endswith(".json"):
            return params.load(Path(file))
        content = json.loads(Path(file).read_text("utf-8"))
    except (params.UserError, ValueError) as error:
        raise ValueError(f"{file} cannot be read: {error}".replace(f": {file}", ":")) from None
    if not isinstance(content, dict):
        raise ValueError(f"{file} does not map keys to values.")
    return content
