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
    screenshot,
    see,
    served_dashboard,
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
    page.get_by_text("Download all 8 as a zip").wait_for(timeout=160_000)
    for said in ("451 x 300", "300 x 200", "8000 x 5000", "more than the limit of 100,000,000"):
        see(page, said)
    assert page.get_by_text("is no picture").count() == 2
    assert page.get_by_test_id("stException").count() == 0 and dialogs == []
    screenshot(page, "try_it-coloured")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").first.click()
    with Image.open(download.value.path()) as picture:
        assert picture.size == (451, 300)
        assert np.ptp(np.asarray(picture).astype(int), axis=-1).max() > 20
    assert [file.name for file in root.rglob("*")] == ["pretrained"]


def test_saturation_changes_what_is_shown(page, address):
    try_it(page, address, upload("cat.jpg", encoded(chelsea(), kind="JPEG")))
    page.get_by_role("button", name="Download PNG").first.wait_for(timeout=60_000)
    sizes = []
    for saturation in ("1.00", "0.95"):
        if saturation != "1.00":
            shown = page.evaluate(SHOWN)
            page.get_by_role("slider", name="Saturation").press("ArrowLeft")
            page.wait_for_function(f"(shown) => {SHOWN} !== shown", arg=shown, timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download PNG").first.click()
        with Image.open(download.value.path()) as picture:
            sizes.append(np.ptp(np.asarray(picture).astype(int), axis=-1).mean())
    assert sizes[1] < sizes[0]


def test_two_visitors_see_only_their_own_pictures(browser, address):
    pages = [browser.new_context().new_page() for _ in range(2)]
    for number, each in enumerate(pages):
        file = upload(f"visitor{number}.jpg", encoded(chelsea().resize((300, 200)), kind="JPEG"))
        try_it(each, address, file)
    for number, each in enumerate(pages):
        each.get_by_role("button", name="Download PNG").first.wait_for(timeout=60_000)
        see(each, f"visitor{number}.jpg")
        assert each.get_by_text(f"visitor{1 - number}").count() == 0
        each.context.close()
