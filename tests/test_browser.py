"""The dashboard in a browser: each page is used once, and looks right on a narrow dark screen."""

import re
import shutil
from pathlib import Path

import pytest

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
from support.project import make_evaluation, make_project, make_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_project(folder)
    make_evaluation(folder, "many", n=14)
    return folder


def test_the_first_page_shows_a_picture_and_leads_to_the_others(page, address):
    page.goto(address)
    see(page, "2 of 3 stages are up to date")
    page.get_by_role("slider", name="test/000.png").wait_for()
    screenshot(page, "home")
    page.get_by_test_id("stPageLink").get_by_role("link", name="Browse").click()
    playwright.expect(page).to_have_url(re.compile("/results"))
    see(page, "test pictures")


def test_curves_are_chosen_by_rows_and_enlarged_by_a_rectangle(page, address):
    page.goto(f"{address}/curves")
    see(page, "Thick: validation.")
    traces = page.locator(".js-plotly-plot .scatterlayer .trace")
    playwright.expect(traces).to_have_count(6)
    see(page, "photograph")
    screenshot(page, "curves")
    table = page.get_by_test_id("stDataFrame").bounding_box()
    page.mouse.click(table["x"] + 15, table["y"] + 50)  # the box before the first row
    playwright.expect(traces).to_have_count(3)
    playwright.expect(page).to_have_url(re.compile("runs=one"))
    chart = page.locator(".nsewdrag").first.bounding_box()
    draw(page, chart, (100, 50), (200, 100), (300, 200))
    playwright.expect(page).to_have_url(re.compile("zoom="))
    page.get_by_role("button", name="Whole curves").click()
    playwright.expect(page).not_to_have_url(re.compile("zoom="))


def test_a_run_that_begins_while_the_page_is_open_appears(page, address, root):
    page.goto(f"{address}/curves")
    traces = page.locator(".js-plotly-plot .scatterlayer .trace")
    playwright.expect(traces).to_have_count(6)
    folder = make_run(root, "three")
    try:
        playwright.expect(traces).to_have_count(9)
    finally:
        shutil.rmtree(folder)


def test_a_rectangle_over_an_axis_chooses_runs(page, address):
    page.goto(address)
    page.get_by_role("link", name="Curves").click()
    page.get_by_text("Parameters against scores").click()
    chart = page.get_by_test_id("stExpander").locator(".nsewdrag").first
    chart.scroll_into_view_if_needed()
    screenshot(page, "curves-against")
    box = chart.bounding_box()
    axis = box["width"] * 0.35  # the only one: of the classifier, which run `two` alone has
    draw(page, box, (axis - 40, 5), (axis, 100), (axis + 40, box["height"] * 0.7))
    playwright.expect(page).to_have_url(re.compile(r"runs=two$"))
    page.get_by_role("button", name="All runs").click()
    playwright.expect(page).not_to_have_url(re.compile("runs="))


def test_results_have_pages_and_open_a_picture_by_key(page, address):
    page.goto(f"{address}/results?evaluation=many")
    see(page, "1 to 12 of 14 test pictures")
    screenshot(page, "results")
    # No chart is there yet, but Plotly's script is on its way
    loaded = "name => performance.getEntriesByType('resource').some(e => e.name.includes(name))"
    page.wait_for_function(loaded, arg="/PlotlyChart.")
    page.get_by_role("button", name="test/012.png 8.00 dB", exact=True).click()
    see(page, "2 of 14")
    screenshot(page, "results-large")
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
    draw(page, box, (box["width"] / 2, 50), (box["width"] - 50, 80), (box["width"] - 2, 100))
    see(page, re.compile(r"1 to [5-7] of [5-7] test pictures"))
    screenshot(page, "results-chosen")
    page.get_by_role("button", name="All pictures").click()
    see(page, "1 to 12 of 14 test pictures")


def test_runs_are_compared_on_the_same_pictures(page, address):
    page.goto(f"{address}/compare")
    see(page, "two (classifier untrained)")
    screenshot(page, "compare")


def test_the_quiz_is_answered_by_key(page, address):
    page.goto(f"{address}/quiz")
    page.get_by_role("button", name="Start").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Left").first.wait_for()
    screenshot(page, "quiz")
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Next").wait_for()


def test_an_upload_that_is_no_picture_gets_a_sentence(page, address):
    page.goto(f"{address}/try_it")
    see(page, "The colours are a guess, not a record.")
    text = {"name": "<script>.jpg", "mimeType": "image/jpeg", "buffer": b"only text"}
    page.locator("input[type=file]").set_input_files([text])
    see(page, "is no picture.")
    screenshot(page, "try_it")


def test_the_pipeline_shows_stages_and_parameters(page, address):
    page.goto(f"{address}/pipeline")
    see(page, "up to date")
    see(page, "Parameters of the runs")
    screenshot(page, "pipeline")


@pytest.mark.parametrize("view", ["", "curves", "results", "compare", "quiz", "try_it", "pipeline"])
def test_a_narrow_page_fits_and_is_dark_in_a_dark_browser(browser, address, view):
    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme="dark")
    page.set_default_timeout(WAIT)
    page.goto(f"{address}/{view}")
    page.wait_for_selector("h1")
    settle(page)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    style = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    background = re.findall(r"\d+", page.evaluate(style))
    screenshot(page, f"{view or 'home'}-narrow-dark")
    page.close()
    assert wide <= 400
    assert max(map(int, background[:3])) < 64
