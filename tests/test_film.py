"""A coloured film has other colours, and else what its source has."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.film import source
from colornet.film.work import Painter
from support.films import PAINTER, coloured, constant, contents, make, red, shades

pytestmark = pytest.mark.slow
UNEVEN = [0, 1, 2, 5, 6, 7, 8, 9, 15, 16, 17, 30]


def test_frames_have_their_own_times_even_at_an_uneven_rate(tmp_path):
    for name in ("a.mp4", "a.mkv", "a.mov"):
        film = make(tmp_path / name, times=UNEVEN)
        coloured(film, tmp_path / f"out-{name}")
        after = contents(tmp_path / f"out-{name}")
        assert after.times == contents(film).times == [Fraction(n, 25) for n in UNEVEN]


def test_frames_become_coloured_and_keep_their_lightness(tmp_path):
    film = make(tmp_path / "a.mp4")
    assert coloured(film, tmp_path / "out.mp4").frames == 12
    before, after = (np.array(contents(tmp_path / n).frames, int) for n in ("a.mp4", "out.mp4"))
    assert before.shape == after.shape
    assert np.abs(after[..., 1] - before[..., 1]).mean() < 2
    assert 15 < (after[..., 0] - after[..., 1]).mean() < 25


def test_sound_and_subtitles_are_copied_with_their_times(tmp_path):
    streams = {
        "a.mp4": {"sound": "aac", "subtitles": "mov_text"},
        "a.mkv": {"sound": "libopus", "subtitles": "subrip"},
        "a.mov": {"sound": "pcm_s16le"},
        "a.webm": {"sound": "libopus"},
    }
    for name, kinds in streams.items():
        film = make(tmp_path / name, **kinds)
        result = coloured(film, tmp_path / f"out-{name}")
        before, after = contents(film), contents(tmp_path / f"out-{name}")
        assert after.others == before.others and len(after.others) == len(kinds)
        assert after.kinds == before.kinds and result.not_kept == ()


def test_films_that_cannot_hold_h264_become_matroska_with_all_sound(tmp_path):
    for name, sound in (("a.avi", "libmp3lame"), ("a.mpg", "mp2")):
        film = make(tmp_path / name, sound=sound, size=(96, 64))
        coloured(film, tmp_path / "out.mkv", quality=60)
        before, after = contents(film), contents(tmp_path / "out.mkv")
        shift = before.times[0] - after.times[0]  # MPEG's clocks begin anywhere
        moved = [b - a for a, b in zip(after.times, before.times, strict=True)]
        sound = list(zip(after.others[1], before.others[1], strict=True))
        assert all(a[1] == b[1] for a, b in sound)
        moved += [b[0] - a[0] for a, b in sound]
        assert all(abs(each - shift) <= Fraction(1, 1000) for each in moved)


def test_a_stream_that_the_container_cannot_hold_is_named(tmp_path):
    film = make(tmp_path / "a.mkv", sound="aac", subtitles="subrip")
    result = coloured(film, tmp_path / "out.mp4")
    assert result.not_kept == ("subtitle (srt)",)
    assert contents(tmp_path / "out.mp4").kinds == ["video h264", "audio aac"]


def test_title_and_date_stay_and_the_mark_is_added(tmp_path):
    about = {"title": "Sunday", "date": "1937", "artist": "A. N."}
    for name in ("a.mp4", "a.mkv"):
        film = make(tmp_path / name, metadata=about)
        coloured(film, tmp_path / f"out-{name}", xmp=lambda _: b"<xmp/>")
        after = contents(tmp_path / f"out-{name}").metadata
        found = {key.lower(): value for key, value in after.items()}
        assert about.items() <= found.items()
        assert found.get("xmp") == "<xmp/>" or found["aisystemversionused"] == "tiny"


def test_rotation_and_pixel_aspect_stay(tmp_path):
    for angle in (90, 180, -90):
        film = make(tmp_path / "a.mp4", turned=angle, aspect=Fraction(4, 3))
        coloured(film, tmp_path / "out.mp4")
        before, after = contents(film), contents(tmp_path / "out.mp4")
        assert after.rotation == before.rotation and abs(after.rotation) == abs(angle)
        assert (after.width, after.height, after.aspect) == (64, 48, Fraction(4, 3))


def test_the_network_sees_a_turned_film_upright(tmp_path):
    film = make(tmp_path / "a.mp4", turned=90, count=2)
    seen = []

    def colours(grey: Image.Image):
        seen.append(grey)
        return constant(grey)

    coloured(film, tmp_path / "out.mp4", Painter(colours, red, {}))
    stored = Image.fromarray(contents(film).frames[0]).convert("L")
    assert seen[0].size == (48, 64)
    upright = np.asarray(stored.transpose(Image.Transpose.ROTATE_90), int)
    assert np.abs(np.asarray(seen[0], int) - upright).mean() < 2


def test_a_comparison_shows_grey_on_the_left_as_it_is_seen(tmp_path):
    film = make(tmp_path / "a.mp4", turned=90, count=2)
    coloured(film, tmp_path / "out.mp4", compare=True)
    after = contents(tmp_path / "out.mp4")
    assert (after.width, after.height) == (64, 96)
    shown = np.rot90(after.frames[0]).astype(int)
    left, right = shown[:, :48], shown[:, 48:]
    assert abs((left[..., 0] - left[..., 1]).mean()) < 2 < (right[..., 0] - right[..., 1]).mean()


def test_odd_sizes_stay(tmp_path):
    for name, codec in (("a.mkv", "ffv1"), ("a.webm", "libvpx-vp9")):
        film = make(tmp_path / name, codec=codec, size=(63, 47))
        coloured(film, tmp_path / f"out-{name}")
        after = contents(tmp_path / f"out-{name}")
        assert (after.width, after.height, len(after.frames)) == (63, 47, 12)


def test_ten_bits_become_eight_which_is_said(tmp_path):
    film = make(tmp_path / "a.mov", codec="prores_ks", pixels="yuv422p10le")
    assert coloured(film, tmp_path / "out.mov").notes == ("10 bits become 8",)
    before, after = contents(film), contents(tmp_path / "out.mov")
    difference = np.array(before.frames, int)[..., 1] - np.array(after.frames)[..., 1]
    assert np.abs(difference).mean() < 2


def test_interlaced_film_is_said_and_stays_interlaced(tmp_path):
    film = make(tmp_path / "a.mp4", options={"x264-params": "tff=1"}, size=(64, 64))
    assert coloured(film, tmp_path / "out.mp4").notes == ("interlaced",)
    options = {"max_pixels": 10**6, "max_seconds": 60}
    assert source.read(tmp_path / "out.mp4", **options).interlaced == "tff"


def test_a_film_in_colour_is_made_grey_with_the_luma_of_pictures(tmp_path):
    film = make(tmp_path / "a.mp4", colour=True, matrix=1, options={"crf": "5"})
    assert coloured(film, tmp_path / "out.mp4").made_grey
    rgb = contents(film).frames[3]
    grey = np.asarray(Image.fromarray(rgb).convert("L"), int)
    after = contents(tmp_path / "out.mp4")
    assert after.colorspace == 1
    assert np.abs(after.frames[3][..., 1].astype(int) - grey).mean() < 2.5
    assert not coloured(make(tmp_path / "b.mp4"), tmp_path / "out.mp4").made_grey


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "gray", "yuv444p"])
def test_black_and_white_stay_what_they_are_in_every_range(tmp_path, pixels):
    film = make(tmp_path / "a.mp4", pixels=pixels, options={"crf": "5"}, count=3)
    seen = []

    def colours(grey: Image.Image):
        seen.append(np.asarray(grey, int))
        return constant(grey)

    coloured(film, tmp_path / "out.mp4", Painter(colours, red, {}))
    assert np.abs(seen[1] - shades(3)[1]).mean() < 2


def test_one_frame_is_a_film(tmp_path):
    assert coloured(make(tmp_path / "a.mp4", count=1), tmp_path / "out.mp4").frames == 1
    assert len(contents(tmp_path / "out.mp4").frames) == 1


def test_every_common_codec_is_read(tmp_path):
    codecs = {
        "mpeg2video": "a.mpg",
        "mpeg4": "a.avi",
        "mjpeg": "b.avi",
        "libx265": "a.mp4",
        "libvpx-vp9": "a.webm",
        "libsvtav1": "b.mp4",
        "prores_ks": "a.mov",
    }
    for codec, name in codecs.items():
        pixels = {"mjpeg": "yuvj420p", "prores_ks": "yuv422p10le"}.get(codec, "yuv420p")
        film = make(tmp_path / name, codec=codec, pixels=pixels, count=5)
        assert coloured(film, tmp_path / "out.mkv").frames == 5
        assert contents(tmp_path / "out.mkv").kinds == ["video h264"]


def test_without_x264_it_becomes_vp9(tmp_path, monkeypatch):
    monkeypatch.setattr("av.codecs_available", {"libvpx-vp9"})
    coloured(make(tmp_path / "a.mp4"), tmp_path / "out.mp4")
    assert contents(tmp_path / "out.mp4").kinds == ["video vp9"]


def test_a_lower_quality_takes_fewer_bytes(tmp_path):
    film = make(tmp_path / "a.mp4")
    sizes = []
    for quality in (100, 95, 75, 1):
        coloured(film, tmp_path / "out.mp4", PAINTER, quality=quality)
        sizes.append(Path(tmp_path / "out.mp4").stat().st_size)
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 1.5 * sizes[-1]
