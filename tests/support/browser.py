"""The dashboard in a browser: fixtures, and what tests look for on a page.

A module that imports this is skipped where there is no browser, and needs a fixture `root` with the
scope of a module: the project that the dashboard shows.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.project import DASHBOARD
from support.serving import served

LEFT_OUT = "browser tests left out: "
playwright = pytest.importorskip(
    "playwright.sync_api", reason=f"{LEFT_OUT}playwright is not installed"
)


def chromium() -> str | None:
    """The system's Chromium or Chrome, else Playwright's own."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with playwright.sync_playwright() as driver:
        own = driver.chromium.executable_path
    return own if Path(own).exists() else None


CHROMIUM = chromium()
if not CHROMIUM:
    pytest.skip(f"{LEFT_OUT}there is no Chromium", allow_module_level=True)

WAIT = 600_000  # milliseconds for what comes at once on an idle machine
playwright.expect.set_options(timeout=WAIT)
SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


# Their functions have other names than the fixtures, so that no test's argument hides an import
@pytest.fixture(scope="module", name="browser")
def started_browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module", name="address")
def served_dashboard(root, tmp_path_factory) -> Iterator[str]:
    """The dashboard of the project at `root`, started from another folder."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with served(DASHBOARD / "app.py", folder=folder, COLORNET_ROOT=str(root)) as address:
        yield address


@pytest.fixture(name="page")
def watched_page(browser) -> Iterator:
    """A page that fails the test if it has an error or asks another host for anything."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(WAIT)
    wrong = []

    def on_request(request):
        if urlsplit(request.url).hostname not in ("localhost", None):
            wrong.append(f"asks another host: {request.url}")

    def on_response(response):
        # On a page with a path Streamlit first looks for its server under that path, in vain
        if response.status >= 400 and "/_stcore/" not in response.url:
            wrong.append(f"{response.status}: {response.url}")

    def on_console(line):
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            wrong.append(line.text)

    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", on_console)
    page.on("request", on_request)
    page.on("response", on_response)
    yield page
    assert page.locator("[data-testid=stException]").count() == 0
    page.close()
    assert not wrong


def see(page, text) -> None:
    """Waits until a text is visible."""
    playwright.expect(page.get_by_text(text).first).to_be_visible()


def settle(page) -> None:
    """Waits until nothing runs and all pictures have loaded."""
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_load_state("networkidle")
    playwright.expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth)")


def screenshot(page, name: str) -> None:
    """Leaves a screenshot of the complete page, up to 4000 pixels high."""
    settle(page)
    inner = "document.querySelector('[data-testid=stMain]').scrollHeight"
    height = page.evaluate(f"Math.min(4000, {inner} + 60)")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.wait_for_timeout(500)  # charts and tables take the new size
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def draw(page, box: dict, *corners: tuple[float, float]) -> None:
    """Draws a rectangle over a chart; box: of the chart; corners: pixels from its left and top."""
    (left, top), *others = corners
    page.mouse.move(box["x"] + left, box["y"] + top)
    page.mouse.down()
    for x, y in others:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    page.mouse.up()
