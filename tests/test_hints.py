"""The file of hints: what is written is read again, and each mistake has a sentence."""

import json

import pytest

from colornet import hints
from colornet.hints import Hint


def file_of(*entries, version=1) -> dict:
    return {"colornet-hints": version, "hints": list(entries)}


HINT = {"x": 0.25, "y": 0.5, "colour": "#2f6b3a"}


def test_what_is_written_is_read_again(tmp_path):
    given = [
        Hint(1 / 3, 0.0, (47, 107, 58)),
        Hint(1.0, 1.0, None, radius=0.05),
        Hint(0.5, 0.5, (0, 0, 0), time=12.4),
    ]
    file = tmp_path / "photo.hints.json"
    file.write_text(hints.dump(given))
    assert hints.read(file) == given
    file.write_text(hints.dump([]))
    assert hints.read(file) == []


def test_a_hint_needs_a_place_and_a_colour_alone():
    assert hints.parse(file_of(HINT)) == [Hint(0.25, 0.5, (47, 107, 58), 0.0, 0.0)]
    assert hints.parse(file_of(HINT | {"colour": "keep", "x": 1})) == [Hint(1.0, 0.5, None)]


def test_a_mark_of_the_byte_order_does_not_matter(tmp_path):
    file = tmp_path / "photo.hints.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(file_of(HINT)).encode())
    assert len(hints.read(file)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], 'the file holds no hints: it must begin with {"colornet-hints": 1'),
        ({"hints": []}, 'the file holds no hints: it must begin with {"colornet-hints": 1'),
        (file_of(version=2), "colornet-hints is 2, and this colornet reads version 1: save the"),
        (file_of(version=True), "colornet-hints is true, and"),
        ({"colornet-hints": 1}, "hints is missing or no list; write [] for none"),
        (file_of() | {"size": 3}, 'the file has the unknown key "size"; remove it'),
        (file_of(*[HINT] * 501), "the file has 501 hints; 500 is the limit"),
        (file_of(HINT, 7), 'hint 2 is 7; write {"x": .., "y": .., "colour": ..}'),
        (file_of({"x": 0, "y": 0}), "hint 1 has no colour; add it"),
        (file_of(HINT | {"color": 1}), 'hint 1 has the unknown key "color"; remove it'),
        (file_of(HINT, HINT | {"x": 1.5}), "hint 2: x is 1.5; write a number from 0 to 1"),
        (file_of(HINT | {"y": "0.5"}), 'hint 1: y is "0.5"; write a number from 0 to 1'),
        (file_of(HINT | {"x": float("nan")}), "hint 1: x is NaN; write a number from 0 to 1"),
        (file_of(HINT | {"x": True}), "hint 1: x is true; write a number from 0 to 1"),
        (file_of(HINT | {"radius": 0.5}), "hint 1: radius is 0.5; write a number from 0 to 0.25"),
        (file_of(HINT | {"time": -1}), "hint 1: time is -1; write a number from 0 up"),
        (file_of(HINT | {"time": float("inf")}), "hint 1: time is Infinity; write a number from"),
        (file_of(HINT | {"colour": "red"}), 'hint 1: colour is "red"; write six digits such as'),
        (file_of(HINT | {"colour": [1, 2, 3]}), "hint 1: colour is [1, 2, 3]; write six digits"),
    ],
)
def test_each_mistake_has_one_sentence(content, sentence):
    with pytest.raises(ValueError) as raised:
        hints.parse(content)
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b'{"colornet-hints": 1', b"\xff\xd8\xff", b"[" * 100_000])
def test_a_file_that_is_no_json_has_a_sentence(tmp_path, content):
    file = tmp_path / "photo.hints.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="^the file is not JSON"):
        hints.read(file)
