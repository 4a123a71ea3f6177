"""A button that downloads a file and leaves the page as it is."""

import mimetypes
from collections.abc import Callable

import streamlit as st


def button(
    label: str,
    content: str | Callable[[], str | bytes],
    *,
    file_name: str,
    key: str | None = None,
    icon: str = ":material/download:",
) -> None:
    """content: the file's content, or what makes it once the button is pressed."""
    st.download_button(
        label,
        data=content,
        file_name=file_name,
        mime=mimetypes.guess_type(file_name)[0],
        key=key,
        on_click="ignore",
        icon=icon,
    )
