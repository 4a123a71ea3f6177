"""The page of `colornet export --web` in a browser, opened from a disk, without a connection."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import web
from colornet import export, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from support.browser import playwright, started_browser  # noqa: F401 the fixtures
from support.onnxruntime_web import package
from support.runs import leave_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def npm_package(tmp_path_factory) -> Path:
    return package(tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="module")
def exported(npm_package, tmp_path_factory) -> Path:
    """The default network's page."""
    folder = tmp_path_factory.mktemp("exported") / "page"
    export.main(["--web", "--output", str(folder), "--onnxruntime", str(npm_package)])
    return folder


@pytest.fixture(scope="module")
def watched(browser, exported):
    """The page, ready, and what went wrong on it: requests outside of its folder, and errors."""
    wrong = []
    page = web.opened(browser, exported)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url))
    yield page, wrong
    page.context.close()


def foreign(addresses: list[str]) -> list[str]:
    return [each for each in addresses if not each.startswith("blob:null/")]


def choose(page, *files: tuple[str, bytes]) -> None:
    given = [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files]
    page.locator("input[type=file]").set_input_files(given)
    page.get_by_text("You can add more.").wait_for()


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels, mode).save(stream, "PNG")
    return stream.getvalue()


def test_photographs_get_the_colours_of_the_command_line_and_nothing_is_asked_for(
    watched, tmp_path
):
    page, wrong = watched
    for name in ("given", "here", "float32"):
        (tmp_path / name).mkdir()
    files = web.photographs(tmp_path / "given", (0, 5, 59))
    web.by_command(tmp_path / "given", tmp_path / "here")
    with web.in_float32():
        web.by_command(tmp_path / "given", tmp_path / "float32")
    pages = {file.stem: web.by_page(page, file)[0] for file in files}
    same = web.compared(pages, tmp_path / "float32")
    assert same["ab_99"] < 1 and same["equal"] > 0.99 and same["ab_mean"] < 0.05
    # In the command line's bfloat16 a colour may lie one step of 0.9 units of ab beside
    here = web.compared(pages, tmp_path / "here")
    assert here["ab_mean"] < 0.2 and here["ab_99"] < 2
    assert foreign(wrong) == []


def test_the_jpeg_is_the_same_picture(watched):
    page, _ = watched
    photograph = web.GALLERY / "gallery_01.jpg"
    as_png, as_jpeg = (web.by_page(page, photograph, kind)[0] for kind in ("png", "jpeg"))
    assert as_png.shape == as_jpeg.shape
    assert np.abs(as_png.astype(int) - as_jpeg).mean() < 4


def test_transparent_parts_lie_on_white(watched, tmp_path):
    page, _ = watched
    pixels = np.full((40, 60, 4), (10, 200, 90, 255), "uint8")
    pixels[:, 30:, 3] = 0
    (tmp_path / "half.png").write_bytes(png(pixels))
    coloured, _ = web.by_page(page, tmp_path / "half.png")
    assert (coloured[:, 31:] == 255).all() and (coloured[:, :29] < 200).all()


def test_files_that_cannot_be_coloured_are_named_with_the_reason_and_others_are_coloured(watched):
    page, _ = watched
    choose(
        page,
        ("notes.txt", b"no picture"),
        ("dot.png", png(np.zeros((31, 100), "uint8"))),
        ("huge.png", png(np.zeros((10_001, 10_000), "uint8"))),
        ("fine.png", png(np.full((40, 50), 90, "uint8"))),
    )
    page.get_by_role("heading", name="fine.png, 50 x 40").wait_for()
    lines = page.locator(".wrong li").all_inner_texts()
    assert lines == [
        "notes.txt cannot be read: it is damaged, or no JPEG, PNG or WebP.",
        "dot.png is smaller than 32 pixels.",
        "huge.png has 100,010,000 pixels, more than the limit of 100,000,000.",
    ]
    page.get_by_role("button", name="Remove fine.png").click()
    playwright.expect(page.locator("article")).to_have_count(0)


def test_keys_and_the_pointer_move_the_line(watched):
    page, _ = watched
    choose(page, ("fine.png", png(np.full((200, 300), 90, "uint8"))))
    line = page.get_by_role("slider", name="fine.png, grey beside coloured")
    line.focus()
    page.keyboard.press("ArrowRight")
    assert line.get_attribute("aria-valuetext") == "51 % grey"
    pair = page.locator(".pair").bounding_box()
    page.mouse.click(pair["x"] + pair["width"] / 4, pair["y"] + 20)
    assert line.input_value() in ("25", "24")
    page.get_by_role("button", name="Remove fine.png").click()


@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(width, scheme, watched):
    page, _ = watched
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    name = "a" * 80 + ".png"
    choose(page, (name, png(np.full((400, 1600), 90, "uint8"))))
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name=f"Remove {name}").click()


def test_a_page_without_its_folders_says_so(browser, exported, tmp_path):
    (tmp_path / "index.html").write_bytes((exported / "index.html").read_bytes())
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_text("Keep the files and the folder beside index.html").wait_for()
    page.close()


def test_a_network_of_padded_squares_and_class_scores_of_zero_colours_as_colornet_does(
    browser, npm_package, tiny_networks, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    # An untrained network has hardly any colour: this much saturation shows it
    kind = {"train": {"dataset": "tiny", "class_scores": "zeros"}, "classify": {"weights": "none"}}
    run = leave_run("final", paths.run("tiny"), saturation=40, **kind)
    export.main(["--web", "--run", str(run), "--onnxruntime", str(npm_package)])
    photograph = web.GALLERY / "gallery_05.jpg"
    page = web.opened(browser, Path("exported/tiny-web"))
    ours, _ = web.by_page(page, photograph)
    page.context.close()
    with web.in_float32():
        theirs = np.asarray(Colorizer(run)(photograph))
    assert np.ptp(lab.ab(theirs)) > 0.05
    assert np.quantile(lab.distance(lab.ab(ours), lab.ab(theirs)), 0.99) < 1
