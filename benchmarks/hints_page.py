"""Seconds in the browser from choosing a colour of a hint until the picture shows it, on Try it.

A visitor drops a photograph, switches "Tell it a colour" on, and tells four colours; this three
times, each time as a new visitor. The first of the four counts apart, because after it what spreads
hints is there. The time runs from the click on the colour until the new picture is drawn.
"""

import argparse
import json
from pathlib import Path
from statistics import median

from benchmarks import dashboard_server
from benchmarks.clips import GALLERY

VISITORS = 3
PLACES = ((0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7))  # shares of the picture
# Resolves with the seconds from the next click until the image is another one, and drawn
CHANGED = """image => new Promise(resolve => {
    let start
    addEventListener("click", () => { start = performance.now() }, { capture: true, once: true })
    new MutationObserver(() => image.decode().then(
        () => requestAnimationFrame(() => resolve((performance.now() - start) / 1000))
    )).observe(image, { attributes: true, attributeFilter: ["src"] })
})"""
WATCH = f"image => {{ window.changed = ({CHANGED})(image) }}"


def visit(page, address: str, photograph: Path) -> list[float]:
    """The seconds of each hint of one visitor."""
    page.goto(f"{address}/try_it")
    page.locator("input[type=file]").set_input_files(photograph)
    page.get_by_text("Tell it a colour").click()
    picture = page.get_by_role("group", name=f"{photograph.name}, Enter adds a hint")
    picture.scroll_into_view_if_needed()
    page.wait_for_timeout(2000)  # a visitor looks for a place
    seconds = []
    for x, y in PLACES:
        box = picture.bounding_box()
        picture.click(position={"x": x * box["width"], "y": y * box["height"]})
        page.wait_for_timeout(500)  # and chooses a colour
        picture.locator("img").first.evaluate(WATCH)
        page.get_by_role("button", name="Likely colour").last.click()
        seconds.append(page.evaluate("window.changed"))
    return seconds


def main(argv: list[str] | None = None) -> None:
    argparse.ArgumentParser(prog="python -m benchmarks.hints_page", description=__doc__).parse_args(
        argv
    )
    root, photograph = Path(__file__).parents[1], sorted(GALLERY.glob("*.jpg"))[0]
    with dashboard_server.browser() as chromium, dashboard_server.served(root) as (address, *_):
        rows = []
        for _ in range(VISITORS):
            page = chromium.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            rows.append(visit(page, address, photograph))
            page.context.close()
    seconds = {"page_first_s": [row[0] for row in rows]}
    seconds["page_next_s"] = [each for row in rows for each in row[1:]]
    medians = {key: round(median(values), 2) for key, values in seconds.items()}
    print(json.dumps(medians | {"slowest_s": round(max(map(max, seconds.values())), 2)}))


if __name__ == "__main__":
    main()
