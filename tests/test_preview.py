"""What Try it shows of a picture: the colours of its download, in enough pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data

from colornet.images import photo
from dashboard import attempt, downloads
from dashboard.attempt import Given
from support.pages import encoded

AB = np.stack(np.meshgrid(np.linspace(-0.25, 0.25, 64), np.linspace(0.25, -0.25, 48)), axis=-1)
AB = AB.astype("float32")


def photograph(width: int, height: int) -> Image.Image:
    return Image.fromarray(data.astronaut()).resize((width, height))


def lines() -> Image.Image:
    """A drawing in black and white, whose small copy is grey."""
    drawing = Image.new("L", (1600, 1200), 255)
    draw = ImageDraw.Draw(drawing)
    for x in range(0, 1600, 13):
        draw.line((x, 0, x // 2 + 400, 1200), fill=0, width=4)
    return drawing


PICTURES = {
    "photograph": photograph(1500, 1000),
    "small photograph": photograph(90, 60),
    "dithered": photograph(1200, 800).convert("L").convert("1"),
    "drawing": lines(),
    "panorama": photograph(9000, 150),
    "tower": photograph(150, 9000),
}


def shown(given: Given) -> tuple[attempt.Small, np.ndarray]:
    """What the page keeps of a picture, and what it shows in colour: (H, W, 3) float."""
    read = attempt.read(given)
    small = attempt.keep(read)
    jpeg, _ = attempt.coloured(small, AB, saturation=1.0, read=lambda: read)
    return small, np.asarray(photo.read(jpeg), "float")


@pytest.mark.parametrize("name", PICTURES)
def test_the_preview_has_the_colours_of_the_download(name):
    content = encoded(PICTURES[name], kind="PNG")
    given = Given("id", "picture.png", lambda: content)
    small, preview = shown(given)
    with Image.open(io.BytesIO(downloads.original(given, AB, saturation=1.0))) as download:
        assert download.size == small.size
        expected = attempt.shrunk(download, small.grey.size)
    # Up to 3 steps come from JPEG; a small copy of black and white lines would be 16 off
    assert np.abs(preview - np.asarray(expected, "float")).mean() < 4


def test_fine_black_and_white_lines_are_not_shown_in_the_colours_of_their_mean():
    read = attempt.Read(lines().convert("RGB"))
    small = attempt.keep(read)
    assert not small.true
    jpeg, _ = attempt.coloured(small, AB, saturation=1.0, read=lambda: read)
    assert np.ptp(np.asarray(photo.read(jpeg), "int"), axis=-1).mean() < 6
    assert attempt.keep(attempt.Read(photograph(1500, 1000))).true


def test_the_notes_of_reading_reach_the_page():
    content = encoded(PICTURES["dithered"], kind="PNG")
    small, _ = shown(Given("id", "picture.png", lambda: content))
    assert "dots smoothed" in small.notes


def test_a_format_that_is_known_by_its_name_alone_is_read():
    content = encoded(photograph(60, 40), kind="TGA")
    assert attempt.read(Given("id", "scan.tga", lambda: content)).picture.size == (60, 40)
    with pytest.raises(photo.PhotoError):
        attempt.read(Given("id", "scan.jpg", lambda: content))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((300, 200), (300, 200)),
        ((8000, 6000), (512, 384)),
        ((12_000, 200), (9600, 160)),
        ((200, 12_000), (160, 9600)),
        ((40_000, 60), (36_515, 55)),
        ((2000, 450), (512, 115)),
    ],
)
def test_strips_are_kept_in_as_many_pixels_as_scrolling_needs(size, expected):
    assert attempt.shown_size(*size) == expected
