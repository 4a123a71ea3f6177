"""Seconds until each view of the dashboard is painted and reacts to input; the server's memory.

A server shows `large_project` with 50 runs of 1,000 epochs and 10,000 test pictures. Headless
Chromium opens each view in a new browser context and takes the steps of `dashboard_steps`. The
browser measures the time from navigation or input until the new content is there and no script
runs. At last VISITORS who stay open each view at the same time, and take its steps in turn (with
`--quick` none).
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks import dashboard_server, large_project
from benchmarks.dashboard_steps import STEPS, VIEWS

VISITORS = 5
PATIENCE, SEARCH = 30, 10  # seconds to wait for new content, and for a control
# The page records when the last input came.
NOTE = """for (const kind of ["pointerdown", "pointerup", "keydown", "change"])
    addEventListener(kind, () => { window.acted = performance.now(); }, true);"""
# The time, once %s differs from `before`, no script runs and the pictures in sight are loaded.
SETTLED = """before => {
    const late = image => { const box = image.getBoundingClientRect();
        return !image.complete && box.top < innerHeight && box.bottom > 0; };
    if (!document.querySelector("[data-test-script-state=notRunning]")) return false;
    if (document.querySelector("[data-testid=stSkeleton]")) return false;
    if ([...document.images].some(late)) return false;
    return String(JSON.stringify(%s)) !== before && performance.now();
}"""


def opened(chromium, address: str, view: str) -> tuple:
    """Opens a view in a new browser context; the page, and seconds to its first useful paint."""
    page = arrived(chromium)
    page.goto(address, wait_until="commit")
    return page, painted(page, view)


def arrived(chromium):
    """The empty page of a new browser context."""
    page = chromium.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(1000 * SEARCH)
    page.add_init_script(NOTE)
    return page


def painted(page, view: str) -> float:
    """Seconds from navigation to the first useful paint, for which it waits."""
    return _settled(page, VIEWS[view], "false", f"{view}: nothing useful was painted") / 1000


def reacted(page, view: str, name: str, do: Callable, look: str) -> float:
    """Takes a step; seconds until the page has reacted."""
    from playwright.sync_api import Error

    page.wait_for_timeout(200)  # what is still loading ends in the time that a reader needs
    before = page.evaluate(f"String(JSON.stringify({look}))")
    try:
        do(page)
    except Error as error:
        sought = re.search(r"waiting for (.*)", str(error))
        missing = sought[1] if sought else error
        sys.exit(f"{view}: {name}: for {SEARCH} s this was missing or covered: {missing}")
    done = _settled(page, look, before, f"{view}: {name}: the page did not react")
    return (done - page.evaluate("window.acted")) / 1000


def _settled(page, look: str, before: str, problem: str) -> float:
    """Milliseconds from navigation until `look` has changed and no script runs.

    Exits with the sentence `problem` if that does not happen, or if the page shows an exception.
    """
    from playwright.sync_api import TimeoutError

    try:
        done = page.wait_for_function(SETTLED % look, arg=before, timeout=1000 * PATIENCE)
    except TimeoutError:
        done = None
    raised = page.get_by_test_id("stException").all_inner_texts()
    if done is None or raised:
        sys.exit(f"{problem}: {' '.join(raised) or f'waited {PATIENCE} s for {look}'}")
    return done.json_value()


def measure(chromium, address: str, *, views: dict[str, str], repeats: int) -> dict[tuple, list]:
    """(view,) -> seconds to its first paint, (view, step) -> seconds to the reaction; each time."""
    seconds: dict[tuple, list] = {}
    for _ in range(repeats):
        for view, path in views.items():
            page, first = opened(chromium, f"{address}/{path}", view)
            seconds.setdefault((view,), []).append(first)
            for step in STEPS:
                if step[0] == view:
                    seconds.setdefault(step[:2], []).append(reacted(page, *step))
            page.context.close()
    return seconds


def visit(chromium, address: str, views: dict[str, str], steps: tuple) -> None:
    """VISITORS open each view at the same time, and take its steps in turn."""
    pages = [arrived(chromium) for _ in range(VISITORS)]
    for view, path in views.items():
        for page in pages:
            page.goto(f"{address}/{path}", wait_until="commit")
        for page in pages:
            page.bring_to_front()
            painted(page, view)
            for step in steps:
                if step[0] == view:
                    reacted(page, *step)
    for page in pages:
        page.context.close()


def show(seconds: dict[tuple, list], repeats: int) -> tuple[dict, dict]:
    """Prints a row for each measurement; returns the medians of first paints and of reactions."""
    print(f"Rounds: {repeats}.\n\n| view | | median, s | lowest, s | highest, s |")
    print("|---|---|--:|--:|--:|")
    paint, act = {}, {}
    for (view, *step), values in seconds.items():
        (act if step else paint)[": ".join((view, *step))] = round(median(values), 3)
        name = step[0] if step else "**first paint**"
        print(f"| {view} | {name} | {median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
    return paint, act


def spread(seconds: dict[tuple, list]) -> dict[str, list]:
    """The lowest and the highest of each measurement."""
    ends = {": ".join(key): (min(values), max(values)) for key, values in seconds.items()}
    return {name: [round(end, 3) for end in pair] for name, pair in ends.items()}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--view", action="append", choices=VIEWS, help="only this one; repeatable")
    parser.add_argument("--quick", action="store_true", help="rougher: each once, in a minute")
    options = parser.parse_args(argv)
    pages = dashboard_server.pages()
    if new := pages.keys() - VIEWS.keys():
        sys.exit(f"{', '.join(new)}: add this view to VIEWS and STEPS in dashboard_steps.py.")
    views = {view: path for view, path in pages.items() if view in (options.view or pages)}
    repeats = 1 if options.quick else 5
    with tempfile.TemporaryDirectory() as folder, dashboard_server.browser() as chromium:
        large_project.make(Path(folder))
        with dashboard_server.served(Path(folder)) as (address, server, most):
            view = next(iter(views))
            page, cold = opened(chromium, f"{address}/{views[view]}", view)
            page.context.close()
            seconds = measure(chromium, address, views=views, repeats=repeats)
            alone = round(most[0])
            visit(chromium, address, views, () if options.quick else STEPS)
            tensorflow = dashboard_server.loaded(server, "libtensorflow")
    paint, act = show(seconds, repeats)
    print(f"\nThe first page of the server, {view}: {cold:.2f} s.", end=" ")
    print(f"{alone} MB at most with a visitor, {most[0]:.0f} with {VISITORS}.", end=" ")
    print(f"TensorFlow {'' if tensorflow else 'not '}loaded.")
    figures = {"first_paint_s": paint, "first_paint_worst_s": max(paint.values())}
    figures |= {"interaction_s": act, "interaction_worst_s": max(act.values(), default=None)}
    figures |= {"cold_first_paint_s": round(cold, 3), "memory_mb": alone}
    figures |= {"memory_visitors_mb": round(most[0]), "visitors": VISITORS}
    figures |= {"tensorflow_loaded": tensorflow, "repeats": repeats}
    figures |= {"lowest_highest_s": spread(seconds)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
