"""The address bar: a view is copied from there, and opened again by it."""

import streamlit as st


def put(key: str, value: str | list[str] | None) -> None:
    """Writes a value into the address bar, or removes the key if there is none."""
    if value:
        st.query_params[key] = value
    else:
        st.query_params.pop(key, None)
