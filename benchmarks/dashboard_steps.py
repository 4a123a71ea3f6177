"""What the benchmark of the dashboard does on each page, and how it sees that the page reacted."""

import json
import re
from collections.abc import Callable


# What to watch: JavaScript whose value changes when the new content is there.
def shown(selector: str) -> str:
    """Whether an element is visible."""
    return f"[...document.querySelectorAll({json.dumps(selector)})].some(e => e.checkVisibility())"


def said(text: str) -> str:
    """Whether the page has this text."""
    main = "document.querySelector('[data-testid=stMain]')"
    return f"({main}?.innerText ?? '').includes({json.dumps(text)})"


def every(selector: str, attribute: str) -> str:
    """An attribute of all elements."""
    return f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.{attribute})"


# What to do: functions of a Playwright page; each waits for its control.
def called(name: str) -> re.Pattern:
    """Accessible names that begin with these words; a shortcut or a value may follow."""
    return re.compile(rf"^\W*{re.escape(name)}(?!\w)")


def press(name: str, *, role: str = "button", of: str = "stButton") -> Callable:
    """Presses the first control of that name inside an element with the data-testid `of`."""
    return lambda page: page.get_by_test_id(of).get_by_role(role, name=called(name)).first.click()


def pick(name: str) -> Callable:
    """Chooses an option of a segmented control."""
    return press(name, role="radio", of="stButtonGroup")


def touch(name: str, *, of: str) -> Callable:
    """Clicks the first element with these words, as a toggle or a closed expander."""
    return lambda page: page.get_by_test_id(of).filter(has_text=name).first.click()


def choose(name: str, option: str, *, number: int = 0) -> Callable:
    """Chooses an option of a select box; `number` counts those of the same name, from 0."""

    def act(page):
        box = page.get_by_role("combobox", name=called(name)).nth(number)
        box.scroll_into_view_if_needed()
        page.wait_for_timeout(100)  # a list closes when its page scrolls
        box.click()
        page.get_by_role("option", name=option, exact=True).first.click()

    return act


def slide(name: str, key: str) -> Callable:
    """Moves a slider by one step, with an arrow key."""
    return lambda page: page.get_by_role("slider", name=called(name)).first.press(key)


def row(number: int) -> Callable:
    """Ticks the box of a row in the first table; rows count from 0."""
    place = {"x": 18, "y": 35 * (number + 1) + 18}  # the table is a canvas without elements
    table = "[data-testid=data-grid-canvas]"
    return lambda page: page.locator(table).first.click(position=place, force=True)


def draw() -> Callable:
    """Draws a rectangle in the first chart."""
    plot = ".js-plotly-plot .nsewdrag"
    ends = {"source_position": {"x": 80, "y": 40}, "target_position": {"x": 300, "y": 160}}
    return lambda page: page.drag_and_drop(plot, plot, **ends, force=True)


def give(name: str, content: bytes) -> Callable:
    """Uploads a file."""
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
UPLOADER, LINK = "[data-testid=stFileUploader]", "stPageLink"
# view -> what must be visible for its first useful paint
VIEWS = {
    "home": said("stages are up to date"),
    "curves": shown(LINE),
    "results": shown(IMAGE),
    "try_it": shown(UPLOADER),
    "pipeline": shown("[data-testid=stDataFrame] canvas"),
    "compare": shown(IMAGE),
    "quiz": shown("[data-testid=stButton] button"),
}
TURN, LIST = "stPagination", "stMultiSelect"
# View, name, what to do, what to watch. The steps of a view follow each other on the same page.
STEPS = (
    ("home", "to Try it", press("Try it", role="link", of=LINK), shown(UPLOADER)),
    ("curves", "linear axis", touch("Logarithmic loss", of="stCheckbox"), AXES),
    ("curves", "smoothing", slide("Smoothing", "ArrowRight"), LINES),
    ("curves", "minutes", pick("minutes"), AXES),
    ("curves", "part of the chart", draw(), AXES),
    ("curves", "choose a run", row(3), LINES),
    ("curves", "another epoch", slide("Epoch", "ArrowLeft"), PICTURES),
    ("curves", "parameters against scores", touch("Parameters", of="stExpander"), AXES),
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
