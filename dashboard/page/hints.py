"""A picture on which a visitor says where it has which colour; what changed there, for Python."""

import io
import json
from pathlib import Path

import streamlit as st
from PIL import Image

from colornet import hints
from dashboard.hints import History
from dashboard.page import encoding, strip

HTML = """
<div class="hints">
  <div class="area">
    <div class="picture" tabindex="0" role="group"><img draggable="false"></div>
  </div>
  <div class="panel">
    <p role="status"></p>
    <div class="colours" role="group" aria-label="Colour of the chosen hint">
      <span class="likely"></span>
      <label class="any">Any colour<input type="color"></label>
      <button class="grey" title="Takes the colour away here">Grey</button>
      <button class="keep" title="The colour here shall not change">Keep</button>
    </div>
    <div>
      <button class="undo" title="Ctrl-Z">Undo</button>
      <button class="redo" title="Ctrl-Shift-Z">Redo</button>
      <button class="remove" title="Delete">Remove</button>
    </div>
  </div>
</div>
"""
FOLDER = Path(__file__).parent
_editor = st.components.v2.component(
    "colornet.hints",
    html=HTML,
    css=(FOLDER / "hints.css").read_text("utf-8"),
    js=(FOLDER / "hints.js").read_text("utf-8"),
)


def editor(
    picture: bytes, history: History, *, likely: list[list[str]], alt: str, key: str
) -> None:
    """Shows a picture with its hints; what a visitor changes goes into `history`, before the rerun.

    picture: a JPEG; likely: colours to choose from as "#rrggbb", a list for each range of
    lightness, from black to white; alt: what the picture shows; key: unlike any other on the page.
    """
    with Image.open(io.BytesIO(picture)) as opened:
        size = opened.size
    scrolls = strip.direction(*size)
    data = {"url": encoding.url(picture), "alt": alt, "width": size[0], "height": size[1]}
    data |= {"scrolls": scrolls, "likely": likely, "number": history.number}
    data |= {"hints": json.loads(hints.dump(history.now))["hints"]}
    data |= {"at": history.at, "last": len(history.states) - 1}
    _editor(key=key, data=data, on_edit_change=lambda: history.edit(st.session_state[key].edit))
