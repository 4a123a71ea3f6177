"""Pictures made of dots: which ones are found, and what becomes of them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from colornet.images import dots

GALLERY = sorted(Path("data/gallery").glob("*.jpg"))
MADE = {
    "error diffusion": lambda grey: grey.convert("1"),
    "ordered": lambda grey: ordered(grey),
    "round dots 3 pixels apart": lambda grey: printed(grey, pitch=3),
    "round dots 4 pixels apart": lambda grey: printed(grey, pitch=4),
    "round dots 8 pixels apart": lambda grey: printed(grey, pitch=8),
    "round dots 12 pixels apart": lambda grey: printed(grey, pitch=12),
    "softly scanned dots": lambda grey: printed(grey, pitch=6).filter(
        ImageFilter.GaussianBlur(0.7)
    ),
}


def large(file: Path) -> Image.Image:
    """A gallery photograph in grey, its longer side 768 pixels."""
    grey = Image.open(file).convert("L")
    return grey.resize((grey.width * 3, grey.height * 3), Image.Resampling.BICUBIC)


def ordered(grey: Image.Image) -> Image.Image:
    """Dithered with Bayer's 4 x 4 matrix."""
    two = np.array([[0, 2], [3, 1]])
    matrix = np.block([[4 * two + add for add in row] for row in two]) / 16 + 1 / 32
    limits = np.tile(matrix, (grey.height // 4 + 1, grey.width // 4 + 1))
    return dithered(grey, limits[: grey.height, : grey.width])


def printed(grey: Image.Image, *, pitch: int) -> Image.Image:
    """Round dots on a grid turned by 45 degrees, as newspapers print a photograph."""
    y, x = np.mgrid[: grey.height, : grey.width] * (2 * np.pi / pitch / 2**0.5)
    waves = np.cos(x + y) + np.cos(x - y)
    limits = np.searchsorted(np.sort(waves.ravel()), waves.ravel()) / waves.size
    return dithered(grey, limits.reshape(waves.shape))


def dithered(grey: Image.Image, limits: np.ndarray) -> Image.Image:
    return Image.fromarray(np.where(np.asarray(grey) / 255 > limits, 255, 0).astype(np.uint8))


def page_of_text() -> Image.Image:
    page = Image.new("1", (1240, 1754), 1)
    draw = ImageDraw.Draw(page)
    for line in range(40, 1700, 44):
        text = "The quick brown fox jumps over the lazy dog. " * 2
        draw.text((60, line), text, fill=0, font=ImageFont.load_default(28))
    return page


def decibels(one: Image.Image, other: Image.Image) -> float:
    apart = np.asarray(one.convert("L"), float) - np.asarray(other.convert("L"), float)
    return float(10 * np.log10(255**2 / np.square(apart).mean()))


@pytest.mark.parametrize("how", MADE)
def test_dots_become_the_greys_of_the_photograph(how):
    grey = large(GALLERY[0])
    made = MADE[how](grey).convert("L")
    smooth = dots.removed(made)
    assert smooth.size == grey.size and smooth.mode == "RGB"
    assert decibels(smooth, grey) > decibels(made, grey) + 8
    assert dots.removed(smooth) is None


def test_photographs_have_no_dots():
    assert [file for file in GALLERY if dots.removed(Image.open(file).convert("RGB"))] == []


def test_grain_is_not_taken_for_dots():
    grain = np.random.default_rng(0).normal(0, 25, (576, 768))
    grey = np.asarray(large(GALLERY[0]).resize((768, 576)), float)
    assert dots.removed(Image.fromarray((grey + grain).clip(0, 255).astype(np.uint8))) is None


def test_text_and_drawings_stay_sharp():
    drawing = large(GALLERY[0]).point(lambda grey: 255 * (grey > 127))
    for lines in (page_of_text().convert("L"), drawing):
        assert dots.removed(lines) is None
        assert dots.stays_grey(lines)


def test_only_pictures_in_black_and_white_stay_grey():
    assert dots.stays_grey(Image.new("RGB", (64, 64), "white"))
    assert dots.stays_grey(large(GALLERY[0]).convert("1").convert("RGB"))
    assert [file for file in GALLERY if dots.stays_grey(Image.open(file).convert("RGB"))] == []


def test_a_picture_of_32_pixels_is_looked_at_as_a_whole():
    grey = Image.linear_gradient("L").resize((32, 32))
    assert dots.removed(grey) is None
    assert dots.removed(grey.convert("1").convert("L")) is not None
