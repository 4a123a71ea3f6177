"""The Try it page in a browser with a shipped network: a visitor tells it colours."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from colornet import paths
from support.browser import (  # noqa: F401 the fixtures
    WAIT,
    draw,
    playwright,
    screenshot,
    see,
    served_dashboard,
    settle,
    started_browser,
    watched_page,
)
from support.pages import encoded

pytestmark = pytest.mark.browser
RUN, BLUE = "lite-photos", "#2040c0"
SLEEVE, WALL = (0.35, 0.9), (0.6, 0.08)  # places of the astronaut, shares of width and height
# Whether the picture to click on shows, at a place, clearly more blue than red
BLUE_THERE = """([picture, x, y, expected]) => {
    const image = picture.querySelector("img"), canvas = document.createElement("canvas")
    if (!image.complete || !image.naturalWidth) return false
    canvas.width = image.naturalWidth
    canvas.height = image.naturalHeight
    const pen = canvas.getContext("2d")
    pen.drawImage(image, 0, 0)
    const [red, , blue] = pen.getImageData(x * canvas.width, y * canvas.height, 1, 1).data
    return (blue - red > 30) === expected
}"""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    (folder / "pretrained").mkdir()
    (folder / "pretrained" / RUN).symlink_to(paths.PRETRAINED.resolve() / RUN)
    return folder


def astronaut(size: tuple[int, int] = (512, 512), *, kind: str = "JPEG") -> bytes:
    return encoded(Image.fromarray(data.astronaut()).resize(size), kind=kind)


def asked(page, address, name: str, content: bytes):
    """Drops a photograph and asks for the picture to click on, which is returned."""
    page.set_default_timeout(WAIT)
    page.goto(f"{address}/try_it")
    see(page, "The colours are a guess, not a record.")
    file = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_text("Tell it a colour").click()
    picture = page.get_by_role("group", name=f"{name}, Enter adds a hint")
    picture.wait_for()
    settle(page)
    picture.scroll_into_view_if_needed()
    return picture


def click(picture, x: float, y: float) -> None:
    box = picture.bounding_box()
    picture.click(position={"x": x * box["width"], "y": y * box["height"]})


def wait_blue(page, picture, x: float, y: float, *, expected: bool = True) -> None:
    page.wait_for_function(BLUE_THERE, arg=[picture.element_handle(), x, y, expected])


def wait_label(page, text: str) -> None:
    """Waits until the only hint has this in its label."""
    hint = page.get_by_role("button", name="Hint 1")
    playwright.expect(hint).to_have_attribute("aria-label", re.compile(re.escape(text)))


def test_a_colour_is_told_spreads_and_is_saved(page, address):
    picture = asked(page, address, "my flight.jpg", astronaut())
    click(picture, *SLEEVE)
    see(page, "Which colour is it here?")
    page.get_by_label("Any colour").fill(BLUE)
    wait_blue(page, picture, *SLEEVE)
    assert page.evaluate(BLUE_THERE, [picture.element_handle(), 0.42, 0.92, True])  # it spreads
    assert page.evaluate(BLUE_THERE, [picture.element_handle(), *WALL, False])  # but not there
    screenshot(page, "try_it-hints")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download hints").click()
    assert download.value.suggested_filename == "my flight.hints.json"
    [saved] = json.loads(Path(download.value.path()).read_text("utf-8"))["hints"]
    assert saved["colour"] == BLUE and saved["x"] == pytest.approx(SLEEVE[0], abs=0.01)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    with Image.open(download.value.path()) as coloured:
        red, _, blue = coloured.getpixel((179, 460))
    assert blue > red + 30


def test_hints_are_moved_changed_and_removed_by_mouse(page, address):
    picture = asked(page, address, "a.jpg", astronaut())
    click(picture, *SLEEVE)
    likely = page.get_by_role("button", name="Likely colour")
    assert 1 <= likely.count() <= 6
    likely.first.click()
    wait_label(page, f"{likely.first.get_attribute('title')}, 35 % from left, 90 % from top")
    page.get_by_label("Any colour").fill(BLUE)
    wait_blue(page, picture, *SLEEVE)
    box = picture.bounding_box()
    draw(page, box, (0.35 * box["width"], 0.9 * box["height"]), (0.6 * box["width"], 40))
    wait_blue(page, picture, *WALL)
    wait_blue(page, picture, *SLEEVE, expected=False)
    for button, sleeve, wall in (
        ("Undo", True, False),
        ("Redo", False, True),
        ("Keep", False, False),
        ("Undo", False, True),
        ("Grey", False, False),
        ("Undo", False, True),
    ):
        page.get_by_role("button", name=button, exact=True).click()
        wait_blue(page, picture, *SLEEVE, expected=sleeve)
        wait_blue(page, picture, *WALL, expected=wall)
    page.get_by_role("button", name="Hint 1").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    wait_blue(page, picture, *WALL, expected=False)
    playwright.expect(page.get_by_role("button", name="Hint 1")).to_have_count(0)


def test_hints_are_told_by_keys_alone(page, address):
    picture = asked(page, address, "a.jpg", astronaut())
    picture.focus()
    page.keyboard.press("Enter")
    wait_label(page, "no colour yet, 50 % from left, 50 % from top")
    page.keyboard.press("Escape")
    playwright.expect(page.get_by_role("button", name="Hint 1")).to_have_count(0)
    page.keyboard.press("Enter")
    for _ in range(8):
        page.keyboard.press("Shift+ArrowDown")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    wait_label(page, "no colour yet, 35 % from left, 90 % from top")
    page.get_by_label("Any colour").fill(BLUE)
    wait_blue(page, picture, *SLEEVE)
    page.get_by_role("button", name="Hint 1").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_label(page, "37 % from left")
    page.keyboard.press("Control+z")  # both at once
    wait_label(page, "35 % from left")
    page.keyboard.press("Control+z")
    wait_blue(page, picture, *SLEEVE, expected=False)
    page.keyboard.press("Control+Shift+Z")
    wait_blue(page, picture, *SLEEVE)
    page.get_by_role("button", name="Hint 1").focus()
    outline = "getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Delete")
    wait_blue(page, picture, *SLEEVE, expected=False)


def test_a_finger_tells_a_colour_on_a_phone(browser, address):
    options = {"viewport": {"width": 400, "height": 800}, "has_touch": True, "is_mobile": True}
    page = browser.new_context(**options, color_scheme="dark").new_page()
    picture = asked(page, address, "a.jpg", astronaut())
    box = picture.bounding_box()
    assert box["width"] < 400
    page.touchscreen.tap(box["x"] + 0.35 * box["width"], box["y"] + 0.9 * box["height"])
    page.get_by_label("Any colour").fill(BLUE)
    wait_blue(page, picture, *SLEEVE)
    picture.scroll_into_view_if_needed()
    swipe(page, picture.bounding_box(), (0.35, 0.9), (0.5, 0.5), WALL)
    wait_blue(page, picture, *WALL)
    wait_blue(page, picture, *SLEEVE, expected=False)
    screenshot(page, "try_it-hints-narrow-dark")
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 400
    page.context.close()


def swipe(page, box: dict, *places: tuple[float, float]) -> None:
    """Moves a finger over an element; places: shares of its width and height."""
    send = page.context.new_cdp_session(page).send
    for number, (x, y) in enumerate(places):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_visitors_do_not_see_each_others_hints_on_a_large_picture(browser, address):
    first, second = (browser.new_context().new_page() for _ in range(2))
    pictures = [asked(first, address, "a.jpg", astronaut((6000, 4000)))]
    pictures.append(asked(second, address, "a.jpg", astronaut()))
    click(pictures[0], *SLEEVE)
    first.get_by_label("Any colour").fill(BLUE)
    wait_blue(first, pictures[0], *SLEEVE)
    click(pictures[1], *WALL)
    second.get_by_role("button", name="Grey", exact=True).click()
    see(second, "1 hint.")
    settle(second)
    wait_blue(second, pictures[1], *SLEEVE, expected=False)
    playwright.expect(first.get_by_role("button", name="Hint 2")).to_have_count(0)
    with first.expect_download() as download:
        first.get_by_role("button", name="Download PNG").click()
    with Image.open(download.value.path()) as coloured:
        assert coloured.size == (6000, 4000)
        red, _, blue = coloured.getpixel((2100, 3600))
    assert blue > red + 30
    for page in (first, second):
        page.context.close()
