"""A visitor's hints of one photograph: steps that can be undone, and what a browser may send."""

import pytest

from colornet.hints import Hint, dump
from dashboard import hints
from dashboard.attempt import Given
from dashboard.hints import History

RED = {"x": 0.25, "y": 0.5, "colour": "#ff0000"}
BLUE = {"x": 0.75, "y": 0.5, "colour": "#0000ff", "radius": 0.1}


def sent(*changes: dict) -> History:
    history = History()
    for number, change in enumerate(changes, 1):
        history.edit({"number": number} | change)
    return history


def colours(history: History) -> list:
    return [hint.colour for hint in history.now]


def test_hints_are_added_moved_changed_and_removed():
    history = sent({"hints": [RED]}, {"hints": [RED, BLUE]})
    assert history.now == (
        Hint(0.25, 0.5, (255, 0, 0)),
        Hint(0.75, 0.5, (0, 0, 255), radius=0.1),
    )
    history.edit({"number": 3, "hints": [RED | {"x": 0.5}, BLUE | {"colour": "keep"}]})
    assert history.now[0].x == 0.5 and history.now[1].colour is None
    history.edit({"number": 4, "hints": [BLUE]})
    assert colours(history) == [(0, 0, 255)] and history.number == 4


def test_each_change_is_undone_and_done_again():
    history = sent({"hints": [RED]}, {"hints": [RED, BLUE]})
    seen = []
    for at in (1, 0, 1, 2):
        history.edit({"number": 9, "at": at})
        seen.append(len(history.now))
    assert seen == [1, 0, 1, 2]
    history.edit({"number": 10, "at": 1})
    history.edit({"number": 11, "hints": [BLUE]})
    assert len(history.states) == 3 and colours(history) == [(0, 0, 255)]


def test_the_changes_of_one_movement_are_one_step():
    moved = [RED | {"x": x / 10} for x in range(5)]
    history = sent({"hints": [RED]}, *({"hints": [hint], "stroke": 7} for hint in moved))
    assert history.now[0].x == 0.4 and len(history.states) == 3
    history.go(1)
    history.edit({"number": 20, "hints": [moved[0]], "stroke": 7})  # another movement by now
    assert [len(state) for state in history.states] == [0, 1, 1]
    assert history.states[1][0].x == 0.25


def test_the_oldest_steps_are_forgotten():
    history = sent(*({"hints": [RED | {"x": x / 200}]} for x in range(150)))
    assert len(history.states) == hints.STEPS and history.at == hints.STEPS - 1
    assert history.now[0].x == 149 / 200


@pytest.mark.parametrize(
    "change",
    [
        None,
        "text",
        [RED],
        {},
        {"hints": {}},
        {"hints": [RED | {"x": 2}]},
        {"hints": [RED | {"colour": "<script>"}]},
        {"hints": [RED | {"more": 1}]},
        {"hints": [RED] * (hints.MOST + 1)},
        {"hints": [RED], "stroke": 1, "at": 5},
        {"at": -1},
        {"at": True},
        {"number": "1"},
    ],
)
def test_what_the_page_would_never_send_changes_nothing(change):
    history = sent({"hints": [BLUE]})
    history.edit(change)
    assert colours(history) == [(0, 0, 255)] and (history.at, history.number) == (1, 1)


def given(name: str, content: bytes = b"") -> Given:
    return Given(name, name, lambda: content)


def test_a_hints_file_belongs_to_the_photograph_of_its_name():
    photographs, files = hints.parted(
        [given("my cat.jpg"), given("my cat.hints.json"), given("a.json"), given("dog.HINTS.JSON")]
    )
    assert [each.name for each in photographs] == ["my cat.jpg", "a.json"]
    assert hints.stem("my cat.jpg") in files and set(files) == {"my cat", "dog"}
    assert hints.file_name("my cat.jpg") == "my cat.hints.json"
    assert hints.file_name("../a<b>:\n.jpg") == "a_b___.hints.json"


def test_a_saved_file_holds_the_same_hints():
    history = sent({"hints": [RED, BLUE]})
    assert hints.opened(given("a.hints.json", history.text().encode())) == history.now


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "holds no hints"),
        (b'{"colornet-hints": 1, "hints": [{"x": 1}]}', "hint 1 has no y"),
    ],
)
def test_a_mistake_in_a_hints_file_is_words(content, words):
    assert words in hints.opened(given("a.hints.json", content))


def test_more_hints_than_the_page_takes_are_words():
    text = dump([Hint(0, 0, None)] * 101)
    assert hints.opened(given("a", text.encode())) == (
        "this page takes up to 100 hints, and these are 101"
    )
