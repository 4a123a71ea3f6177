"""The Try it page: what a visitor tells of a photograph's colours, and what it changes."""

import io
import json
import zipfile

import numpy as np
import pytest

from colornet import hints
from colornet.colorizer import Colorizer
from colornet.images import photo
from dashboard.hints import History
from support.pages import ran
from support.pictures import colourful
from support.project import make_project, make_run
from support.try_it import (  # noqa: F401 the fixtures
    AB,
    decoded,
    drop,
    encoded,
    offered_downloads,
    opened,
    replaced_networks,
    sliders,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("root")]
GREEN = {"x": 0.25, "y": 0.5, "colour": "#208020"}
FILE = b'{"colornet-hints": 1, "hints": [{"x": 0.25, "y": 0.5, "colour": "#208020"}]}'


def histories(page) -> list[History]:
    kept = page.session_state["kept"]
    return [kept[key][1] for key in kept if key[1] == "hints"]


def told(page, change: dict, *, photograph: int = 0):
    """The page after a visitor's change, as the browser sends it."""
    history = histories(page)[photograph]
    history.edit({"number": history.number + 1} | change)
    return ran(page)


def shown(page) -> list[np.ndarray]:
    """All coloured pictures, the editors' left out."""
    return [decoded(each["after"]["url"]) for each in sliders(page) if "after" in each]


def editors(page) -> list[dict]:
    return [each for each in sliders(page) if "hints" in each]


def is_green(picture: np.ndarray) -> bool:
    """At the place of the hint."""
    height, width = picture.shape[:2]
    red, green, blue = picture[height // 2, width // 4].astype(int)
    return green > red + 15 and green > blue + 15


def test_nothing_is_spread_and_no_picture_to_click_on_is_there_until_it_is_asked_for(root, asked):
    make_run(root, "one")
    page = drop(opened(), ("cat.png", encoded()))
    assert editors(page) == []
    assert {key[1] for key in page.session_state["kept"]} == {"small", "hints", "one"}
    page.toggle[0].set_value(True)
    [editor] = editors(ran(page))
    assert editor["hints"] == [] and (editor["at"], editor["last"]) == (0, 0)
    assert (editor["width"], editor["height"]) == (60, 40)


def test_a_hint_acts_on_every_run_and_download_and_is_undone(root, asked, offered):
    make_project(root)
    page = drop(opened(), ("a.png", encoded()), ("b.png", encoded()))
    before = shown(page)
    assert not any(map(is_green, before))
    told(page, {"hints": [GREEN]})
    assert list(map(is_green, shown(page))) == [True, True, False, False]
    assert asked == ["one", "two"] * 2
    files = dict(offered)
    for name in ("a-one.png", "a-two.png", "b-one.png"):
        assert is_green(np.asarray(photo.read(files[name]()))) == name.startswith("a")
    with zipfile.ZipFile(io.BytesIO(files["coloured.zip"]())) as archive:
        inside = [photo.read(archive.read(name)) for name in archive.namelist()]
    assert [is_green(np.asarray(each)) for each in inside] == [True, True, False, False]
    told(page, {"at": 0})
    assert all(np.array_equal(*pair) for pair in zip(before, shown(page), strict=True))
    told(page, {"at": 1})
    assert is_green(shown(page)[0])


def test_a_download_has_the_pixels_of_the_command(root, asked, offered, monkeypatch):
    make_run(root, "one")
    picture = colourful(0).resize((600, 400))
    page = drop(opened(), ("a.png", encoded(picture)))
    told(page, {"hints": [GREEN, GREEN | {"x": 0.8, "colour": "keep"}]})
    network = object.__new__(Colorizer)
    network.saturation, network.keep_dots = 1.5, False
    monkeypatch.setattr(Colorizer, "colours", lambda *_: AB)
    expected = network(picture, hints=hints.parse(json.loads(histories(page)[0].text())))
    assert photo.read(dict(offered)["a-one.png"]()).tobytes() == expected.tobytes()


def test_hints_survive_another_run_and_saturation(root, asked):
    make_project(root)
    page = drop(opened(), ("a.png", encoded()))
    page.toggle[0].set_value(True)
    told(page, {"hints": [GREEN]})
    assert [hint["colour"] for hint in editors(page)[0]["hints"]] == ["#208020"]
    page.slider[0].set_value(0)
    assert all(map(is_green, shown(ran(page))))
    page.multiselect[0].unselect("one")
    assert list(map(is_green, shown(ran(page)))) == [True]
    assert editors(page)[0]["at"] == 1
    page.multiselect[0].unselect("two")
    assert shown(ran(page)) == []
    page.multiselect[0].select("one")
    assert list(map(is_green, shown(ran(page)))) == [True]


def test_a_hint_that_keeps_the_colour_changes_nothing(root, asked):
    make_run(root, "one")
    page = drop(opened(), ("a.png", encoded()))
    [before] = shown(page)
    [after] = shown(told(page, {"hints": [GREEN | {"colour": "keep"}]}))
    assert np.abs(after.astype(int) - before).max() <= 4  # of a JPEG


def test_saved_hints_are_taken_with_their_photograph(root, asked, offered):
    make_run(root, "one")
    page = drop(opened(), ("my cat.png", encoded()), ("my cat.hints.json", FILE))
    assert list(map(is_green, shown(page))) == [True] and not page.warning
    page.toggle[0].set_value(True)
    ran(page)
    assert offered[-1][0] == "my cat.hints.json" and "#208020" in offered[-1][1]()
    told(page, {"at": 0})
    assert not is_green(shown(page)[0])  # the file is not taken again
    assert not is_green(shown(ran(page))[0])


def test_a_hints_file_with_a_mistake_or_alone_gets_a_sentence(root, asked):
    make_run(root, "one")
    bad = ("a.hints.json", b'{"colornet-hints": 1, "hints": [{"x": 7}]}')
    page = drop(opened(), ("a.png", encoded()), bad, ("b.hints.json", FILE))
    assert [each.value for each in page.warning] == [
        "`a.hints.json`: hint 1 has no y; add it.",
        "`b.hints.json`: drop it together with its photograph.",
    ]
    assert len(shown(page)) == 1


def test_visitors_do_not_see_each_others_hints(root, asked):
    make_run(root, "one")
    first, second = (drop(opened(), ("a.png", encoded())) for _ in range(2))
    told(first, {"hints": [GREEN]})
    assert is_green(shown(first)[0]) and not is_green(shown(ran(second))[0])


def test_a_removed_photograph_takes_its_hints_along(root, asked):
    make_run(root, "one")
    page = drop(opened(), ("a.png", encoded()))
    told(page, {"hints": [GREEN]})
    drop(page)
    assert page.session_state["kept"] == {}


@pytest.mark.parametrize("size", [(32, 32), (3000, 32), (32, 3000)])
def test_the_smallest_and_narrowest_pictures_take_hints(root, asked, offered, size):
    make_run(root, "one")
    page = drop(opened(), ("a.png", encoded(colourful(0).resize(size))))
    page.toggle[0].set_value(True)
    told(page, {"hints": [GREEN, GREEN | {"x": 1, "y": 1, "colour": "#808080"}]})
    assert len(editors(page)[0]["hints"]) == 2
    assert photo.read(dict(offered)["a-one.png"]()).size == size
