"""The slider over two pictures: its data, and how it moves in a browser."""

import importlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.page import before_after
from support.serving import served

HOSTILE = "</div><script>document.title = 'taken'</script>"
SCRIPT = f"""
import io
import streamlit as st
from PIL import Image
from dashboard.page.before_after import before_after

def jpeg(colour):
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(stream, "JPEG")
    return stream.getvalue()

st.title("Page")
runs = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.markdown(f"run {{runs}}")
after = "teal" if st.button("Again") else "peru"
before_after(jpeg("grey"), jpeg(after), labels=("grey", {HOSTILE!r}), alt={HOSTILE!r}, key="a")
before_after(jpeg("grey"), jpeg("red"), labels=("left", "right"), alt="wall", key="b", width=200)
"""


def mounted() -> list:
    page = AppTest.from_string(SCRIPT, default_timeout=120).run()
    assert not page.exception
    return [element.proto for element in page.get("bidi_component")]


def test_pictures_and_words_are_data_and_never_markup():
    first, _ = mounted()
    data = json.loads(first.json)
    assert data["alt"] == data["after"]["label"] == HOSTILE
    assert data["before"]["url"].startswith("data:image/jpeg;base64,")
    assert (data["width"], data["height"]) == (300, 200)
    assert first.html_content.strip() == before_after.HTML.strip()
    for markup in (first.html_content, first.css_content, first.js_content):
        assert "taken" not in markup


def test_other_pictures_stay_in_the_same_element():
    page = AppTest.from_string(SCRIPT, default_timeout=120).run()
    before = page.get("bidi_component")[0].proto
    page.button[0].click().run()
    after = page.get("bidi_component")[0].proto
    assert before.json != after.json and before.id == after.id


def test_a_file_that_is_no_picture_is_an_error():
    with pytest.raises(OSError):
        before_after.before_after(b"", b"text", labels=("a", "b"), alt="c", key="d")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    importlib.import_module("support.browser")  # skips where there is no browser
    folder = tmp_path_factory.mktemp("slider")
    (folder / "page.py").write_text(SCRIPT)
    code = str(Path(__file__).parents[1])
    with served(folder / "page.py", folder=folder, PYTHONPATH=code) as address:
        yield address


@pytest.fixture
def slider(address, request):
    """The page with both sliders, as wide as the test's parameter says, or 1200 pixels."""
    tools = importlib.import_module("support.browser")
    width = getattr(request, "param", 1200)
    with tools.playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=tools.CHROMIUM, args=tools.QUIET)
        page = browser.new_page(viewport={"width": width, "height": 900}, has_touch=True)
        page.set_default_timeout(tools.WAIT)
        wrong = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        page.locator(".pair").nth(1).wait_for()
        page.wait_for_function("document.querySelector('[data-test-script-state=notRunning]')")
        yield page
        browser.close()
        assert not wrong


def colours(page, number: int) -> list[tuple]:
    """The colours at a fifth and at four fifths of a slider's width, below its buttons."""
    shot = Image.open(io.BytesIO(page.locator(".pair").nth(number).screenshot())).convert("RGB")
    return [shot.getpixel((shot.width * part // 10, shot.height * 9 // 10)) for part in (2, 8)]


def near(found: tuple, wanted: tuple) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 12


GREY, RED = (128, 128, 128), (255, 0, 0)


@pytest.mark.browser
def test_the_line_follows_mouse_touch_and_keys(slider):
    line, pair = slider.locator(".frame input").nth(1), slider.locator(".pair").nth(1)
    left, right = colours(slider, 1)
    assert near(left, GREY) and near(right, RED)
    box = pair.bounding_box()
    middle = box["y"] + box["height"] / 2
    slider.mouse.move(box["x"] + box["width"] / 2, middle)
    slider.mouse.down()
    slider.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=3)
    slider.mouse.up()
    assert line.input_value() == "90"
    assert all(near(colour, GREY) for colour in colours(slider, 1))
    slider.mouse.move(box["x"] + 5, middle)  # no button is down
    slider.keyboard.press("ArrowLeft")
    assert line.input_value() == "89"
    slider.keyboard.press("Home")
    assert all(near(colour, RED) for colour in colours(slider, 1))
    slider.touchscreen.tap(box["x"] + box["width"] * 0.3, middle)
    assert line.input_value() == "30"


@pytest.mark.browser
def test_moving_the_line_asks_the_server_for_nothing_and_other_pictures_keep_its_place(slider):
    line = slider.locator(".frame input").first
    line.focus()
    for _ in range(3):
        slider.keyboard.press("ArrowRight")
    slider.wait_for_timeout(500)
    assert slider.get_by_text("run 1", exact=True).is_visible()
    before = slider.locator(".after").first.get_attribute("src")
    slider.get_by_role("button", name="Again").click()
    slider.get_by_text("run 2", exact=True).wait_for()
    slider.wait_for_function(
        "(before) => document.querySelector('[data-testid=stBidiComponentIsolated]')"
        ".shadowRoot.querySelector('.after').src !== before",
        arg=before,
    )
    assert line.input_value() == "53"


@pytest.mark.browser
def test_screen_readers_get_a_name_and_a_value(slider):
    named = slider.get_by_role("slider", name="wall, left beside right")
    assert named.get_attribute("aria-valuetext") == "50 % left"
    assert slider.get_by_role("img", name="wall, left").count() == 1
    assert slider.get_by_role("img", name="wall, right").count() == 1
    assert slider.title() != "taken"


@pytest.mark.browser
@pytest.mark.parametrize("slider", [400], indirect=True)
def test_it_fits_a_narrow_page_and_is_never_larger_than_the_pictures(slider):
    assert slider.locator(".pair").first.bounding_box()["width"] == 300
    assert slider.locator(".pair").nth(1).bounding_box()["width"] == 200
    slider.set_viewport_size({"width": 280, "height": 800})
    pair = slider.locator(".pair").first
    pair.evaluate(
        """async (pair) => {
             const width = () => pair.getBoundingClientRect().width
             while (width() >= 280) await new Promise(requestAnimationFrame)
           }"""
    )
    wide = slider.locator("[data-testid=stMain]").evaluate("element => element.scrollWidth")
    assert wide <= 280
