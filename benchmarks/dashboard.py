"""Seconds until each view of the dashboard is painted and answers, and the server's memory.

The real server shows `large_project`'s 50 runs of 1,000 epochs and 10,000 test pictures; headless
Chromium opens each view in a new browser context and does what VIEWS and STEPS say, in turn. Times
are the browser's own, from navigation or input event to new content with no script running.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks import large_project

PATIENCE, SEARCH = 30, 10  # seconds for a view or an answer, and for a control
# Kept by the page itself: when the reader last pressed, chose or typed something.
NOTE = """for (const kind of ["pointerdown", "pointerup", "keydown", "change"])
    addEventListener(kind, () => { window.acted = performance.now(); }, true);"""
# The moment, once `look` sees other than `before`, nothing runs, the pictures in sight are there.
SETTLED = """before => {
    const late = image => { const box = image.getBoundingClientRect();
        return !image.complete && box.top < innerHeight && box.bottom > 0; };
    if (!document.querySelector("[data-test-script-state=notRunning]")) return false;
    if (document.querySelector("[data-testid=stSkeleton]")) return false;
    if ([...document.images].some(late)) return false;
    return String(JSON.stringify(%s)) !== before && performance.now();
}"""


# What to look at: JavaScript whose value changes when the new content is there.
def shown(selector: str) -> str:
    return f"[...document.querySelectorAll({json.dumps(selector)})].some(e => e.checkVisibility())"


def said(text: str) -> str:
    main = "document.querySelector('[data-testid=stMain]')"
    return f"({main}?.innerText ?? '').includes({json.dumps(text)})"


def every(selector: str, attribute: str) -> str:
    return f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.{attribute})"


# What to do: functions of Playwright's page, each waiting for its control.
def called(name: str) -> re.Pattern:
    """Any accessible name that begins so: what follows may be a shortcut or a value."""
    return re.compile(rf"^\W*{re.escape(name)}(?!\w)")


def press(name: str, *, role: str = "button", of: str = "stButton") -> Callable:
    """The first that is called so inside of the data-testid `of`."""
    return lambda page: page.get_by_test_id(of).get_by_role(role, name=called(name)).first.click()


def pick(name: str) -> Callable:
    """One of a segmented control."""
    return press(name, role="radio", of="stButtonGroup")


def touch(name: str, *, of: str) -> Callable:
    """The first thing with these words in it: a toggle, a closed expander."""
    return lambda page: page.get_by_test_id(of).filter(has_text=name).first.click()


def choose(name: str, option: str, *, number: int = 0) -> Callable:
    """From a select box, or one more of a multiple choice; the first that is called so is 0."""

    def act(page):
        box = page.get_by_role("combobox", name=called(name)).nth(number)
        box.scroll_into_view_if_needed()
        page.wait_for_timeout(100)  # a list closes when its page scrolls
        box.click()
        page.get_by_role("option", name=option, exact=True).first.click()

    return act


def slide(name: str, key: str) -> Callable:
    """One step of a slider by an arrow key."""
    return lambda page: page.get_by_role("slider", name=called(name)).first.press(key)


def row(number: int) -> Callable:
    """The box before a row, the first being 0, of the table that rows are chosen in."""
    place = {"x": 18, "y": 35 * (number + 1) + 18}  # its canvas has no elements to point at
    table = "[data-testid=data-grid-canvas]"
    return lambda page: page.locator(table).first.click(position=place, force=True)


def draw() -> Callable:
    """A rectangle in the first chart."""
    plot = ".js-plotly-plot .nsewdrag"
    ends = {"source_position": {"x": 80, "y": 40}, "target_position": {"x": 300, "y": 160}}
    return lambda page: page.drag_and_drop(plot, plot, **ends, force=True)


def give(name: str, content: bytes) -> Callable:
    """A file to an uploader."""
    file = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    return lambda page: page.locator("input[type=file]").first.set_input_files([file])


LINE = ".js-plotly-plot .scatterlayer .trace"
LINES = every(LINE, "tagName")
AXES = every(".js-plotly-plot text", "textContent")
IMAGE = "[data-testid=stImage] img"
TEXTS = every("[data-testid=stMarkdown] p", "textContent")
PICTURES = every(IMAGE, "alt")
CELLS = every("[data-testid=stDataFrame] td", "innerText")
GRAPHS = every("[data-testid=stGraphVizChart] text", "textContent")
# view -> what makes its first paint a useful one
VIEWS = {
    "curves": shown(LINE),
    "results": shown(IMAGE),
    "try_it": shown("[data-testid=stFileUploader]"),
    "pipeline": shown("[data-testid=stDataFrame] canvas"),
    "compare": shown(IMAGE),
    "quiz": shown("[data-testid=stButton] button"),
}
TURN, LIST = "stPagination", "stMultiSelect"
# View, name, what to do, what to look at. Those of one view follow each other on the same page.
STEPS = (
    ("curves", "linear axis", touch("Logarithmic loss", of="stCheckbox"), AXES),
    ("curves", "smoothing", slide("Smoothing", "ArrowRight"), LINES),
    ("curves", "minutes", pick("minutes"), AXES),
    ("curves", "part of the chart", draw(), AXES),
    ("curves", "choose a run", row(3), LINES),
    ("curves", "another epoch", slide("Epoch", "ArrowLeft"), PICTURES),
    ("results", "turn the page", press("Page 2", of=TURN), said("13 to 24 of")),
    ("results", "worst first", pick("worst first"), PICTURES),
    ("results", "another score", choose("Score", "SSIM"), PICTURES),
    ("results", "another evaluation", choose("Evaluation", "second"), PICTURES),
    ("results", "cats", pick("cat"), TEXTS),
    ("results", "the charts", touch("Choose by", of="stExpander"), shown(".main-svg")),
    ("results", "part of a chart", draw(), TEXTS),
    ("results", "one large", press("test"), shown("[role=dialog] .js-plotly-plot")),
    ("results", "the next", press("Next"), every("[role=dialog] img", "alt")),
    ("try_it", "no picture", give("text.jpg", b"only text"), said("is no picture.")),
    ("try_it", "no run", press("Clear all", of=LIST), said("Choose at least one")),
    ("pipeline", "one stage", choose("Show what is", "evaluate@beta-sample"), GRAPHS),
    ("pipeline", "a run's parameters", choose("Run", "run-03"), CELLS),
    ("pipeline", "a network", choose("Run", "run-03", number=1), GRAPHS),
    ("compare", "turn the page", press("Page 2", of=TURN), said("11 to 20 of")),
    ("compare", "by one's score", choose("Order", "score of second"), PICTURES),
    ("compare", "worst first", pick("worst first"), PICTURES),
    ("compare", "another score", choose("Score", "SSIM"), PICTURES),
    ("compare", "large", pick("large"), every(IMAGE, "width")),
    ("compare", "no evaluation", press("Clear all", of=LIST), said("at least one")),
    ("quiz", "start", press("Start"), said("Which of the two")),
    ("quiz", "answer", press("Left"), said("PSNR")),
    ("quiz", "next", press("Next"), said("Picture 2 of")),
    ("quiz", "end", press("End the round"), said("Fooled in")),
)


def opened(chromium, address: str, view: str) -> tuple:
    """A view in a new browser context, and the seconds until its first useful paint."""
    page = chromium.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(1000 * SEARCH)
    page.add_init_script(NOTE)
    page.goto(address, wait_until="commit")
    return page, _settled(page, VIEWS[view], "false", f"{view}: nothing useful was painted") / 1000


def answered(page, view: str, name: str, do: Callable, look: str) -> float:
    """Does a step; seconds until its answer is there."""
    from playwright.sync_api import Error

    trouble = f"{view}: {name}"
    page.wait_for_timeout(200)  # a reader's pause, in which what still loads comes to rest
    before = page.evaluate(f"String(JSON.stringify({look}))")
    try:
        do(page)
    except Error as error:
        sought = re.search(r"waiting for (.*)", str(error))
        sys.exit(
            f"{trouble}: for {SEARCH} s not there or covered: {sought[1] if sought else error}"
        )
    done = _settled(page, look, before, f"{trouble}: no answer came")
    return (done - page.evaluate("window.acted")) / 1000


def _settled(page, look: str, before: str, trouble: str) -> float:
    """Milliseconds from navigation to when `look` has changed and nothing runs."""
    from playwright.sync_api import TimeoutError

    try:
        done = page.wait_for_function(SETTLED % look, arg=before, timeout=1000 * PATIENCE)
    except TimeoutError:
        done = None
    raised = page.get_by_test_id("stException").all_inner_texts()
    if done is None or raised:
        sys.exit(f"{trouble}: {' '.join(raised) or f'waited {PATIENCE} s for {look}'}")
    return done.json_value()


def measure(chromium, address: str, *, views: dict[str, str], repeats: int) -> dict[tuple, list]:
    """(view,) -> seconds of its first paints, (view, step) -> those of the step's answers."""
    seconds: dict[tuple, list] = {}
    for _ in range(repeats):
        for view, path in views.items():
            page, first = opened(chromium, f"{address}/{path}", view)
            seconds.setdefault((view,), []).append(first)
            for step in STEPS:
                if step[0] == view:
                    seconds.setdefault(step[:2], []).append(answered(page, *step))
            page.context.close()
    return seconds


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--view", action="append", choices=VIEWS, help="this one only; repeatable")
    parser.add_argument("--quick", action="store_true", help="rougher: each once, in under 50 s")
    options = parser.parse_args(argv)
    pages = large_project.pages()
    if new := pages.keys() - VIEWS.keys():
        sys.exit(f"VIEWS and STEPS need lines for the new {', '.join(new)} of dashboard/app.py.")
    views = {view: path for view, path in pages.items() if view in (options.view or pages)}
    repeats = 1 if options.quick else 5
    with tempfile.TemporaryDirectory() as folder, large_project.browser() as chromium:
        large_project.make(Path(folder))
        with large_project.served(Path(folder)) as (address, server, most):
            view = next(iter(views))
            page, cold = opened(chromium, f"{address}/{views[view]}", view)
            page.context.close()
            seconds = measure(chromium, address, views=views, repeats=repeats)
            tensorflow = large_project.loaded(server, "libtensorflow")
    print(f"| view | | median of {repeats}, s | slowest, s |\n|---|---|--:|--:|")
    print(f"| {view} | the server's first page | {cold:.2f} | |")
    paint, act = {}, {}
    for (view, *step), values in seconds.items():
        (act if step else paint)[": ".join((view, *step))] = round(median(values), 3)
        name = step[0] if step else "**first paint**"
        print(f"| {view} | {name} | {median(values):.2f} | {max(values):.2f} |")
    print(f"\nServer: {most[0]:.0f} MB at most, TensorFlow {'' if tensorflow else 'not '}loaded.")
    figures = {"first_paint_s": paint, "first_paint_worst_s": max(paint.values())}
    figures |= {"interaction_s": act, "interaction_worst_s": max(act.values(), default=None)}
    figures |= {"cold_first_paint_s": round(cold, 3), "memory_mb": round(most[0])}
    figures |= {"tensorflow_loaded": tensorflow, "repeats": repeats}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
