import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from support.project import DASHBOARD, make_evaluation, make_project, make_run

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
pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parent / "screenshots"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_project(folder)
    make_evaluation(folder, "many", n=14)
    return folder


@pytest.fixture(scope="module")
def address(root, tmp_path_factory) -> Iterator[str]:
    """The dashboard of the project at `root`, started from another folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "app.py")]
    command += ["--server.headless", "true", "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=os.environ | {"COLORNET_ROOT": str(root)},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        deadline = time.time() + 60
        while not ready(address):
            assert time.time() < deadline, "the dashboard did not start"
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health") as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def page(browser) -> Iterator:
    """A page on which nothing may go wrong and which may ask no other host for anything."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    wrong = []

    def asked(request):
        if urlsplit(request.url).hostname not in ("localhost", None):
            wrong.append(f"asks another host: {request.url}")

    def answered(response):
        # Below a page's own address Streamlit looks for its server in vain before it finds it
        if response.status >= 400 and "/_stcore/" not in response.url:
            wrong.append(f"{response.status}: {response.url}")

    def logged(line):
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            wrong.append(line.text)

    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", logged)
    page.on("request", asked)
    page.on("response", answered)
    yield page
    assert page.locator("[data-testid=stException]").count() == 0
    page.close()
    assert not wrong


def see(page, text) -> None:
    """Waits until a text is visible."""
    playwright.expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)


def settle(page) -> None:
    """Waits until nothing runs and all pictures are there."""
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_load_state("networkidle")
    playwright.expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth)")


def keep(page, name: str) -> None:
    """Leaves a screenshot of the whole page, as tall as it is."""
    settle(page)
    inner = "document.querySelector('[data-testid=stMain]').scrollHeight"
    height = page.evaluate(f"Math.min(4000, {inner} + 60)")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.wait_for_timeout(500)  # charts and tables fit themselves to the new size
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_curves_are_chosen_by_rows_and_enlarged_by_a_rectangle(page, address):
    page.goto(address)
    see(page, "Thick: validation.")
    traces = page.locator(".js-plotly-plot .scatterlayer .trace")
    playwright.expect(traces).to_have_count(6)
    see(page, "photograph")
    keep(page, "curves")
    table = page.get_by_test_id("stDataFrame").bounding_box()
    page.mouse.click(table["x"] + 15, table["y"] + 50)  # the box before the first row
    playwright.expect(traces).to_have_count(3, timeout=60_000)
    playwright.expect(page).to_have_url(re.compile("runs=one"))
    chart = page.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(chart["x"] + 100, chart["y"] + 50)
    page.mouse.down()
    page.mouse.move(chart["x"] + 200, chart["y"] + 100, steps=5)
    page.mouse.move(chart["x"] + 300, chart["y"] + 200, steps=5)
    page.mouse.up()
    playwright.expect(page).to_have_url(re.compile("zoom="), timeout=60_000)
    page.get_by_role("button", name="Whole curves").click()
    playwright.expect(page).not_to_have_url(re.compile("zoom="))


def test_a_run_that_begins_while_the_page_is_open_appears(page, address, root):
    page.goto(address)
    traces = page.locator(".js-plotly-plot .scatterlayer .trace")
    playwright.expect(traces).to_have_count(6, timeout=60_000)
    folder = make_run(root, "three")
    try:
        playwright.expect(traces).to_have_count(9, timeout=25_000)
    finally:
        shutil.rmtree(folder)


def test_results_turn_the_page_and_open_a_picture_by_key(page, address):
    page.goto(f"{address}/results?evaluation=many")
    see(page, "1 to 12 of 14 test pictures")
    keep(page, "results")
    page.get_by_role("button", name="test/012.png 8.00 dB", exact=True).click()
    see(page, "2 of 14")
    keep(page, "results-large")
    page.keyboard.press("ArrowRight")
    see(page, "3 of 14")
    slider = page.get_by_role("slider", name="test/011.png")
    slider.press("ArrowLeft")
    playwright.expect(slider).to_have_value("49")
    see(page, "3 of 14")
    page.keyboard.press("Escape")
    playwright.expect(page).not_to_have_url(re.compile("picture="))
    page.get_by_test_id("stPagination").get_by_text("2", exact=True).click()
    see(page, "13 to 14 of 14 test pictures")


def test_a_rectangle_over_the_scores_chooses_pictures(page, address):
    page.goto(f"{address}/results?evaluation=many")
    page.get_by_text("Choose by score").click()
    chart = page.locator(".nsewdrag").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 50, box["y"] + 80, steps=5)
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 100, steps=5)
    page.mouse.up()
    see(page, re.compile(r"1 to [5-7] of [5-7] test pictures"))
    keep(page, "results-chosen")
    page.get_by_role("button", name="All pictures").click()
    see(page, "1 to 12 of 14 test pictures")


def test_runs_are_compared_on_the_same_pictures(page, address):
    page.goto(f"{address}/compare")
    see(page, "two (classifier untrained)")
    keep(page, "compare")


def test_the_quiz_is_answered_by_key(page, address):
    page.goto(f"{address}/quiz")
    page.get_by_role("button", name="Start").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Left").first.wait_for()
    keep(page, "quiz")
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Next").wait_for()


def test_an_upload_that_is_no_picture_gets_a_sentence(page, address):
    page.goto(f"{address}/try_it")
    see(page, "The colours are a guess, not a record.")
    text = {"name": "<script>.jpg", "mimeType": "image/jpeg", "buffer": b"only text"}
    page.locator("input[type=file]").set_input_files([text])
    see(page, "is no picture.")
    keep(page, "try_it")


def test_the_pipeline_shows_stages_and_parameters(page, address):
    page.goto(f"{address}/pipeline")
    see(page, "up to date")
    see(page, "Parameters of the runs")
    keep(page, "pipeline")


@pytest.mark.parametrize("view", ["", "results", "compare", "quiz", "try_it", "pipeline"])
def test_a_narrow_page_is_dark_where_the_reader_likes_it_and_fits(browser, address, view):
    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme="dark")
    page.goto(f"{address}/{view}")
    page.wait_for_selector("h1", timeout=60_000)
    settle(page)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    style = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    background = re.findall(r"\d+", page.evaluate(style))
    keep(page, f"{view or 'curves'}-narrow-dark")
    page.close()
    assert wide <= 400
    assert max(map(int, background[:3])) < 64
