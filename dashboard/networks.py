"""The networks of runs, each loaded once and shared by all visitors."""

import gc
from pathlib import Path
from typing import Any

import streamlit as st


@st.cache_resource(max_entries=6, show_spinner="Loading the network …")
def colorizer(folder: str, stamp: tuple) -> Any:  # noqa: ARG001 a run that is trained again is loaded again
    """The `Colorizer` of a run. Raises ValueError or OSError for a broken one."""
    from colornet.colorizer import Colorizer

    network = Colorizer(Path(folder))
    # Streamlit collects garbage after each run of a page, and all visitors wait for it. With Keras
    # loaded that takes a good part of a second, unless Keras's objects are set aside.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return network
