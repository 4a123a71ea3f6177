"""Colours that a person knows of a picture: hints, and the JSON file that holds them.

{"colornet-hints": 1, "hints": [
    {"x": 0.31, "y": 0.62, "colour": "#2f6b3a"},
    {"x": 0.80, "y": 0.10, "colour": "keep", "radius": 0.05, "time": 12.4}
]}

Knows neither pictures nor networks.
"""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

VERSION = 1
NAME = "colornet-hints"  # the key that holds the version
KEEP = "keep"
MOST = 500  # hints of one file
LARGEST = 0.25  # radius
COLOUR = re.compile("#[0-9a-fA-F]{6}")


class Hint(NamedTuple):
    """A place of a picture and the colour that it has.

    x, y: the place as a share of the upright picture's width and height, from 0 (left, top) to 1.
    colour: sRGB, each from 0 to 255, of which hue and chroma count and lightness does not; None to
    keep the network's colour there. radius: of the disc that has this colour, as a share of the
    picture's longer side, from 0 (the place alone) to 0.25. time: of a film, in seconds from its
    start; the hint serves the shot that is seen then. Pictures have no use for it.
    """

    x: float
    y: float
    colour: tuple[int, int, int] | None
    radius: float = 0.0
    time: float = 0.0


def read(file: str | Path) -> list[Hint]:
    """The hints in a file. Raises OSError, and ValueError as `parse` does."""
    return loads(Path(file).read_bytes())


def loads(text: str | bytes) -> list[Hint]:
    """The hints in a file's text or content. Raises ValueError as `parse` does."""
    try:
        content = json.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        where = f"line {error.lineno}: " if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else "it is no text in UTF-8"
        raise ValueError(f"the file is not JSON ({where}{why}); write it anew") from None
    return parse(content)


def parse(content: Any) -> list[Hint]:
    """The hints in what a JSON file holds.

    Raises ValueError with one sentence about the first mistake: what is wrong, in which hint,
    counted from 1, and what to do.
    """
    if not isinstance(content, dict) or NAME not in content:
        raise ValueError(f'the file holds no hints: it must begin with {{"{NAME}": {VERSION}')
    if content[NAME] != VERSION or isinstance(content[NAME], bool):
        raise ValueError(
            f"{NAME} is {_shown(content[NAME])}, and this colornet reads version {VERSION}:"
            " save the hints again, or install a newer colornet"
        )
    _check_keys(content, {NAME, "hints"}, "the file")
    entries = content.get("hints")
    if not isinstance(entries, list):
        raise ValueError("hints is missing or no list; write [] for none")
    if len(entries) > MOST:
        raise ValueError(f"the file has {len(entries):,} hints; {MOST} is the limit")
    return [_hint(entry, f"hint {number}") for number, entry in enumerate(entries, 1)]


def dump(hints: Iterable[Hint]) -> str:
    """The text of a file from which `read` gets the same hints."""
    entries = ",\n".join(f"  {json.dumps(_entry(hint))}" for hint in hints)
    return f'{{"{NAME}": {VERSION}, "hints": [\n{entries}\n]}}\n'


def _entry(hint: Hint) -> dict[str, Any]:
    """What a file holds of a hint: radius and time only where they differ from the default."""
    colour = KEEP if hint.colour is None else "#{:02x}{:02x}{:02x}".format(*hint.colour)
    entry: dict[str, Any] = {"x": hint.x, "y": hint.y, "colour": colour}
    more = {"radius": hint.radius, "time": hint.time}
    return entry | {key: value for key, value in more.items() if value}


def _hint(entry: Any, where: str) -> Hint:
    if not isinstance(entry, dict):
        raise ValueError(f'{where} is {_shown(entry)}; write {{"x": .., "y": .., "colour": ..}}')
    _check_keys(entry, set(Hint._fields), where)
    for key in ("x", "y", "colour"):
        if key not in entry:
            raise ValueError(f"{where} has no {key}; add it")
    return Hint(
        x=_number(entry["x"], f"{where}: x", 1),
        y=_number(entry["y"], f"{where}: y", 1),
        colour=_colour(entry["colour"], where),
        radius=_number(entry.get("radius", 0.0), f"{where}: radius", LARGEST),
        time=_number(entry.get("time", 0.0), f"{where}: time", math.inf),
    )


def _check_keys(entry: dict, known: set[str], where: str) -> None:
    for key in entry:
        if key not in known:
            raise ValueError(f"{where} has the unknown key {_shown(key)}; remove it")


def _number(value: Any, what: str, most: float) -> float:
    legal = isinstance(value, int | float) and not isinstance(value, bool)
    if not legal or not 0 <= value <= most or value == math.inf:
        limit = "0 up" if most == math.inf else f"0 to {most:g}"
        raise ValueError(f"{what} is {_shown(value)}; write a number from {limit}")
    return float(value)


def _colour(value: Any, where: str) -> tuple[int, int, int] | None:
    if value == KEEP:
        return None
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise ValueError(
            f"{where}: colour is {_shown(value)}; write six digits such as #2f6b3a, or {KEEP}"
        )
    red, green, blue = bytes.fromhex(value[1:])
    return red, green, blue


def _shown(value: Any) -> str:
    """A value in a sentence, not longer than that."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}..."
