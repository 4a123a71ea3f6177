"""The Try it page in a browser with a shipped network: good and bad files of visitors."""

import struct
import zlib
from pathlib import Path

import numpy as np
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
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


# The coloured picture of the first before-and-after slider on the page
SHOWN = (
    "document.querySelector('[data-testid=stBidiComponentIsolated]')"
    ".shadowRoot.querySelector('.after').src"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    (folder / "pretrained").symlink_to(paths.PRETRAINED.resolve())
    return folder


def upload(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def bomb() -> bytes:
    """A PNG of a few bytes whose header says 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def try_it(page, address, *files: dict):
    page.goto(f"{address}/try_it")
    see(page, "The colours are a guess, not a record.")
    page.locator("input[type=file]").set_input_files(list(files))


def chelsea() -> Image.Image:
    return Image.fromarray(data.chelsea())


def test_good_files_are_coloured_beside_bad_ones(page, address, root):
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    slope = np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype("uint16")
    large = Image.linear_gradient("L").resize((8000, 5000))
    try_it(
        page,
        address,
        upload("cat.jpg", encoded(chelsea(), kind="JPEG")),
        upload("deep.png", encoded(Image.fromarray(slope), kind="PNG")),
        upload("<script>alert(2)<script>.jpg", encoded(chelsea().resize((90, 60)), kind="JPEG")),
        upload("large.jpg", encoded(large, kind="JPEG")),
        upload("text.jpg", b"only text"),
        upload("bomb.png", bomb()),
        upload("drawing.svg", SVG),
    )
    # Four pictures by two networks, and TensorFlow to load on a machine with other tests
    page.get_by_text("Download all 8 as a zip").wait_for()
    for said in ("451 x 300", "300 x 200", "8000 x 5000", "more than the limit of 100,000,000"):
        see(page, said)
    see(page, "is no picture")
    see(page, "is an SVG drawing")
    assert page.get_by_test_id("stException").count() == 0 and dialogs == []
    screenshot(page, "try_it-coloured")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").first.click()
    with Image.open(download.value.path()) as picture:
        assert picture.size == (451, 300)
        assert np.ptp(np.asarray(picture).astype(int), axis=-1).max() > 20
    assert [file.name for file in root.rglob("*")] == ["pretrained"]


def panorama() -> bytes:
    return encoded(chelsea().resize((6000, 100)), kind="PNG")


# Where the picture that scrolls begins, how wide its part in sight is, and where its line is
STRIP = """area => [area.scrollLeft, area.clientWidth,
    parseFloat(area.querySelector('.pair').style.getPropertyValue('--at'))]"""


def test_a_panorama_scrolls_below_the_line(page, address):
    try_it(page, address, upload("wide.png", panorama()))
    area = page.get_by_role("group", name="wide.png, scrolls").first
    area.wait_for()
    settle(page)
    begins, width, at = area.evaluate(STRIP)
    assert begins == 0 and width > 600 and at == pytest.approx(width / 2, abs=1)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 50)
    page.mouse.wheel(1000, 0)
    page.wait_for_function("area => area.scrollLeft === 1000", arg=area.element_handle())
    page.wait_for_function(f"area => ({STRIP})(area)[2] > 1000", arg=area.element_handle())
    draw(page, box, (200, 50), (300, 60))  # the mouse moves the line and does not scroll
    assert area.evaluate(STRIP)[::2] == [1000, pytest.approx(1300, abs=width / 100)]
    slider = page.get_by_role("slider", name="wide.png").first
    before = int(slider.input_value())
    slider.press("ArrowLeft")
    assert int(slider.input_value()) == before - 1
    assert area.evaluate(STRIP)[2] == pytest.approx(1000 + width * (before - 1) / 100, abs=1)
    screenshot(page, "try_it-panorama")


def test_a_finger_scrolls_a_panorama_and_moves_its_line_by_the_grip(browser, address):
    options = {"viewport": {"width": 400, "height": 800}, "has_touch": True, "is_mobile": True}
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(WAIT)
    try_it(page, address, upload("wide.png", panorama()))
    area = page.get_by_role("group", name="wide.png, scrolls").first
    area.wait_for()
    settle(page)
    area.scroll_into_view_if_needed()
    box, width = area.bounding_box(), area.evaluate(STRIP)[1]
    swipe(page, box, *range(300, 100, -40))
    page.wait_for_function("area => area.scrollLeft > 50", arg=area.element_handle())
    slider = page.get_by_role("slider", name="wide.png").first
    assert slider.input_value() == "50"
    swipe(page, box, width / 2, width / 2 + 30, width / 2 + 60, y=area.bounding_box()["height"] / 2)
    assert int(slider.input_value()) == pytest.approx(50 + 6000 / width, abs=2)
    page.touchscreen.tap(box["x"] + 30, box["y"] + 20)
    page.wait_for_function("range => range.value < 20", arg=slider.element_handle())
    screenshot(page, "try_it-panorama-narrow")
    page.context.close()


def swipe(page, box: dict, *lefts: float, y: float = 60) -> None:
    """Moves a finger over an element; lefts, y: pixels from its left and top."""
    send = page.context.new_cdp_session(page).send
    for number, left in enumerate(lefts):
        point = {"x": box["x"] + left, "y": box["y"] + y}
        kind = "touchMove" if number else "touchStart"
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        page.wait_for_timeout(30)  # a faster finger would fling
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_file_above_the_limit_gets_a_sentence_in_sight(page, address, tmp_path):
    sentence = page.get_by_text("takes files of up to 50 MB each")
    good = tmp_path / "text.jpg"
    good.write_text("only text")
    page.goto(f"{address}/try_it")
    see(page, "The colours are a guess, not a record.")
    page.locator("input[type=file]").set_input_files(good)
    see(page, "is no picture")
    playwright.expect(sentence).to_be_hidden()
    with open(tmp_path / "large.tif", "wb") as large:
        large.truncate(60_000_000)
    page.locator("input[type=file]").set_input_files(tmp_path / "large.tif")
    playwright.expect(sentence).to_be_visible()
    screenshot(page, "try_it-too-large")


def test_saturation_changes_what_is_shown(page, address):
    try_it(page, address, upload("cat.jpg", encoded(chelsea(), kind="JPEG")))
    page.get_by_role("button", name="Download PNG").first.wait_for()
    sizes = []
    for saturation in ("1.00", "0.95"):
        if saturation != "1.00":
            shown = page.evaluate(SHOWN)
            page.get_by_role("slider", name="Saturation").press("ArrowLeft")
            page.wait_for_function(f"(shown) => {SHOWN} !== shown", arg=shown)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download PNG").first.click()
        with Image.open(download.value.path()) as picture:
            sizes.append(np.ptp(np.asarray(picture).astype(int), axis=-1).mean())
    assert sizes[1] < sizes[0]


def test_two_visitors_see_only_their_own_pictures(browser, address):
    pages = [browser.new_context().new_page() for _ in range(2)]
    for number, each in enumerate(pages):
        each.set_default_timeout(WAIT)
        file = upload(f"visitor{number}.jpg", encoded(chelsea().resize((300, 200)), kind="JPEG"))
        try_it(each, address, file)
    for number, each in enumerate(pages):
        each.get_by_role("button", name="Download PNG").first.wait_for()
        see(each, f"visitor{number}.jpg")
        assert each.get_by_text(f"visitor{1 - number}").count() == 0
        each.context.close()
