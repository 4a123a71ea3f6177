"""What a visitor has said of a photograph's colours: its hints, now and before; hints files.

Knows no Streamlit and loads no network.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from colornet import hints
from colornet.hints import Hint
from dashboard.attempt import Given

ENDING = ".hints.json"
MOST = 100  # hints of a photograph: a click too many must not stop the server
STEPS = 100  # states that can be undone
UNSAFE = r'[\x00-\x1f<>:"/\\|?*]'  # in the name of a file, on some system


class History:
    """The hints of one photograph; `states[at]` counts.

    number: of the browser's last change; stroke: the changes of one movement of the visitor share
    it, and are one step; file: the id of the hints file that was taken last.
    """

    def __init__(self) -> None:
        self.states: list[tuple[Hint, ...]] = [()]
        self.at = self.number = 0
        self.stroke: int | None = None
        self.file: str | None = None

    @property
    def now(self) -> tuple[Hint, ...]:
        return self.states[self.at]

    def text(self) -> str:
        """The content of a hints file."""
        return hints.dump(self.now)

    def put(self, new: Sequence[Hint], *, stroke: int | None = None) -> None:
        """A new list of hints, which can be undone; what was undone is forgotten."""
        same = stroke is not None and stroke == self.stroke
        keep = self.at if same else self.at + 1
        self.states = [*self.states[:keep], tuple(new)][-STEPS:]
        self.at, self.stroke = len(self.states) - 1, stroke

    def go(self, at: int) -> None:
        """Undoes or does again, up to a state; one that does not exist changes nothing."""
        if 0 <= at < len(self.states):
            self.at, self.stroke = at, None

    def edit(self, change: Any) -> None:
        """What a browser sends: {"number", "hints", "stroke"}, or {"number", "at"} to undo.

        Whatever the page itself would never send changes nothing.
        """
        if not isinstance(change, dict):
            return
        numbers = {key: value for key, value in change.items() if type(value) is int}
        self.number = numbers.get("number", self.number)
        if "at" in numbers:
            self.go(numbers["at"])
        elif isinstance(sent := change.get("hints"), list) and len(sent) <= MOST:
            try:
                found = hints.parse({hints.NAME: hints.VERSION, "hints": sent})
            except ValueError:
                return
            self.put(found, stroke=numbers.get("stroke"))


def parted(givens: Iterable[Given]) -> tuple[list[Given], dict[str, Given]]:
    """Photographs, and hints files by the name, without ending, of the photograph they are for."""
    photographs, files = [], {}
    for given in givens:
        if given.name.lower().endswith(ENDING):
            files[given.name[: -len(ENDING)]] = given
        else:
            photographs.append(given)
    return photographs, files


def opened(file: Given) -> tuple[Hint, ...] | str:
    """The hints of a file, or words about what is wrong, to be read after its name."""
    try:
        content = json.loads(file.read().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return "the file is not JSON; save the hints again"
    try:
        found = hints.parse(content)
    except ValueError as error:
        return str(error)
    if len(found) > MOST:
        return f"this page takes up to {MOST} hints, and these are {len(found)}"
    return tuple(found)


def file_name(photograph: str) -> str:
    """The name under which the hints of a photograph are found again beside it."""
    return re.sub(UNSAFE, "_", stem(photograph)) + ENDING


def stem(name: str) -> str:
    """The name of a file without its ending, by which a hints file finds its photograph."""
    return PurePath(name).stem
