"""What a visitor's session keeps of pictures between the runs of a page."""

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st


def only(ids: set[str]) -> None:
    """Forgets the results of all pictures but these."""
    kept = st.session_state.get("kept", {})
    st.session_state["kept"] = {key: value for key, value in kept.items() if key[0] in ids}


def once(key: tuple, version: Hashable, make: Callable[[], Any]) -> Any:
    """The result of `make`, which is called only for a new `key` or `version`.

    key: its first part is the id of a picture. The results of an older version are forgotten.
    """
    kept = st.session_state["kept"]
    if key not in kept or kept[key][0] != version:
        kept[key] = version, make()
    return kept[key][1]
