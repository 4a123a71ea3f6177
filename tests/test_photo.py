import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from colornet.images import limits, photo
from colornet.images.photo import PhotoError
from support.pictures import content, png_file, waves

WHITE, RED = (255, 255, 255), (200, 30, 40)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_exif_orientation_is_applied(kind):
    image = Image.new("RGB", (64, 40), "white")
    image.paste(RED, (0, 0, 64, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    upright = photo.read(content(image, kind, exif=exif))
    assert upright.size == (40, 64)
    assert np.allclose(upright.getpixel((37, 32)), RED, atol=12)
    assert np.allclose(upright.getpixel((5, 32)), WHITE, atol=12)


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG"):
        data = content(frames[0], kind, save_all=True, append_images=frames[1:])
        assert photo.read(data).getpixel((9, 9)) == (255, 0, 0)


def test_a_path_and_an_open_file_give_the_same_picture(tmp_path):
    file = tmp_path / "a.png"
    waves().save(file)
    with open(file, "rb") as stream:
        pictures = [photo.read(file), photo.read(str(file)), photo.read(stream)]
    assert {picture.tobytes() for picture in pictures} == {waves().tobytes()}


def test_a_file_that_is_no_picture_is_refused():
    with pytest.raises(PhotoError, match="^is no picture$"):
        photo.read(b"no picture at all")


def test_a_format_that_starts_another_program_is_refused():
    postscript = content(waves(), "EPS")
    assert Image.open(io.BytesIO(postscript)).format == "EPS"
    with pytest.raises(PhotoError, match="^is a PostScript drawing"):
        photo.read(postscript)


def test_too_many_bytes_are_refused_before_reading(tmp_path):
    data = content(waves())
    (tmp_path / "a.png").write_bytes(data)
    limit = len(data) - 1
    for file in (data, tmp_path / "a.png", io.BytesIO(data)):
        with pytest.raises(PhotoError, match=f"^has {limit + 1:,} bytes, more than .* {limit:,}$"):
            photo.read(file, max_bytes=limit)
        assert photo.read(file, max_bytes=limit + 1).size == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_cut_file_is_refused(kind):
    data = content(waves(200, 200), kind)
    with pytest.raises(PhotoError):
        photo.read(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_cut_file_it_is_told_how_much_is_there(kind):
    data = content(waves(200, 200), kind)
    with pytest.raises(PhotoError, match="^is truncated: [0-9]+ % of its (rows|data) are there$"):
        photo.read(data[: len(data) // 2])


def test_a_picture_with_a_broken_exif_block_is_read():
    data = content(waves(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert photo.read(data).size == (64, 48)


# 9,486 squared is between Pillow's warning and our limit, 10,001 squared above our limit, 20,000
# squared above Pillow's, which is twice its MAX_IMAGE_PIXELS.
def test_too_many_pixels_are_refused_before_decoding():
    with pytest.raises(PhotoError, match="^has 100,020,001 pixels, more than the limit of 100,000"):
        photo.read(png_file(10_001, 10_001, 8, 2))


@pytest.mark.parametrize(
    ("max_pixels", "limit"), [(10**8, "100,000,000"), (10**9, f"{limits.PILLOW_PIXELS:,}")]
)
def test_pictures_that_pillow_refuses_are_too_large(max_pixels, limit):
    assert limits.PILLOW_PIXELS == 2 * Image.MAX_IMAGE_PIXELS
    expected = f"^has over {limits.PILLOW_PIXELS:,} pixels, more than the limit of {limit}$"
    with pytest.raises(PhotoError, match=expected):
        photo.read(png_file(20_000, 20_000, 8, 2), max_pixels=max_pixels)


def test_pillow_does_not_warn_below_our_limit():
    with pytest.raises(PhotoError, match="truncated|damaged"):  # the header was accepted
        photo.read(png_file(9_486, 9_486, 8, 0))


def test_the_limit_of_pixels_can_be_chosen():
    with pytest.raises(PhotoError, match="3,072 pixels, more than the limit of 3,071"):
        photo.read(content(waves()), max_pixels=3071)
    assert photo.read(content(waves()), max_pixels=3072).size == (64, 48)


def test_formats_that_take_more_memory_have_a_lower_limit():
    for kind, options in (("WEBP", {}), ("JPEG2000", {}), ("JPEG", {"progressive": True})):
        data = content(waves(), kind, **options)
        with pytest.raises(PhotoError, match=f"more than the limit of [0-9,]+ for .*{kind}$"):
            photo.read(data, max_pixels=3072)
        assert photo.read(data, max_pixels=30720).size == (64, 48)


def test_a_ppm_as_text_has_a_lower_limit_because_it_is_read_slowly():
    data = b"P3\n64 48\n255\n" + b"9 " * (3 * 64 * 48)
    assert photo.read(data).getpixel((5, 5)) == (9, 9, 9)
    with pytest.raises(PhotoError, match="more than the limit of 3,000 for PPM as text$"):
        photo.read(data, max_pixels=60_000)


def test_smaller_than_32_pixels_is_refused():
    assert photo.read(content(waves(32, 32))).size == (32, 32)
    with pytest.raises(PhotoError, match="smaller than 32 pixels"):
        photo.read(content(waves(500, 31)))


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        photo.read(tmp_path / "none.jpg")


def test_grey_is_pillows_mode_l():
    assert np.array_equal(photo.grey(waves()), np.asarray(waves().convert("L")))


@pytest.mark.parametrize("noise", [0, 6])
def test_grey_saved_as_colour_jpeg_is_grey(noise):
    values = np.asarray(waves(256, 192).convert("L").convert("RGB"), float)
    values += np.random.default_rng(0).normal(0, noise, values.shape)
    image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    assert photo.is_grey(photo.read(content(image, "JPEG", quality=60)))


def test_a_sepia_scan_is_grey():
    lightness = np.asarray(waves(256, 192).convert("L"), float)[..., None]
    sepia = (lightness * (1, 0.93, 0.8)).round().astype(np.uint8)
    assert photo.is_grey(photo.read(content(Image.fromarray(sepia), "JPEG", quality=80)))


def test_a_picture_of_one_strong_colour_is_not_grey():
    assert not photo.is_grey(Image.new("RGB", (64, 64), RED))


def test_a_picture_with_a_small_coloured_object_is_not_grey():
    image = waves(256, 192).convert("L").convert("RGB")
    assert photo.is_grey(image)
    image.paste(RED, (100, 80, 140, 110))
    assert not photo.is_grey(image)


def test_reading_photographs_loads_no_network():
    code = "import sys, colornet.images.photo; print({'keras', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
