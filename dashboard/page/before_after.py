"""Two JPEGs of one size -> one over the other, divided by a line that the visitor moves.

Moving the line needs no server, and the line keeps its place when the pictures change. Pictures
that are much longer than wide, or much wider than long, scroll below the line.
"""

import base64
import io
from typing import Literal

import streamlit as st
from PIL import Image

from dashboard.page import strip

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
  </div>
  <figcaption><span class="left"></span><span class="right"></span></figcaption>
</figure>
"""
CSS = """
figure { margin: 0; }
.frame { position: relative; overflow: hidden; border-radius: var(--st-base-radius); }
.frame:has(input:focus-visible) { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.area { overflow: auto; }
.area:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -3px; }
.pair {
  --at: 50%; position: relative; overflow: hidden; cursor: ew-resize;
  touch-action: pan-y; user-select: none; -webkit-user-select: none;
}
.wide .pair { touch-action: pan-x pan-y; }
.long .area { max-height: 30rem; }
img { display: block; width: 100%; height: auto; }
.before {
  position: absolute; inset: 0; height: 100%; clip-path: inset(0 calc(100% - var(--at)) 0 0);
}
input {
  position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  pointer-events: none;
}
.line {
  position: absolute; top: 0; width: 2px; margin-left: -1px;
  background: white; box-shadow: 0 0 3px black; pointer-events: none;
}
.grip {
  position: absolute; top: 50%; left: 50%; translate: -50% -50%; width: 2rem; height: 2rem;
  border-radius: 50%; display: grid; place-items: center; line-height: 1;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color);
}
.wide .grip { pointer-events: auto; cursor: ew-resize; touch-action: none; }
figcaption {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; margin-top: 0.25rem;
  font-size: 0.875rem; color: var(--st-text-color); overflow-wrap: anywhere;
}
"""
# The line has its place in the part of the picture that is in sight, which is all of it unless the
# picture scrolls. A finger on a wide picture scrolls it; the line then follows its grip or a tap.
JS = """
export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector)
  const figure = find("figure"), area = find(".area"), pair = find(".pair")
  const range = find("input"), line = find(".line")
  for (const side of ["before", "after"]) {
    const image = find("." + side)
    if (image.src !== data[side].url) image.src = data[side].url
    image.alt = data.alt + ", " + data[side].label
  }
  figure.className = data.scrolls
  figure.style.maxWidth = "max(" + data.width + "px, 16rem)"  // room for the labels
  pair.style.width = data.scrolls === "wide" ? data.width + "px" : "auto"
  find(".frame").style.maxWidth = data.width + "px"
  pair.style.aspectRatio = data.width + " / " + data.height
  if (data.scrolls) {
    area.tabIndex = 0
    area.role = "group"
    area.ariaLabel = data.alt + ", scrolls"
  } else area.removeAttribute("tabindex")
  find(".left").textContent = "\u2190 " + data.before.label
  find(".right").textContent = data.after.label + " \u2192"
  range.ariaLabel = data.alt + ", " + data.before.label + " beside " + data.after.label
  const show = () => {
    const inSight = (range.value / 100) * area.clientWidth
    line.style.left = inSight + "px"
    line.style.height = area.clientHeight + "px"
    pair.style.setProperty("--at", area.scrollLeft + inSight + "px")
    range.ariaValueText = range.value + " % " + data.before.label
  }
  const follow = (event) => {
    range.value = (100 * (event.clientX - area.getBoundingClientRect().left)) / area.clientWidth
    show()
  }
  const scrollsBy = (event) => data.scrolls === "wide" && event.pointerType === "touch"
  // Properties, not listeners: this runs again for new pictures in the same elements
  range.oninput = show
  area.onscroll = show
  for (const part of [pair, find(".grip")]) {
    part.onpointerdown = (event) => {
      if (event.button || (part === pair && scrollsBy(event))) return
      event.preventDefault()
      part.setPointerCapture(event.pointerId)
      range.focus({ preventScroll: true })
      follow(event)
    }
    part.onpointermove = (event) => part.hasPointerCapture(event.pointerId) && follow(event)
  }
  pair.onclick = (event) => scrollsBy(event) && follow(event)
  area.resized?.disconnect()
  area.resized = new ResizeObserver(show)
  area.resized.observe(area)
  show()
}
"""
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
    data = {side: {"url": _url(content), "label": label} for side, content, label in sides}
    data |= {"alt": alt, "width": size[0], "height": size[1], "scrolls": scrolls}
    _slider(key=key, data=data, width=width)


def _url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
