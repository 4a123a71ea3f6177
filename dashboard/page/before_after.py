"""Two JPEGs of one size -> one over the other, divided by a line that the visitor moves.

Moving the line, zoom and full screen need no server, and all keep their place when the pictures
change. Sliders of the same picture are zoomed together. Pictures that are much longer than wide, or
much wider than long, scroll below the line.
"""

import io
from pathlib import Path
from typing import Literal

import streamlit as st
from PIL import Image

from dashboard.page import encoding, strip

# Keys and screen readers move the range. The pointer moves it through the picture, because some
# touch screens move a range only by its thumb.
HTML = """
<figure>
  <div class="frame">
    <div class="area">
      <div class="pair">
        <img class="after" draggable="false"><img class="before" draggable="false">
      </div>
    </div>
    <input type="range" min="0" max="100" step="1" value="50" dir="ltr">
    <div class="line"><div class="grip" aria-hidden="true">⇔</div></div>
    <div class="hint" aria-hidden="true"></div>
  </div>
  <div class="tools" role="group">
    <button type="button" aria-label="Zoom in" title="Zoom in (+)">+</button>
    <button type="button" aria-label="Zoom out" title="Zoom out (-)">−</button>
    <button type="button">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"/>
      </svg>
    </button>
  </div>
  <figcaption><span class="left"></span><span class="right"></span></figcaption>
</figure>
"""
FOLDER = Path(__file__).parent
CSS = (FOLDER / "before_after.css").read_text("utf-8")
JS = "".join((FOLDER / file).read_text("utf-8") for file in ("zoom.js", "before_after.js"))
_slider = st.components.v2.component("colornet.before_after", html=HTML, css=CSS, js=JS)


def before_after(
    before: bytes,
    after: bytes,
    *,
    labels: tuple[str, str],
    alt: str,
    key: str,
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Shows two JPEGs of one size, `before` left of the line and `after` right of it.

    labels: of each, shown below; alt: what both show; key: unlike any other on the page, so that
    the line keeps its place. It is never wider than the pictures or its column. Raises OSError if
    `after` is no picture.
    """
    with Image.open(io.BytesIO(after)) as picture:
        size = picture.size
    scrolls = strip.direction(*size)
    if scrolls:
        scale = min(1, strip.ACROSS / min(size))
        size = round(size[0] * scale), round(size[1] * scale)
    sides = zip(("before", "after"), (before, after), labels, strict=True)
    data = {side: {"url": encoding.url(content), "label": label} for side, content, label in sides}
    data |= {"alt": alt, "width": size[0], "height": size[1], "scrolls": scrolls}
    _slider(key=key, data=data, width=width)
