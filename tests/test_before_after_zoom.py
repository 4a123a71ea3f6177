"""The slider over two pictures, zoomed: by wheel, fingers, keys and buttons, and in full screen."""

import importlib
from pathlib import Path

import pytest

from support.serving import served
from support.sliders import SCRIPT, near, shown_at, spot, wait, wheel, zoom

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    importlib.import_module("support.browser")  # skips where there is no browser
    folder = tmp_path_factory.mktemp("zoom")
    (folder / "page.py").write_text(SCRIPT)
    code = str(Path(__file__).parents[1])
    with served(folder / "page.py", folder=folder, PYTHONPATH=code) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    tools = importlib.import_module("support.browser")
    with tools.playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=tools.CHROMIUM, args=tools.QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, address, request):
    """The page, as wide as the test's parameter says, or 1000 pixels."""
    size = {"width": getattr(request, "param", 1000), "height": 1100}
    page = browser.new_page(viewport=size, has_touch=True)
    page.set_default_timeout(importlib.import_module("support.browser").WAIT)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    page.locator(".pair").nth(2).wait_for()
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_function("[...document.images].every(i => i.complete)")
    yield page
    page.close()
    assert not wrong


def test_the_wheel_zooms_with_ctrl_and_keeps_the_point_under_the_pointer(page):
    x, y = spot(page, (0.8, 0.3))
    wheel(page, x, y, by=-100)
    wait(page, 0, "pair.offsetWidth > 1.2 * area.clientWidth")
    wheel(page, x, y, by=-100)
    wait(page, 0, "pair.offsetWidth > 2 * area.clientWidth")
    assert near(shown_at(page, x, y), (0.8, 0.3))
    for _ in range(3):
        wheel(page, x, y, by=100)
    wait(page, 0, "pair.offsetWidth === area.clientWidth")
    assert near(shown_at(page, x, y), (0.8, 0.3))


def test_the_wheel_alone_scrolls_the_page_and_a_hint_appears(page):
    wheel(page, *spot(page, (0.5, 0.5)), by=60, key=None)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 20")
    assert page.locator(".hint").first.inner_text() == "Ctrl + wheel zooms"
    assert page.locator(".hint").first.evaluate("e => e.getAnimations().length") == 1
    assert zoom(page) == 1


def test_a_double_click_zooms_and_back_and_a_drag_pulls_the_picture(page):
    page.mouse.dblclick(*spot(page, (0.5, 0.5)))
    wait(page, 0, "pair.offsetWidth > 2.9 * area.clientWidth")
    line = page.locator(".frame input").first
    assert line.input_value() == "50"
    middle = spot(page, (0.6, 0.6))
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1] - 30, steps=3)
    page.mouse.up()
    high = 300 * 400 / 512
    wanted = 0.5 - 0.25 / 3 + 60 / 3 / 300, 0.5 - 0.25 / 3 + 30 / 3 / high
    assert near(shown_at(page, *spot(page, (0.25, 0.25))), wanted)
    assert line.input_value() == "50"  # its grip moves it
    grip = page.locator(".grip").first.bounding_box()
    page.mouse.move(grip["x"] + 10, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] - 80, grip["y"] + 10, steps=3)
    page.mouse.up()
    assert int(line.input_value()) < 30
    page.mouse.dblclick(*spot(page, (0.9, 0.2)))
    wait(page, 0, "pair.offsetWidth === area.clientWidth")


def test_keys_zoom_and_move_and_leave_the_line_its_arrows(page):
    line = page.locator(".frame input").first
    line.focus()
    for _ in range(2):
        page.keyboard.press("+")
    assert zoom(page) == pytest.approx(2.25, abs=0.01)
    left = "e => e.scrollLeft"
    area = page.locator(".area").first
    start = area.evaluate(left)
    page.keyboard.press("ArrowLeft")
    assert line.input_value() == "49" and area.evaluate(left) == start
    page.keyboard.press("Shift+ArrowRight")
    assert line.input_value() == "49" and area.evaluate(left) == start + 40
    assert page.get_by_role("group", name="scale, zoomed to 225 %").count() == 2
    area.focus()
    page.keyboard.press("ArrowRight")
    assert area.evaluate(left) == start + 80
    page.keyboard.press("-")
    assert zoom(page) == pytest.approx(1.5, abs=0.01)
    page.keyboard.press("0")
    assert zoom(page) == 1


def test_sliders_of_one_picture_move_together_and_another_does_not(page):
    page.mouse.dblclick(*spot(page, (0.9, 0.9)))
    wait(page, 1, "pair.offsetWidth > 2.9 * area.clientWidth")
    places = [page.locator(".area").nth(n).evaluate("e => e.scrollLeft") for n in (0, 1)]
    assert places[0] == places[1] > 300
    page.locator(".area").nth(1).evaluate("e => e.scrollTo(100, 50)")
    wait(page, 0, "area.scrollLeft === 100 && area.scrollTop === 50")
    assert page.locator(".pair").nth(2).bounding_box()["height"] == 160


def test_other_pictures_and_another_run_keep_zoom_and_place(page):
    page.mouse.dblclick(*spot(page, (0.2, 0.7)))
    wait(page, 0, "pair.offsetWidth > 2.9 * area.clientWidth")
    state = "e => [e.scrollLeft, e.scrollTop, e.querySelector('.pair').offsetWidth]"
    before = page.locator(".area").first.evaluate(state)
    source = page.locator(".after").first.get_attribute("src")
    page.get_by_text("Saturated").click()
    page.wait_for_function(
        "(before) => document.querySelector('[data-testid=stBidiComponentIsolated]')"
        ".shadowRoot.querySelector('.after').src !== before",
        arg=source,
    )
    assert page.locator(".area").first.evaluate(state) == before
    page.locator(".area").nth(1).evaluate("e => e.classList.add('old')")
    page.get_by_text("Other run").click()
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=stBidiComponentIsolated]')[1]"
        "?.shadowRoot?.querySelector('.area:not(.old)')"
    )
    wait(page, 1, "pair.offsetWidth > 2.9 * area.clientWidth")
    assert page.locator(".area").nth(1).evaluate(state) == before


def test_full_screen_shows_it_large_and_keeps_the_place(page):
    page.mouse.dblclick(*spot(page, (0.2, 0.7)))
    wait(page, 0, "pair.offsetWidth > 2.9 * area.clientWidth")
    seen = shown_at(page, *spot(page, (0.45, 0.5)))
    page.get_by_role("button", name="Full screen").first.click()
    page.get_by_role("button", name="Leave full screen").wait_for()
    wait(page, 0, "area.clientWidth > 900")
    box = page.locator("figure").first.bounding_box()
    assert (box["width"], box["height"]) == (1000, 1100)
    assert near(shown_at(page, *spot(page, (0.45, 0.5))), seen)
    wheel(page, *spot(page, (0.5, 0.5)), by=100, key=None)  # there is no page to scroll
    wait(page, 0, "pair.offsetWidth < 2.5 * area.clientWidth")
    page.keyboard.press("Escape")
    wait(page, 0, "area.clientWidth === 300")


def test_without_full_screen_for_elements_it_covers_the_page(page):
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    page.get_by_role("button", name="Full screen").nth(2).click()
    page.get_by_role("button", name="Leave full screen").wait_for()
    box = page.locator("figure").nth(2).bounding_box()
    assert (box["width"], box["height"]) == (1000, 1100)
    assert page.locator(".pair").nth(2).bounding_box()["width"] == 1000  # all of a panorama
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave full screen").wait_for(state="detached")
    assert page.locator(".pair").nth(2).bounding_box()["width"] == 1600


@pytest.mark.parametrize("page", [400], indirect=True)
def test_two_fingers_zoom_on_a_telephone(page):
    x, y = spot(page, (0.5, 0.5))
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *offsets: float) -> None:
        points = [{"x": x + offset, "y": y, "id": n} for n, offset in enumerate(offsets)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(30)  # a faster finger would fling, and a tap then only stop that

    fingers("touchStart", -20)
    fingers("touchStart", -20, 20)
    for apart in (25, 30, 35, 40):
        fingers("touchMove", -apart, apart)
    fingers("touchEnd")
    wait(page, 0, "pair.offsetWidth > 1.9 * area.clientWidth")
    assert zoom(page) == pytest.approx(2, abs=0.1)
    assert near(shown_at(page, x - 60, y), (0.5 - 60 / 2 / 300, 0.5))
    assert page.locator(".frame input").first.input_value() == "50"
    left = page.locator(".area").first.evaluate("e => e.scrollLeft")
    fingers("touchStart", 60)
    for offset in (50, 30, 10, -10, -30):
        fingers("touchMove", offset)
    fingers("touchEnd")
    wait(page, 0, f"area.scrollLeft > {left} + 40")
    page.touchscreen.tap(x + 90, y)
    line = page.locator(".frame input").first.element_handle()
    page.wait_for_function("line => line.value > 75", arg=line)


def test_a_panorama_still_scrolls_and_zooms_in_its_height(page):
    page.locator(".area").nth(2).evaluate("e => e.scrollTo(200, 0)")
    high = page.locator(".area").nth(2).bounding_box()["height"]
    page.mouse.dblclick(*spot(page, (0.3, 0.5), 2))
    wait(page, 2, "pair.offsetHeight > 450")
    assert page.locator(".area").nth(2).bounding_box()["height"] == pytest.approx(high, abs=16)
    page.keyboard.press("0")
    wait(page, 2, "pair.offsetHeight === 160")
