"""A long list of files -> the page of it that the visitor chooses."""

import math
from typing import NamedTuple

import streamlit as st


class Page(NamedTuple):
    """start: how many files come before this page; total: how many files all pages have."""

    files: list[str]
    start: int
    total: int

    @property
    def words(self) -> str:
        end = self.start + len(self.files)
        return f"{self.start + 1} to {end} of {self.total} test pictures"


def choose(files: list[str], *, per_page: int, key: str) -> Page:
    """Shows the control that turns the pages, if there are several.

    key: another one for another list of files, so that each list begins with its first page.
    """
    pages = math.ceil(len(files) / per_page)
    number = st.pagination(pages, key=f"page-{key}") if pages > 1 else 1
    start = (number - 1) * per_page
    return Page(files[start : start + per_page], start, len(files))
