"""Plotly's script, loaded while the visitor looks at a page whose charts are not yet in sight.

Streamlit loads it (4.7 MB) with the first chart, which then is late by one to two seconds.
"""

import functools
from pathlib import Path

import streamlit as st

# The page's own script tells where the others lie. Without an answer the chart loads its script.
JS = """
export default function ({ data }) {
  const own = document.querySelector('script[type=module][src*="/static/js/"]')
  if (!own || !data.file) return
  const load = () => import(new URL(data.file, own.src)).catch(() => {})
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(load), 500)
}
"""
_loader = st.components.v2.component("colornet.ahead", html="<span hidden></span>", js=JS)


def load_plotly() -> None:
    """To be called at the end of a page, once its first content is on the way."""
    _loader(key="ahead", data={"file": _file()})


@functools.cache
def _file() -> str | None:
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return next((file.name for file in folder.glob("PlotlyChart.*.js")), None)
