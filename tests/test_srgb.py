import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from colornet.images import photo, srgb
from support import colour_profiles
from support.pictures import content, png_file, waves

WHITE = (255, 255, 255)


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
def test_transparent_parts_become_white(mode, options):
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


def test_a_16_bit_tiff_whose_0_is_white_is_inverted(tmp_path):
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
    assert photo.read(png_file(40, 40, 16, 2, rows)).getpixel((9, 9)) == (0x80, 0x40, 0xFF)


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
def test_a_colour_profile_is_converted_in_transparent_and_palette_pictures(mode):
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


def test_a_cmyk_profile_is_converted_to_srgb():
    inks = {"icc_profile": colour_profiles.cmyk()}  # there cyan is grey and magenta is white
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
    ids=["sRGB", "named sRGB", "nonsense", "cut", "grey", "CMYK"],
)
def test_other_profiles_change_nothing(profile):
    assert photo.read(content(waves(), icc_profile=profile)).tobytes() == waves().tobytes()


def test_strips_leave_no_trace_in_the_picture(monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 4), np.uint8)
    data = content(Image.fromarray(noise))
    at_once = photo.read(data)
    monkeypatch.setattr("colornet.images.srgb.STRIP", 200)
    assert photo.read(data).tobytes() == at_once.tobytes()


def test_transparent_parts_keep_their_stored_colours():
    image = waves().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture, alpha = srgb.split(image)
    assert (picture.mode, alpha.mode) == ("RGB", "L")
    assert picture.tobytes() == waves().tobytes()
    assert alpha.tobytes() == image.getchannel("A").tobytes()


def test_an_opaque_picture_has_no_opacity():
    assert srgb.split(waves().convert("RGBA"))[1] is None
    assert srgb.on_white(waves(), None).tobytes() == waves().tobytes()


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_strips_cover_a_picture_once(rows, monkeypatch):
    monkeypatch.setattr(srgb, "STRIP", 30 * rows)
    covered = np.zeros((50, 30), int)
    for left, top, right, bottom in srgb.strips(Image.new("L", (30, 50))):
        covered[top:bottom, left:right] += 1
    assert (covered == 1).all()
