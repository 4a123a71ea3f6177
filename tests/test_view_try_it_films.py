"""The Try it page: what visitors see of a film that they drop."""

import pytest

from colornet.film.film import Result
from dashboard import films
from dashboard.attempt import Given
from support.pages import ran
from support.project import make_run
from support.try_it import (  # noqa: F401 the fixtures
    drop,
    encoded,
    labels,
    offered_downloads,
    opened,
    replaced_networks,
    said,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("root", "asked")]


class Colouring:
    """Replaces `Colorizer.film`; lists the films that it gets, and what it tells of them."""

    def __init__(self):
        self.calls = []
        self.error = None
        self.result = Result(3, False, (), ())

    def film(self, network, source, target, *, progress, **limits):
        self.calls.append((network, source, source.read_bytes(), limits))
        progress(1, 3)
        if self.error:
            raise self.error
        target.write_bytes(b"coloured " + source.read_bytes())
        return self.result


@pytest.fixture
def colouring(asked, monkeypatch) -> Colouring:
    from colornet import colorizer

    replaced = Colouring()
    # A function, so that it gets the network as a method does
    monkeypatch.setattr(
        colorizer.Colorizer, "film", lambda *given, **more: replaced.film(*given, **more), False
    )
    return replaced


def videos(page) -> list:
    return [element.proto for element in page.get("video")]


def test_a_film_is_played_in_colour_beside_the_original(root, colouring, offered):
    make_run(root, "one")
    page = drop(opened(), ("my film.mov", b"film"))
    assert len(videos(page)) == 2
    assert "original" in said(page) and "coloured by one" in said(page)
    name, content = offered[-1]
    assert (name, content()) == ("my_film-one.mp4", b"coloured film")
    (network, source, _, limits), *others = colouring.calls
    assert not others and source.name == "film.mov" and not source.exists()
    assert network.saturation == 1.5
    assert limits == {"max_pixels": 1920 * 1080, "max_seconds": 30}


def test_the_limits_of_films_are_on_the_page(root, asked):
    make_run(root, "one")
    assert "A film may have 30 seconds and 1920 x 1080 pixels" in said(ran(opened()))


def test_a_film_is_coloured_once_until_the_saturation_changes(root, colouring):
    make_run(root, "one")
    page = drop(opened(), ("film.mp4", b"film"))
    ran(page)
    assert len(colouring.calls) == 1
    page.slider[0].set_value(0.5)
    ran(page)
    assert [network.saturation for network, *_ in colouring.calls] == [1.5, 0.75]


def test_only_the_first_chosen_run_colours_films_and_after_the_photographs(root, colouring):
    make_run(root, "one")
    make_run(root, "two")
    page = drop(opened(), ("film.mp4", b"film"), ("cat.png", encoded()))
    assert labels(page) == ["coloured by one", "coloured by two"]
    assert [network.name for network, *_ in colouring.calls] == ["one"]


def test_an_original_that_browsers_do_not_play_is_not_shown(root, colouring):
    make_run(root, "one")
    page = drop(opened(), ("film.avi", b"film"))
    assert len(videos(page)) == 1 and "Browsers do not play the original." in said(page)


def test_a_bad_film_gets_a_sentence(root, colouring):
    make_run(root, "one")
    colouring.error = ValueError("lasts 1:02, longer than the limit of 0:30")
    page = drop(opened(), ("film.mp4", b"film"))
    assert page.warning[0].value == "`film.mp4` lasts 1:02, longer than the limit of 0:30."
    assert not videos(page)


def test_what_the_copy_lacks_is_said(root, colouring):
    make_run(root, "one")
    colouring.result = Result(3, True, ("interlaced",), ("audio (pcm_s16le)",))
    page = drop(opened(), ("film.mp4", b"film"))
    assert "coloured by one; interlaced; without audio (pcm_s16le)" in said(page)


def test_a_broken_run_gets_a_sentence(root, colouring):
    make_run(root, "one").joinpath("model.keras").write_bytes(b"broken")
    page = drop(opened(), ("film.mp4", b"film"))
    assert "is broken: train it again." in page.error[0].value and not colouring.calls


def test_one_film_waits_for_another():
    class Bar:
        def progress(self, share, text):
            assert "Another film is being coloured" in text
            films._busy.release()

    films._busy.acquire()
    with films._turn(Bar()):
        assert films._busy.locked()
    assert not films._busy.locked()


def test_work_that_is_stopped_lets_the_next_film_begin(colouring):
    from colornet.colorizer import Colorizer

    class Leaving(BaseException):
        """As Streamlit ends a run whose visitor has left."""

    colouring.error = Leaving()
    given = Given("1", "film.mp4", lambda: b"film")
    network = Colorizer.__new__(Colorizer)
    with pytest.raises(Leaving):
        films.coloured(given, network, saturation=1.0)
    assert not films._busy.locked() and not colouring.calls[0][1].parent.exists()


@pytest.mark.parametrize(
    ("total", "expected"),
    [(100, "Frame 50 of 100 · 25 frames/s · 2 s left"), (None, "Frame 50 · 25 frames/s")],
)
def test_progress_tells_frames_a_second_and_the_time_that_is_left(total, expected):
    assert films.words(50, total, 2.0) == expected


def test_frames_beyond_what_the_header_says_leave_no_time():
    assert films.words(120, 100, 2.0).endswith("· 0 s left")
