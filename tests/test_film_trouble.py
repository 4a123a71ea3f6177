"""A film that is broken or above a limit gets one sentence, or is coloured as far as it goes."""

import struct
from fractions import Fraction

import av
import pytest

from colornet.film import source
from colornet.images.limits import PhotoError
from support.films import coloured, contents, make, sound_stream, sounds
from support.pictures import colourful

pytestmark = pytest.mark.slow
HOURS = 8 * 3600
UNREAD = "is no film that can be read; it may be cut off or broken"


def why(file, **options) -> str:
    target = file.parent / "out.mkv"
    with pytest.raises(PhotoError) as raised:
        coloured(file, target, **options)
    assert sorted(each.name for each in file.parent.iterdir()) == [file.name]
    return str(raised.value)


def test_files_that_are_no_films_are_named(tmp_path):
    file = tmp_path / "a.mp4"
    for content in (b"", b"notes " * 1000, bytes(10_000)):
        file.write_bytes(content)
        assert why(file) == UNREAD
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        colourful(0).save(file, kind)
        assert why(file) == f"is a picture ({kind}), named like a film"


def test_a_list_of_other_files_is_no_film(tmp_path):
    (tmp_path / "a.mp4").write_text("#EXTM3U\n#EXTINF:9,\nfile:/etc/hostname\n")
    assert why(tmp_path / "a.mp4").startswith("is no film")
    (tmp_path / "a.mp4").write_text("ffconcat version 1.0\nfile 'b.mp4'\n")
    assert why(tmp_path / "a.mp4").startswith("is no film")


def test_a_file_with_sound_alone_is_named(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        out.mux(list(sounds(sound_stream(out, "aac"), Fraction(1))))
    assert why(tmp_path / "a.mp4") == "holds only sound"


def test_a_film_that_is_cut_off_is_coloured_as_far_as_it_goes(tmp_path):
    for name in ("a.mkv", "a.avi", "a.webm"):
        film = make(tmp_path / name, count=100, size=(96, 64))
        film.write_bytes(film.read_bytes()[: film.stat().st_size * 6 // 10])
        result = coloured(film, tmp_path / "out.mkv")
        assert 20 < result.frames < 90
        assert len(contents(tmp_path / "out.mkv").frames) == result.frames
        assert any(note.startswith("ends at 0:0") for note in result.notes)


def test_a_cut_off_film_without_its_index_is_named(tmp_path):
    film = make(tmp_path / "a.mp4")
    film.write_bytes(film.read_bytes()[:-200])
    assert why(film) in (UNREAD, "holds no frame that can be decoded")


def test_broken_bytes_in_the_middle_lose_frames_and_no_more(tmp_path):
    film = make(tmp_path / "a.mkv", count=100, options={"g": "10"})
    content = bytearray(film.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(range(200))
    film.write_bytes(content)
    result = coloured(film, tmp_path / "out.mkv")
    assert 30 < result.frames < 100
    assert contents(tmp_path / "out.mkv").times == contents(film).times


def eight_hours(film):
    """Makes the header of a Matroska film say that it lasts eight hours."""
    content = bytearray(film.read_bytes())
    at = content.index(b"\x44\x89\x88") + 3
    content[at : at + 8] = struct.pack(">d", HOURS * 1000.0)
    film.write_bytes(content)
    return film


def test_a_header_of_eight_hours_is_above_the_limit_or_not_believed(tmp_path):
    film = eight_hours(make(tmp_path / "a.mkv"))
    assert why(film) == "lasts 8:00:00, longer than the limit of 4:00:00"
    result = coloured(film, tmp_path / "out.mkv", max_seconds=HOURS)
    assert result.frames == 12
    assert result.notes == ("ends at 0:00, not at 8:00:00 as its header says",)


def test_a_film_longer_than_its_header_says_meets_the_limit_too(tmp_path):
    film = make(tmp_path / "a.mkv", count=100)
    content = bytearray(film.read_bytes())
    at = content.index(b"\x44\x89\x88") + 3
    content[at : at + 8] = struct.pack(">d", 100.0)
    film.write_bytes(content)
    assert why(film, max_seconds=1) == "lasts 0:03, longer than the limit of 0:01"


def test_limits_of_pixels_and_of_the_smallest_side_hold(tmp_path):
    film = make(tmp_path / "a.mkv", count=2)
    assert why(film, max_pixels=3000) == "has 3,072 pixels, more than the limit of 3,000"
    film = make(tmp_path / "a.mkv", count=2, size=(64, 16))
    assert why(film) == "is smaller than 32 pixels"


def test_hdr_is_named(tmp_path):
    film = make(tmp_path / "a.mkv", options={"color_trc": "smpte2084"})
    assert why(film) == "is HDR; convert it to SDR first"


def test_times_that_do_not_rise_are_moved_and_all_frames_stay(tmp_path):
    stored = [0, 40, 40, 40, 80, 120, 120, 160, 200, 240, 280, 320]
    base = Fraction(1, 1000)
    film = make(tmp_path / "a.mkv", codec="mjpeg", pixels="yuvj420p", base=base, stored=stored)
    result = coloured(film, tmp_path / "out.mkv")
    assert result.notes == ("3 times of frames were missing or wrong",)
    times = contents(tmp_path / "out.mkv").times
    assert len(times) == 12 and sorted(set(times)) == times
    assert all(abs(a - b * base) < Fraction(1, 200) for a, b in zip(times, stored, strict=True))


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        coloured(tmp_path / "gone.mp4", tmp_path / "out.mp4")


def test_names_with_any_characters_are_read(tmp_path):
    for name in (
        "http:a.mp4",
        "ä b%20'\".mp4",
        "-i.mp4",
        b"\xff.mp4".decode("utf-8", "surrogateescape"),
    ):
        film = make(tmp_path / "a.mp4", count=2).rename(tmp_path / name)
        assert coloured(film, tmp_path / f"out-{name}").frames == 2


def test_clock_shows_hours_where_there_are_any():
    assert [source.clock(n) for n in (0, 59.9, 61, 3600)] == ["0:00", "0:59", "1:01", "1:00:00"]
