import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, TiffImagePlugin

from colornet.images import heic, photo
from colornet.images.photo import PhotoError
from support import colour_profiles

HEIC = Path(__file__).parent / "data" / "chelsea.heic"  # CC0, see tests/test_original.py
with_heif = pytest.mark.skipif(not heic.readable(), reason="needs pi-heif")
WHITE, RED = (255, 255, 255), (200, 30, 40)


def content(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def colourful(width=64, height=48):
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    stripes = np.stack([128 + 120 * np.sin(9 * x), 255 * y.clip(0, 1), 128 + 120 * np.cos(7 * x)])
    return Image.fromarray(stripes.transpose(1, 2, 0).astype(np.uint8))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


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


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGBA", {}),
        ("LA", {}),
        ("P", {"transparency": 0}),  # one colour of the palette
        ("P", {"transparency": bytes(256)}),  # an alpha for each colour
        ("L", {"transparency": 0}),  # one shade
        ("RGB", {"transparency": (0, 0, 0)}),
    ],
)
def test_transparency_is_laid_on_white(mode, options):
    assert photo.read(content(Image.new(mode, (40, 40)), **options)).getpixel((20, 20)) == WHITE


def test_half_transparent_is_half_white():
    half = photo.read(content(Image.new("RGBA", (40, 40), (255, 0, 0, 128))))
    assert half.getpixel((0, 0)) == (255, 127, 127)


def test_cmyk_becomes_rgb():
    cyan = Image.new("CMYK", (40, 40), (255, 0, 0, 0))
    assert np.allclose(photo.read(content(cyan, "JPEG")).getpixel((9, 9)), (0, 255, 255), atol=12)
    assert photo.read(content(cyan, "TIFF")).getpixel((9, 9)) == (0, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bit_grey_is_scaled_not_clipped(kind):
    ramp = np.linspace(0, 40_000, 64).astype(np.uint16)
    read = photo.grey(photo.read(content(Image.fromarray(np.tile(ramp, (40, 1))), kind)))
    assert np.abs(read[0] - ramp / 257).max() <= 1


def test_16_bit_negatives_are_turned_round(tmp_path):
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (40, 1))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0  # PhotometricInterpretation: WhiteIsZero
    Image.fromarray(ramp).save(tmp_path / "n.tif", tiffinfo=tags)
    written = Image.open(tmp_path / "n.tif")
    assert written.tag_v2[262] == 0
    written.close()
    assert photo.read(tmp_path / "n.tif").getpixel((0, 0)) == (255, 255, 255)
    assert photo.read(tmp_path / "n.tif").getpixel((63, 0)) == (0, 0, 0)


def test_16_bit_colour_is_scaled_not_clipped():
    rows = (b"\x00" + struct.pack(">HHH", 0x8000, 0x4000, 0xFFFF) * 40) * 40
    assert photo.read(png(40, 40, 16, 2, rows)).getpixel((9, 9)) == (0x80, 0x40, 0xFF)


@pytest.mark.parametrize("white", [1, 255, 65535, 1000000])
def test_floats_are_scaled_to_their_white(white):
    ramp = np.linspace(0, white, 64, dtype=np.float32)
    read = photo.grey(photo.read(content(Image.fromarray(np.tile(ramp, (40, 1))), "TIFF")))
    assert (read[0, 0], read[0, -1]) == (0, 255)
    assert np.abs(np.diff(read[0].astype(int)) - 4).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_mode_becomes_the_same_rgb(mode):
    image = Image.new("RGB", (40, 40), "white").convert(mode)
    read = photo.read(content(image))
    assert (read.mode, read.getpixel((20, 20))) == ("RGB", WHITE)


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG"):
        data = content(frames[0], kind, save_all=True, append_images=frames[1:])
        assert photo.read(data).getpixel((9, 9)) == (255, 0, 0)


def test_a_path_and_an_open_file_read_alike(tmp_path):
    file = tmp_path / "a.png"
    colourful().save(file)
    with open(file, "rb") as stream:
        pictures = [photo.read(file), photo.read(str(file)), photo.read(stream)]
    assert {picture.tobytes() for picture in pictures} == {colourful().tobytes()}


@pytest.mark.parametrize(
    "data", [b"", b"no picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(PhotoError, match="^is no picture$"):
        photo.read(data)


def test_a_tiff_of_a_kind_that_cannot_be_read_is_named_as_such(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((40, 40, 3)), photometric="rgb")  # 64-bit floats
    with pytest.raises(PhotoError, match="unusual TIFF, save it with 8 bits"):
        photo.read(tmp_path / "a.tif")


def test_what_would_start_another_program_is_refused():
    postscript = content(colourful(), "EPS")
    assert Image.open(io.BytesIO(postscript)).format == "EPS"
    with pytest.raises(PhotoError, match="^is no picture$"):
        photo.read(postscript)


def test_a_heic_picture_is_named_as_such_where_it_cannot_be_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(PhotoError, match="HEIC.*save it as JPEG"):
        photo.read(HEIC.read_bytes())


@with_heif
def test_a_heic_picture_is_read():
    read = photo.read(HEIC)
    assert (read.mode, read.size) == ("RGB", (75, 112))


@with_heif
def test_a_heic_picture_that_crashes_its_decoder_is_refused():
    data = bytearray(HEIC.read_bytes())
    data[110], data[174:176] = 0, bytes([218, 90])  # found by benchmarks/fuzz.py
    with pytest.raises(PhotoError, match="^is damaged$"):
        photo.read(bytes(data))


@with_heif
def test_other_broken_heic_pictures_are_refused():
    for data in (HEIC.read_bytes()[:1500], b"\0\0\0\x18ftypheic" + bytes(40)):
        with pytest.raises(PhotoError, match="^is (no picture|damaged)$"):
            photo.read(data)
    with pytest.raises(PhotoError, match="^has 8,400 pixels, more .* 7,000 for HEIC$"):
        photo.read(HEIC, max_pixels=10_000)


def test_a_colour_profile_is_converted_to_srgb():
    # A colour of Adobe RGB (1998) by hand: to linear light, by both matrices, to sRGB's curve
    given = np.array([180, 120, 90])
    wide, srgb = (np.array(c).T for c in (colour_profiles.ADOBE, colour_profiles.SRGB))
    linear = np.linalg.solve(srgb, wide @ (given / 255) ** (563 / 256))
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    image = Image.new("RGB", (40, 40), tuple(given))
    for kind in ("PNG", "TIFF", "WEBP"):
        lossless = {"lossless": True} if kind == "WEBP" else {}
        data = content(image, kind, icc_profile=colour_profiles.rgb(), **lossless)
        assert np.abs(photo.read(data).getpixel((9, 9)) - expected).max() <= 1
    assert np.abs(expected - given).max() > 15


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_colour_profile_holds_for_transparent_and_palette_pictures(mode):
    wide = {"icc_profile": colour_profiles.rgb()}
    plain = Image.new("RGB", (40, 40), (180, 120, 90))
    other = plain.quantize(2) if mode == "P" else plain.convert(mode)
    read = photo.read(content(other, **wide))
    assert read.getpixel((0, 0)) == photo.read(content(plain, **wide)).getpixel((0, 0))


def test_a_grey_profile_is_converted_to_srgb():
    linear = {"icc_profile": colour_profiles.grey(gamma=1.0)}
    for mode in ("L", "LA"):
        image = Image.new(mode, (40, 40), 55 if mode == "L" else (55, 255))
        level = 255 * (1.055 * (55 / 255) ** (1 / 2.4) - 0.055)
        assert np.allclose(photo.read(content(image, **linear)).getpixel((9, 9)), level, atol=1)


def test_a_profile_of_inks_is_applied_before_anything_else():
    inks = {"icc_profile": colour_profiles.cmyk()}  # cyan is grey there, magenta nothing
    for ink, level in (((0, 255, 0, 0), 255), ((255, 0, 0, 0), 119)):
        for kind in ("TIFF", "JPEG"):
            data = content(Image.new("CMYK", (40, 40), ink), kind, **inks)
            assert np.allclose(photo.read(data).getpixel((9, 9)), level, atol=2)


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        colour_profiles.rgb(name="sRGB IEC61966-2.1"),
        b"no profile",
        colour_profiles.rgb()[:300],
        colour_profiles.grey(),  # of another mode
        colour_profiles.cmyk(),
    ],
    ids=["sRGB", "named sRGB", "nonsense", "cut", "grey", "inks"],
)
def test_other_profiles_change_nothing(profile):
    assert photo.read(content(colourful(), icc_profile=profile)).tobytes() == colourful().tobytes()


def test_too_many_bytes_are_refused_before_reading(tmp_path):
    data = content(colourful())
    (tmp_path / "a.png").write_bytes(data)
    limit = len(data) - 1
    for file in (data, tmp_path / "a.png", io.BytesIO(data)):
        with pytest.raises(PhotoError, match=f"^has {limit + 1:,} bytes, more than .* {limit:,}$"):
            photo.read(file, max_bytes=limit)
        assert photo.read(file, max_bytes=limit + 1).size == (64, 48)


def test_large_pictures_are_read_whole_though_by_strips(monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 4), np.uint8)
    data = content(Image.fromarray(noise))
    whole = photo.read(data)
    monkeypatch.setattr("colornet.images.srgb.STRIP", 200)
    assert photo.read(data).tobytes() == whole.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_cut_file_is_refused(kind):
    data = content(colourful(200, 200), kind)
    with pytest.raises(PhotoError):
        photo.read(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cut_file_is_called_truncated(kind):
    data = content(colourful(200, 200), kind)
    with pytest.raises(PhotoError, match="^is truncated$"):
        photo.read(data[: len(data) // 2])


def test_a_broken_exif_block_does_not_matter():
    data = content(colourful(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert photo.read(data).size == (64, 48)


# 9,486 squared lies between Pillow's warning and our limit, 10,001 above ours, 20,000 above all.
@pytest.mark.parametrize("side", [10_001, 20_000])
def test_too_many_pixels_are_refused_before_decoding(side):
    with pytest.raises(PhotoError, match=f"^has {side**2:,} pixels, more than the limit of 100,0"):
        photo.read(png(side, side, 8, 2))


def test_pillow_does_not_warn_below_our_limit():
    with pytest.raises(PhotoError, match="truncated|damaged"):  # the header was accepted
        photo.read(png(9_486, 9_486, 8, 0))


def test_the_limit_of_pixels_can_be_chosen():
    with pytest.raises(PhotoError, match="3,072 pixels, more than the limit of 3,071"):
        photo.read(content(colourful()), max_pixels=3071)
    assert photo.read(content(colourful()), max_pixels=3072).size == (64, 48)


def test_formats_that_take_more_memory_have_a_lower_limit():
    for kind, options in (("WEBP", {}), ("JPEG2000", {}), ("JPEG", {"progressive": True})):
        data = content(colourful(), kind, **options)
        with pytest.raises(PhotoError, match=f"more than the limit of [0-9,]+ for .*{kind}$"):
            photo.read(data, max_pixels=3072)
        assert photo.read(data, max_pixels=30720).size == (64, 48)


def test_smaller_than_32_pixels_is_refused():
    assert photo.read(content(colourful(32, 32))).size == (32, 32)
    with pytest.raises(PhotoError, match="smaller than 32 pixels"):
        photo.read(content(colourful(500, 31)))


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        photo.read(tmp_path / "none.jpg")


def test_grey_is_pillows():
    assert np.array_equal(photo.grey(colourful()), np.asarray(colourful().convert("L")))


@pytest.mark.parametrize("noise", [0, 6])
def test_grey_saved_as_colour_jpeg_is_grey(noise):
    values = np.asarray(colourful(256, 192).convert("L").convert("RGB"), float)
    values += np.random.default_rng(0).normal(0, noise, values.shape)
    image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    assert photo.is_grey(photo.read(content(image, "JPEG", quality=60)))


def test_a_sepia_scan_is_grey():
    lightness = np.asarray(colourful(256, 192).convert("L"), float)[..., None]
    sepia = (lightness * (1, 0.93, 0.8)).round().astype(np.uint8)
    assert photo.is_grey(photo.read(content(Image.fromarray(sepia), "JPEG", quality=80)))


def test_a_picture_of_one_strong_colour_is_not_grey():
    assert not photo.is_grey(Image.new("RGB", (64, 64), RED))


def test_a_small_coloured_thing_makes_a_colour_picture():
    image = colourful(256, 192).convert("L").convert("RGB")
    assert photo.is_grey(image)
    image.paste(RED, (100, 80, 140, 110))
    assert not photo.is_grey(image)


def test_reading_photographs_loads_no_network():
    code = "import sys, colornet.images.photo; print({'keras', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
