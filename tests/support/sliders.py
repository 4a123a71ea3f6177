"""A page with three sliders over two pictures, and what tests look for on it.

The pictures' red grows from left to right and their green from top to bottom, so that a screenshot
tells which point of the picture lies where.
"""

import io

from PIL import Image

SCRIPT = """
import io
import streamlit as st
from PIL import Image
from dashboard.page.before_after import before_after

def jpeg(blue, size):
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    stream = io.BytesIO()
    Image.merge("RGB", (across, down, Image.new("L", size, blue))).save(stream, "JPEG", quality=95)
    return stream.getvalue()

def show(key, alt="scale", size=(512, 400), **options):
    pictures = jpeg(0, size), jpeg(blue, size)
    before_after(*pictures, labels=("grey", "coloured"), alt=alt, key=key, **options)

st.title("Page")
blue = 250 if st.checkbox("Saturated") else 120
with st.container(horizontal=True):
    show("a", width=300)
    show("other" if st.checkbox("Other run") else "b", width=300)
show("wide", "panorama", (1600, 160))
st.markdown("End. " * 3000)
"""


def wait(page, number: int, condition: str) -> None:
    """Waits until a condition on a slider's `area` and `pair` holds."""
    page.locator("figure").nth(number).evaluate(
        f"""async (figure) => {{
            const area = figure.querySelector(".area"), pair = figure.querySelector(".pair")
            while (!({condition})) await new Promise(requestAnimationFrame)
        }}"""
    )


def zoom(page, number: int = 0) -> float:
    """How much wider than its area a picture is."""
    part = page.locator(".area").nth(number)
    return part.evaluate("e => e.querySelector('.pair').offsetWidth / e.clientWidth")


def spot(page, part: tuple[float, float], number: int = 0) -> tuple[float, float]:
    """The place on the page at a share of a slider's width and height."""
    box = page.locator(".area").nth(number).bounding_box()
    return box["x"] + part[0] * box["width"], box["y"] + part[1] * box["height"]


def shown_at(page, x: float, y: float) -> tuple[float, float]:
    """Which point of the picture is seen at a place on the page, as shares of width and height."""
    shot = page.screenshot(clip={"x": round(x) - 1, "y": round(y) - 1, "width": 3, "height": 3})
    red, green, _ = Image.open(io.BytesIO(shot)).convert("RGB").getpixel((1, 1))
    return red / 255, green / 255


def near(found, wanted) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 0.03


def wheel(page, x: float, y: float, *, by: float, key: str | None = "Control") -> None:
    page.mouse.move(x, y)
    if key:
        page.keyboard.down(key)
    page.mouse.wheel(0, by)
    if key:
        page.keyboard.up(key)
